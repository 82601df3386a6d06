// Every op that PyTorch has too gives its double-precision answers; tests/fixtures/README.md says where they come from.
#include <gtest/gtest.h>

#include <algorithm>

#include "convscope/graph/graph_testing.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
using namespace testing_graph;

namespace {

/** Largest difference relative to the largest number: sums in double, each result rounded to float once or a few times. */
constexpr float kRounded = 2e-6f;
/** The slope of softmax comes from probabilities rounded to float: where one is nearly 1, little but its rounding is left of 1 − p. */
constexpr float kRoundedProbability = 2e-5f;

const TensorFile& answers() {
  static const TensorFile file = read_safetensors(CONVSCOPE_FIXTURES "/ops.safetensors");
  return file;
}

/** As convscope calls it. */
std::string our_kind(std::string kind) {
  std::replace(kind.begin(), kind.end(), '_', '-');
  return kind == "activation-batch-norm" ? "batch-norm" : kind;
}

Json our_options(const Json& c) {
  Json options = c["options"];
  const std::string kind = c["op"];
  if (kind == "conv2d" || kind == "linear") options["bias"] = c["inputs"].size() == 3;
  if (kind == "activation_batch_norm") options["per_activation"] = true;
  return options;
}

void expect_pytorchs_answers(const Json& c) {
  const std::string name = c["name"];
  SCOPED_TRACE(name);
  const auto stored = [&](const char* part, const std::string& tensor) { return answers().tensors.at(name + part + tensor); };

  std::vector<Tensor> inputs;
  std::vector<Shape> shapes;
  std::vector<bool> wanted;
  for (const std::string input : c["inputs"]) {
    inputs.push_back(stored("/in/", input));
    shapes.push_back(inputs.back().shape());
    wanted.push_back(std::find(c["gradients"].begin(), c["gradients"].end(), input) != c["gradients"].end());
  }
  const LoneOp op(ops().make(our_kind(c["op"]), our_options(c)), shapes, wanted);

  const std::string output = c["outputs"][0];
  EXPECT_LE(relative_error(op.run(inputs)[0], stored("/out/", output)), kRounded);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!wanted[i]) continue;
    const std::string input = c["inputs"][i];
    const float error = relative_error(op.gradient(i, inputs, stored("/upstream/", output)), stored("/grad/", input));
    EXPECT_LE(error, c["op"] == "softmax" ? kRoundedProbability : kRounded) << input;
  }
}

}  // namespace

TEST(PlainLoops, GivePyTorchsAnswersAndGradients) {
  for (const char* list : {"cases", "layer_cases"}) {
    const Json cases = parse_json(answers().metadata.at(list), "a test");
    EXPECT_FALSE(cases.empty());
    for (const Json& c : cases) expect_pytorchs_answers(c);
  }
}

}  // namespace convscope
