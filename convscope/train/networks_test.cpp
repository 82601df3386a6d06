// The fast engine on whole networks against PyTorch's answers in double precision (tests/fixtures/README.md).

#include <gtest/gtest.h>

#include "convscope/engine/program.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/models/fixture_testing.h"
#include "convscope/models/model.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
namespace {

const TensorFile& fixture() {
  static const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "networks.safetensors");
  return file;
}

/** Relative L2 distance of the stored samples of a tensor, and of its norm. */
double distance(const Tensor& came, const std::string& name) {
  const Tensor& wanted = fixture().tensors.at(name);
  double difference = 0, scale = 0;
  for (int64_t i = 0; i < wanted.size(); ++i) {
    const double d = came[i * came.size() / wanted.size()] - wanted[i];
    difference += d * d;
    scale += static_cast<double>(wanted[i]) * wanted[i];
  }
  return scale == 0 ? std::sqrt(difference) : std::sqrt(difference / scale);
}

/** max |came − wanted| over the samples, relative to the largest of them. */
double largest_error(const Tensor& came, const std::string& name) {
  const Tensor& wanted = fixture().tensors.at(name);
  double difference = 0;
  for (int64_t i = 0; i < wanted.size(); ++i)
    difference = std::max<double>(difference, std::abs(came[i * came.size() / wanted.size()] - wanted[i]));
  const double scale = max_abs(wanted.span());
  return scale == 0 ? difference : difference / scale;
}

struct Case {
  std::string name;
  Graph graph;
  int64_t batch;
  double logits, gradients;
};

std::string model_of(const std::string& name) {
  if (name == "scratch-channel") return "scratch,norm=per-channel";
  if (name == "resnet20-projection") return "resnet20,shortcut=projection";
  if (name == "resnet18-cifar") return "resnet18,stem=cifar";
  return name;
}

/** Fixtures are made without dropout: rate 0 keeps every element. */
Graph without_dropout(const Graph& graph) {
  Json j = to_json(graph);
  for (Json& node : j["nodes"])
    if (node["op"] == "dropout") node["options"]["rate"] = 0.0;
  return graph_from_json(j, "without dropout");
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Json& c : parse_json(fixture().metadata.at("cases"), "a test")) {
    const auto input = c["input"].get<std::vector<int64_t>>();
    const std::string name = c["name"].get<std::string>();
    const Graph graph = models().make(parse_choice(model_of(name)))->build({input[1], input[2], input[3]}, c["classes"].get<int64_t>());
    all.push_back(
        {name, without_dropout(graph), input[0], c["tolerance"]["logits"].get<double>(), c["tolerance"]["gradients"].get<double>()});
  }
  return all;
}

std::shared_ptr<Weights> fixture_weights(const Graph& graph) {
  std::map<std::string, Tensor> tensors;
  for (const ParameterInfo& p : parameters(graph)) tensors.emplace(p.name, fixture_tensor(p.name, p.shape));
  return std::make_shared<Weights>(graph, tensors);
}

void feed(Program& program, bool labels) {
  Tensor& pixels = program.input(kPixels);
  const Tensor images = fixture_tensor("images", pixels.shape());
  std::copy_n(images.data(), images.size(), pixels.data());
  if (!labels) return;
  for (int64_t n = 0; n < program.input(kLabels).size(); ++n) program.input(kLabels)[n] = static_cast<float>((3 * n + 1) % 10);
}

/** The usual engine as users get it, and with direct convolutions only. */
Choice with_winograd(bool on) { return {"onednn", {{"winograd", on}}}; }

/** An error for who reads the log (CONVSCOPE_PRINT_ERRORS=1) or the test's report. */
void tell(const Case& c, bool winograd, const std::string& what, double error) {
  const std::string who = fmt::format("{}, {}", c.name, winograd ? "winograd" : "direct");
  testing::Test::RecordProperty(who + ", " + what, fmt::format("{:.2e}", error));
  if (std::getenv("CONVSCOPE_PRINT_ERRORS")) fmt::print("{}: {} {:.2e}\n", who, what, error);
}

TEST(NetworksAgainstPyTorch, LogitsAndInputGradientsOfTheNetworkHeldStill) {
  for (const Case& c : cases())
    for (const bool winograd : {true, false}) {
      Request request;
      request.purpose = Purpose::explain;
      request.engine = with_winograd(winograd);
      request.batch = c.batch;
      request.objective = Choice{"pick"};
      request.gradients = {"pixels"};
      const auto program = compile(c.graph, fixture_weights(c.graph), request);
      feed(*program, true);
      program->run({});
      const double logits = largest_error(program->logits(), c.name + "/logits_eval");
      const double gradient = distance(program->gradient("pixels"), c.name + "/input_grad");
      EXPECT_LE(logits, 1e-4) << c.name;
      EXPECT_LE(gradient, c.gradients) << c.name;
      tell(c, winograd, "logits", logits);
      tell(c, winograd, "gradient of the pixels", gradient);
    }
}

Request training_step(const Case& c) {
  Request request;
  request.purpose = Purpose::train;
  request.batch = c.batch;
  request.objective = Choice{"cross-entropy"};
  return request;
}

/**
 * How far direct convolutions come to lie from the truth when each pixel changes by a few millionths of itself, no more than rounding does
 * in a network of 20 layers: some ReLUs of so few images are so near to 0 that the next rounding flips them.
 */
std::map<std::string, double> uncertainty(const Case& c) {
  std::map<std::string, double> most;
  Request request = training_step(c);
  request.engine = with_winograd(false);
  const auto weights = fixture_weights(c.graph);
  const auto program = compile(c.graph, weights, request);
  for (const int64_t period : {5, 7, 11, 13})
    for (const float change : {1e-7f, 3e-7f, 1e-6f, 3e-6f}) {
      feed(*program, true);
      Tensor& pixels = program->input(kPixels);
      for (int64_t i = 0; i < pixels.size(); ++i) pixels[i] *= 1.0f + static_cast<float>(i % period - period / 2) * change;
      program->run({});
      for (const auto& [name, gradient] : weights->to_plain(program->parameter_gradients()))
        most[name] = std::max(most[name], distance(gradient, c.name + "/grad/" + name));
    }
  return most;
}

TEST(NetworksAgainstPyTorch, LogitsLossAndGradientsOfATrainingStep) {
  for (const Case& c : cases()) {
    std::map<std::string, double> unsure;
    if (c.name == "scratch" || c.name == "resnet18-cifar") unsure = uncertainty(c);
    for (const bool winograd : {true, false}) {
      Request request = training_step(c);
      request.engine = with_winograd(winograd);
      const auto weights = fixture_weights(c.graph);
      const auto program = compile(c.graph, weights, request);
      feed(*program, true);
      program->run({});
      EXPECT_LE(distance(program->logits(), c.name + "/logits_train"), c.logits) << c.name;
      EXPECT_NEAR(program->objective(), fixture().tensors.at(c.name + "/loss_train")[0], 1e-4) << c.name;
      double worst = 0;
      std::string where;
      for (const auto& [name, gradient] : weights->to_plain(program->parameter_gradients())) {
        EXPECT_LE(distance(gradient, c.name + "/grad/" + name), std::max(c.gradients, 2 * unsure[name])) << c.name << " " << name;
        if (const double e = largest_error(gradient, c.name + "/grad/" + name); e > worst) {
          worst = e;
          where = name;
        }
      }
      tell(c, winograd, "largest error of a weight's gradient, in " + where + ",", worst);
    }
  }
}

}  // namespace
}  // namespace convscope
