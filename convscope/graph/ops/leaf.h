#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct InputOptions {
  std::vector<int64_t> shape;  // batch first
  void fields(auto&& field) { field("shape", shape, "batch first"); }
};
/** What a caller fills before each run. No inputs. */
class InputOp : public OpOf<InputOp, InputOptions> {
 public:
  static constexpr std::string_view kKind = "input";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct ParameterOptions {
  std::vector<int64_t> shape;
  std::string init = "zeros";
  bool trained = true;
  void fields(auto&& field) {
    field("shape", shape, "extents");
    field("init", init, "initialiser and its options");
    field("trained", trained, "false: statistics that no gradient changes");
  }
};
/** A tensor from the weight store. No inputs. */
class ParameterOp : public OpOf<ParameterOp, ParameterOptions> {
 public:
  static constexpr std::string_view kKind = "parameter";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct ConstantOptions {
  std::vector<int64_t> shape;
  float value = 0;
  void fields(auto&& field) {
    field("shape", shape, "extents");
    field("value", value, "what fills it");
  }
};
/** One number everywhere. No inputs. */
class ConstantOp : public OpOf<ConstantOp, ConstantOptions> {
 public:
  static constexpr std::string_view kKind = "constant";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope
