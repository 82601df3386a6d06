#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/tensor/safetensors.h"
#include "convscope/train/schedule.h"

namespace convscope {
namespace {

constexpr double kFloat = 1e-7;    // the fixture holds rates of 0.1 and less as floats
constexpr double kDouble = 1e-12;  // a few operations in double

std::vector<double> factors(const std::string& schedule, int64_t steps, int64_t steps_per_epoch) {
  const auto made = schedules().make(parse_choice(schedule));
  std::vector<double> all;
  for (int64_t step = 0; step < steps; ++step)
    all.push_back(made->factor({.step = step, .steps_per_epoch = steps_per_epoch, .steps = steps}));
  return all;
}

TEST(Schedules, GiveWhatPyTorchGives) {
  const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "optimisers.safetensors");
  const std::vector<std::pair<std::string, std::string>> ours{
      {"one-cycle", "one-cycle,pct_start=0.3,div_factor=25,final_div_factor=1e4"},
      {"cosine", "cosine"},
      {"multi-step", "step,milestones=5/12,unit=step"},
      {"inverse-time", "inverse-time,decay=0.05"},
  };
  for (const auto& [name, schedule] : ours) {
    const Tensor& rates = file.tensors.at(name + "/rates");
    const std::vector<double> all = factors(schedule, rates.size(), 4);
    for (int64_t i = 0; i < rates.size(); ++i)
      EXPECT_NEAR(0.1 * all[static_cast<size_t>(i)], rates[i], kFloat * rates[i] + 1e-15) << name << " at update " << i;
  }
}

TEST(Schedules, StayBetweenZeroAndTheBaseRate) {
  for (const std::string& name : schedules().names())
    for (const auto& [steps, each] : {std::pair{1, 1}, {2, 1}, {3, 5}, {100, 7}, {1000, 10}})
      for (const double factor : factors(name, steps, each)) {
        EXPECT_GE(factor, 0) << name << " over " << steps;
        EXPECT_LE(factor, 1 + kDouble) << name << " over " << steps;
      }
}

TEST(Schedules, AreConstantWhereNothingElseIsSaid) {
  for (const double factor : factors("constant", 20, 4)) EXPECT_EQ(factor, 1);
}

TEST(Schedules, WarmUpInEqualSteps) {
  const std::vector<double> all = factors("constant,warm_up=2", 12, 2);
  EXPECT_EQ(std::vector<double>(all.begin(), all.begin() + 5), (std::vector<double>{0.25, 0.5, 0.75, 1, 1}));
  EXPECT_EQ(factors("constant,warm_up=0.5", 8, 4)[0], 0.5);
}

TEST(Schedules, FallInEqualSteps) {
  EXPECT_EQ(factors("linear", 4, 2), (std::vector<double>{1, 0.75, 0.5, 0.25}));
  EXPECT_EQ(factors("linear,floor=0.5", 4, 2), (std::vector<double>{1, 0.875, 0.75, 0.625}));
  EXPECT_EQ(factors("linear,warm_up=1", 6, 2), (std::vector<double>{0.5, 1, 1, 0.75, 0.5, 0.25}));
  EXPECT_THROW_SAYING(schedules().make(parse_choice("linear,floor=2")), "a share from 0 to 1 was wanted");
}

TEST(Schedules, StepAtTheFirstUpdateOfAnEpochOrAtAnUpdate) {
  const std::vector<double> by_epoch = factors("step,milestones=1/3,gamma=0.5", 8, 2);
  EXPECT_EQ(by_epoch, (std::vector<double>{1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25}));
  const std::vector<double> by_update = factors("step,milestones=3,gamma=0.5,unit=step", 5, 2);
  EXPECT_EQ(by_update, (std::vector<double>{1, 1, 1, 0.5, 0.5}));
}

TEST(Schedules, FallAlongACosineFromTheBaseRateTowardsTheFloor) {
  const std::vector<double> all = factors("cosine,floor=0.2", 100, 10);
  EXPECT_EQ(all[0], 1);
  EXPECT_NEAR(all[50], 0.6, kDouble);
  EXPECT_GT(all[99], 0.2);
  EXPECT_LT(all[99], 0.201);
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i], all[i - 1]);
}

