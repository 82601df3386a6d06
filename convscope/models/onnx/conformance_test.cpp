// ONNX's own cases (Debian's libonnx-testdata): models with inputs and the outputs they must have.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "convscope/base/file.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/passes.h"
#include "convscope/models/onnx/import.h"

namespace convscope {
namespace {

const Path kCases = "/usr/share/libonnx-testdata/data";
/** As ONNX's own runner compares. */
constexpr double kRelative = 1e-3, kAbsolute = 1e-6;

Tensor tensor(const OnnxTensor& t) { return Tensor(Shape(t.dims), t.reals); }

/** Of one case: inputs beside the first may be weights, so each is tried as a constant and as something computed. */
struct Trial {
  OnnxModel model;
  std::vector<OnnxTensor> inputs;
  std::vector<std::string> names;

  /** Numbers of each output; `computed`: how many inputs, from the first on, are no constants. */
  std::vector<Tensor> run(size_t computed) const {
    OnnxModel m = model;
    std::erase_if(m.inputs, [&](const OnnxInput& input) {
      const size_t i = static_cast<size_t>(std::find(names.begin(), names.end(), input.name) - names.begin());
      if (i < computed) return false;
      m.constants[input.name] = inputs.at(i);
      return true;
    });
    const OnnxGraph g = import_onnx_graph(m);
    const int64_t n = inputs.at(0).dims.at(0);
    const Graph graph = for_inference(with_batch(g.graph, n));
    std::map<std::string, Tensor> fed = g.tensors;
    for (size_t i = 0; i < computed; ++i) {
      std::string name = names[i];
      for (const Node& node : g.graph.nodes())
        if (as<InputOp>(*node.op) && node.name.find(names[i]) != std::string::npos) name = node.name;
      fed[name] = tensor(inputs.at(i));
    }
    const auto all = testing_graph::walk(graph, fed);
    std::vector<Tensor> out;
    for (const Value v : g.outputs) {
      const auto at = graph.find(g.graph.name(v));
      out.push_back(testing_graph::in(all, at ? *at : graph.output));
    }
    return out;
  }
};

Trial trial_of(const Path& folder) {
  Trial t;
  t.model = parse_onnx(read_file(folder / "model.onnx"), "model");
  for (const OnnxInput& input : t.model.inputs) t.names.push_back(input.name);
  for (size_t i = 0; i < t.names.size(); ++i) {
    const Path file = folder / "test_data_set_0" / fmt::format("input_{}.pb", i);
    require(std::filesystem::exists(file), "an input that is no tensor");
    t.inputs.push_back(parse_onnx_tensor(read_file(file), "input"));
  }
  require(!t.inputs.empty(), "no inputs");
  return t;
}

bool held_by_f32(const OnnxTensor& t) {
  return std::all_of(t.reals.begin(), t.reals.end(), [](float v) { return std::isfinite(v); });
}

double worst(const Tensor& came, const OnnxTensor& wanted) {
  if (came.size() != wanted.size() || wanted.whole) return INFINITY;
  double most = 0;
  for (int64_t i = 0; i < came.size(); ++i) {
    const double w = wanted.at(i), error = std::abs(came[i] - w);
    most = std::max(most, std::isnan(error) ? INFINITY : error / (kAbsolute + kRelative * std::abs(w)));
  }
  return most;
}

TEST(OnnxConformance, GivesTheOutputsOfEveryCaseThatItReads) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "Debian's libonnx-testdata is not installed";
  size_t passed = 0;
  std::map<std::string, int> out_of_scope;
  std::set<std::string> known;
  for (const std::string& op : onnx_operators()) known.insert(op);
  std::string list;
  for (const auto* suite : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    std::vector<Path> folders;
    for (const auto& entry : std::filesystem::directory_iterator(kCases / suite)) folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    for (const Path& folder : folders) {
      const std::string name = fmt::format("{}/{}", suite, folder.filename().string());
      std::string reason;
      std::optional<std::vector<Tensor>> came;
      try {
        const Trial trial = trial_of(folder);
        const bool foreign = std::any_of(trial.model.nodes.begin(), trial.model.nodes.end(),
                                         [&](const OnnxNode& node) { return !known.contains(node.op) && node.op != "Constant"; });
        for (size_t computed = 1; computed <= trial.inputs.size() && !came; ++computed) {
          try {
            came = trial.run(computed);
          } catch (const Error& e) {
            if (reason.empty()) reason = foreign ? "an operator that convscope does not read" : e.what();
          }
        }
      } catch (const Error& e) {
        reason = e.what();
      }
      if (!came) {
        // The sentence without the names of the case.
        const size_t colon = reason.rfind("\": ");
        ++out_of_scope[colon == std::string::npos ? reason : reason.substr(colon + 3)];
        list += fmt::format("  {}: {}\n", name, reason);
        continue;
      }
      std::vector<OnnxTensor> wanted;
      for (size_t i = 0; i < came->size(); ++i)
        wanted.push_back(parse_onnx_tensor(read_file(folder / "test_data_set_0" / fmt::format("output_{}.pb", i)), "output"));
      if (!std::all_of(wanted.begin(), wanted.end(), held_by_f32)) {
        ++out_of_scope["numbers of F64 that F32 does not hold"];
        continue;
      }
      if (std::any_of(wanted.begin(), wanted.end(), [](const OnnxTensor& t) { return t.whole; })) {
        ++out_of_scope["whole numbers come out"];
        continue;
      }
      ++passed;
      for (size_t i = 0; i < came->size(); ++i) EXPECT_LE(worst((*came)[i], wanted[i]), 1) << name << ", output " << i;
    }
  }
  std::vector<std::pair<int, std::string>> reasons;
  int left = 0;
  for (const auto& [why, count] : out_of_scope) {
    reasons.emplace_back(count, why);
    left += count;
  }
  std::sort(reasons.rbegin(), reasons.rend());
  std::printf("ONNX conformance: %zu cases run, %d out of scope:\n", passed, left);
  for (const auto& [count, why] : reasons) std::printf("  %4d  %s\n", count, why.substr(0, 160).c_str());
  if (std::getenv("CONVSCOPE_ONNX_LIST")) std::printf("%s", list.c_str());
  constexpr size_t kLeast = 248;  // of the 1072 cases of ONNX 1.12, of Debian 12; later ones have more
  EXPECT_GE(passed, kLeast) << "cases that were read before are refused now";
}

}  // namespace
}  // namespace convscope
