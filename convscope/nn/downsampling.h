#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "convscope/graph/graph.h"

namespace convscope {

/**
 * How a network drops samples: a member of this family stands wherever a convolution or pool had a stride. People write `blur:4`, options
 * in their order with colons between: `blur:4:zero`, `aps:3:l1`.
 */
class Downsampling {
 public:
  virtual ~Downsampling() = default;

  /**
   * A node `name` that keeps every rate-th row and column of x. Places whose results meet share a `choice`: the first one there makes it,
   * where there is one to make.
   */
  virtual Value add(Graph& graph, const std::string& name, Value x, int64_t rate, std::optional<Value>& choice) const = 0;

  /** False: convolutions and pools keep their strides. */
  virtual bool filters() const { return true; }
  /** True: at a convolution or max pool it comes first, in its place or before it. False: behind the activation of a dense one. */
  virtual bool first() const { return false; }
  /** Whether the network's first convolution is changed too, where nobody says so. */
  virtual bool stem() const { return false; }
  /** Whether it is only right where all padding goes on at the other side. */
  virtual bool circular() const { return false; }
};

/** The family. */
const Table<Downsampling>& downsamplings();

/** The member that a text means; an error where it means none. */
std::unique_ptr<Downsampling> downsampling_named(std::string_view text);

}  // namespace convscope
