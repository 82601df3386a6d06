#pragma once

#include "convscope/graph/passes.h"

namespace convscope {

/** Walks a graph from its first node to its last and makes a new one; a pass says only what it does differently. */
class Rewrite {
 public:
  explicit Rewrite(const Graph& from) : from_(from), map_(from.nodes().size()), readers_(from.readers()) {}

  Graph to;

  /** What an old value is in the new graph. */
  Value operator()(Value old) const {
    const auto& outputs = map_[static_cast<size_t>(old.node)];
    return outputs[static_cast<size_t>(old.output)];
  }
  std::vector<Value> operator()(const std::vector<Value>& old) const {
    std::vector<Value> all;
    for (const Value v : old) all.push_back((*this)(v));
    return all;
  }

  /** The node as it was. */
  void keep(int node) { put(node, to.add(from_.node(node).name, from_.node(node).op, (*this)(from_.node(node).inputs))); }
  /** Old node `node` is now `v`'s node: output i of one is output i of the other. */
  void put(int node, Value v) {
    auto& outputs = map_[static_cast<size_t>(node)];
    outputs.clear();
    for (size_t i = 0; i < from_.node(node).shapes.size(); ++i) outputs.push_back({v.node, v.output + static_cast<int>(i)});
  }

  /** The only reader of `v`, where it has one, no other output of its node is wanted outside, and its name need not stay. */
  std::optional<int> only_reader(Value v, const Names& keep) const {
    const auto& readers = readers_[static_cast<size_t>(v.node)];
    if (readers.size() != 1 || keep.contains(from_.node(v).name) || from_.output == v) return std::nullopt;
    for (const auto& [name, value] : from_.updates)
      if (value == v) return std::nullopt;
    return readers[0];
  }

  /** Output and updates carried over; an output that was left out is none. */
  Graph finish() && {
    if (from_.output.node >= 0 && !map_[static_cast<size_t>(from_.output.node)].empty()) to.output = (*this)(from_.output);
    for (const auto& [name, value] : from_.updates) to.updates.emplace_back(name, (*this)(value));
    return std::move(to);
  }

 private:
  const Graph& from_;
  std::vector<std::vector<Value>> map_;
  std::vector<std::vector<int>> readers_;
};

}  // namespace convscope
