#include "convscope/api/benchmark.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/threads.h"

namespace convscope {
namespace {

BenchmarkOptions few(const std::string& method = {}) {
  return {.batch = 2, .runs = 2, .warm_up = 0, .method = method, .task = {.image = "1,28,28", .classes = 7}};
}

TEST(Benchmarks, OfEachWorkHoldTogether) {
  for (const auto& [what, method] :
       {std::pair{"train", ""}, {"predict", ""}, {"explain", ""}, {"explain", "gradient-x-input"}, {"attack", "fgsm"}, {"alias", ""}}) {
    const Benchmark b = benchmark(what, "medium", few(method));
    SCOPED_TRACE(fmt::format("{} {}", what, method));
    EXPECT_EQ(b.what, what);
    EXPECT_EQ(b.model, "medium");
    EXPECT_EQ(b.batch, 2);
    EXPECT_EQ(b.precision, "fp32");
    EXPECT_EQ(b.threads, threads());
    ASSERT_EQ(b.runs.size(), 2u);
    EXPECT_EQ(b.ms_best, std::min(b.runs[0], b.runs[1]));
    EXPECT_DOUBLE_EQ(b.ms_median, (b.runs[0] + b.runs[1]) / 2);
    EXPECT_DOUBLE_EQ(b.images_per_second, 2000 / b.ms_median);
    EXPECT_GT(b.peak_memory_bytes, 0);
    const bool of_a_program = *method == 0 && b.what != "attack" && b.what != "alias";
    EXPECT_EQ(b.ms_primitives > 0, of_a_program);
    EXPECT_TRUE(b.steps.empty()) << "nobody asked for them";
  }
}

TEST(Benchmarks, OfATrainingEndItsStepsWithTheUpdate) {
  BenchmarkOptions options = few();
  options.steps = true;
  const Benchmark b = benchmark("train", "medium", options);
  ASSERT_GT(b.steps.size(), 5u);
  EXPECT_EQ(b.steps.back().step, "update");
  double sum = 0;
  for (const BenchmarkStep& step : b.steps) sum += step.ms;
  EXPECT_DOUBLE_EQ(b.ms_primitives, sum);
}

TEST(Benchmarks, RunWhenTheyAreTold) {
  ReadyWork work("predict", "medium", few());
  EXPECT_EQ(work.name(), "medium");
  EXPECT_GT(work.run_ms(), 0);
  EXPECT_GT(work.peak_memory_bytes(), 0);
}

TEST(Benchmarks, RefuseWhatDoesNotGoTogether) {
  EXPECT_THROW_SAYING(check_benchmark("trian", "medium", {}), "did you mean 'train'");
  EXPECT_THROW(check_benchmark("train", "", {}), WrongUse);
  EXPECT_THROW_SAYING(check_benchmark("train", "medium", {.batch = 0}), "`batch` 0");
  EXPECT_THROW_SAYING(check_benchmark("train", "medium", {.runs = 0}), "`runs` 0");
  EXPECT_THROW_SAYING(check_benchmark("train", "medium", {.warm_up = -1}), "`warm_up` -1");
  EXPECT_THROW_SAYING(check_benchmark("train", "medium", {.method = "fgsm"}), "`method` is for explain and attack");
  EXPECT_THROW_SAYING(check_benchmark("attack", "medium", {.steps = true}), "`steps` is for train, predict and explain");
  EXPECT_THROW_SAYING(benchmark("alias", "fully-connected", few()), "drops samples nowhere");
}

}  // namespace
}  // namespace convscope
