#pragma once

#include <vector>

#include "convscope/graph/builder.h"

namespace convscope {

/** A piece of a network with a name. It adds a node or a few, and the parameters they read. */
class Layer {
 public:
  virtual ~Layer() = default;
  /**
   * The node is called `name` under the builder's open scopes, its parameters `name.weight`, `name.bias`, …, as in PyTorch's state
   * dicts. A name that was there before shares its parameters.
   */
  virtual Value build(Builder& graph, std::string_view name, Value x) const = 0;
  /** Likewise of several values, for layers that take them together; one value is `build`. */
  virtual Value join(Builder& graph, std::string_view name, std::vector<Value> inputs) const;
  /** Whether it draws random numbers, by its name: a second use under the same name would draw the same. */
  virtual bool draws() const { return false; }
};

/** The family. */
const Table<Layer>& layers();

}  // namespace convscope
