#pragma once

/** Short words for tests of one op; not installed. */

#include <gtest/gtest.h>

#include "convscope/graph/graph_testing.h"

namespace convscope::testing_graph {

inline std::vector<Shape> shapes_of(const std::vector<Tensor>& tensors) {
  std::vector<Shape> shapes;
  for (const Tensor& t : tensors) shapes.push_back(t.shape());
  return shapes;
}

/** First output of `op`. */
template <typename T>
Tensor output_of(const T& op, const std::vector<Tensor>& inputs, const RunContext& context = {}) {
  return LoneOp(std::make_shared<T>(op), shapes_of(inputs), {}).run(inputs, context)[0];
}

/** What `op` hands down to its first input, the only one of which the gradient is wanted, when `upstream` comes down. */
template <typename T>
Tensor gradient_of(const T& op, const std::vector<Tensor>& inputs, const Tensor& upstream, const RunContext& context = {}) {
  std::vector<bool> wanted(inputs.size(), false);
  wanted[0] = true;
  return LoneOp(std::make_shared<T>(op), shapes_of(inputs), wanted).gradient(0, inputs, upstream, context);
}

/** The numbers of a tensor, for EXPECT_EQ. */
inline std::vector<float> numbers(const Tensor& t) { return {t.span().begin(), t.span().end()}; }

/** Whether `op` refuses these shapes with a message that says `what`. */
inline testing::AssertionResult refuses(const Op& op, const std::vector<Shape>& in, std::string_view what) {
  try {
    op.shapes(in);
  } catch (const Error& e) {
    if (std::string_view(e.what()).find(what) != std::string_view::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "the message is: " << e.what();
  }
  return testing::AssertionFailure() << "it took them";
}

}  // namespace convscope::testing_graph