TEST(Schedules, KeepTheCosineThroughAnEpochWhereSaid) {
  const std::vector<double> all = factors("cosine,each=epoch", 8, 2);
  for (size_t i = 0; i < all.size(); i += 2) {
    EXPECT_EQ(all[i], all[i + 1]);
    EXPECT_NEAR(all[i], (1 + std::cos(std::acos(-1.0) * static_cast<double>(i) / 8)) / 2, kDouble);
  }
}

TEST(Schedules, FallWithTheInverseOfUpdatesOrEpochsCountedFromZero) {
  const std::vector<double> by_update = factors("inverse-time,decay=0.5", 5, 2),
                            by_epoch = factors("inverse-time,decay=1,unit=epoch", 5, 2);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_DOUBLE_EQ(by_update[i], 1 / (1 + 0.5 * static_cast<double>(i)));
    EXPECT_DOUBLE_EQ(by_epoch[i], 1 / (1 + static_cast<double>(i / 2)));
  }
}

TEST(Schedules, WarmUpBeforeTheyFall) {
  for (const char* schedule : {"step,milestones=50", "cosine", "cosine,each=epoch", "inverse-time,decay=0"}) {
    const std::vector<double> all = factors(fmt::format("{},warm_up=2", schedule), 40, 5);
    for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(all[i], 0.1 * static_cast<double>(i + 1), kDouble) << schedule << " at update " << i;
  }
  const std::vector<double> warmed = factors("cosine,warm_up=2", 40, 5), usual = factors("cosine", 30, 5);
  for (size_t i = 0; i < 30; ++i) EXPECT_NEAR(warmed[i + 10], usual[i], kDouble) << "the whole curve follows, ending where it always does";
}

TEST(Schedules, CycleFromAShareOfThePeakOverThePeakToATinyEnd) {
  const std::vector<double> all = factors("one-cycle,pct_start=0.25,div_factor=10,final_div_factor=100", 40, 10);
  EXPECT_NEAR(all.front(), 0.1, kDouble);
  EXPECT_NEAR(all[9], 1, kDouble);  // 0.25 · 40 − 1
  EXPECT_NEAR(all.back(), 0.001, kDouble);
}

TEST(Schedules, AnswerWrongOptionsWithWhatIsRight) {
  const auto make = [](const std::string& text) { return schedules().make(parse_choice(text)); };
  EXPECT_THROW_SAYING(make("cosin"),
                      "no schedule 'cosin'; did you mean 'cosine'?; known: constant, step, cosine, linear, inverse-time, one-cycle");
  for (const char* wrong : {"12/5", "5/5", "a", "5/", "/5", "0/5", "-1", "5.5", "5;6", "99999999999999999999"})
    EXPECT_THROW_SAYING(make(fmt::format("step,milestones={}", wrong)), "rising whole numbers from 1 on, separated by /, were wanted");
  EXPECT_THROW_SAYING(schedules().make("step", {{"milestones", ""}}), "'milestones' is ''; rising whole numbers");
  EXPECT_THROW_SAYING(make("step,unit=epochs"), "did you mean 'epoch'?");
  EXPECT_THROW_SAYING(make("step,gamma=-1"), "'gamma' is -1");
  EXPECT_THROW_SAYING(make("cosine,floor=2"), "'floor' is 2; a share from 0 to 1");
  EXPECT_THROW_SAYING(make("cosine,each=batch"), "known: step, epoch");
  EXPECT_THROW_SAYING(make("one-cycle,div_factor=0"), "'div_factor' is 0; a number from 1 on");
  EXPECT_THROW_SAYING(make("inverse-time,decay=-1"), "'decay' is -1; a number from 0 on");
  EXPECT_THROW_SAYING(make("inverse-time,unit=update"), "known: step, epoch");
  EXPECT_THROW_SAYING(make("cosine,warm_up=-1"), "cosine: option 'warm_up' is -1");
  EXPECT_THROW_SAYING(make("constant,warm_up=-1"), "'warm_up' is -1; epochs from 0 on");
}

}  // namespace
}  // namespace convscope
