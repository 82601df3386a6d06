#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/table.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

class GradientSite;

/** What one run of a network knows besides its tensors. Random numbers depend on these alone, never on the place in the batch. */
struct RunContext {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  std::span<const int64_t> samples;  // [N] the samples' numbers in the data set; empty: 0 … N−1
  int64_t sample(int64_t n) const { return samples.empty() ? n : samples[static_cast<size_t>(n)]; }
};

/**
 * One kind of node: what it is called, what shapes it makes, its slow and true kernel, and its gradient as further nodes.
 * An Op is immutable and knows nothing of the graph it stands in; engines know faster ways to do the same.
 */
class Op {
 public:
  virtual ~Op() = default;

  /** Its name in the table of ops and in files. */
  virtual std::string_view kind() const = 0;
  virtual Json options() const = 0;
  /** Name of the ONNX operator that means the same, "" where there is none. */
  virtual std::string_view onnx() const { return ""; }

  /** Shapes of the outputs; throws where the inputs do not fit (the caller puts the node's name in front). */
  virtual std::vector<Shape> shapes(std::span<const Shape> in) const = 0;
  /** Plain loops; the definition of what the op computes. `out` are zeroed tensors of the right shapes. */
  virtual void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const = 0;
  /** Adds the nodes of its gradient; an op without one throws. */
  virtual void gradient(GradientSite& site) const;

  /** Multiply-adds for these shapes. */
  virtual int64_t macs(std::span<const Shape>, std::span<const Shape>) const { return 0; }
};

/** An op whose options are a struct with `fields`. `Self::kKind` is its name. */
template <typename Self, typename OptionsType>
class OpOf : public Op {
 public:
  using Options = OptionsType;
  explicit OpOf(Options options) : options_(std::move(options)) {}
  std::string_view kind() const final { return Self::kKind; }
  Json options() const final { return fields_to_json(options_); }
  const Options& get() const { return options_; }

 protected:
  Options options_;
};

/** The family's table. */
const Table<Op>& ops();

/** The op of that class, or null. */
template <typename T>
const T* as(const Op& op) {
  return dynamic_cast<const T*>(&op);
}

/** `require` with a sentence for ops: how many inputs came and how many were wanted. */
void require_inputs(std::string_view kind, size_t came, size_t least, size_t most);

}  // namespace convscope
