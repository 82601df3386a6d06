#include "convscope/data/subset.h"

#include <limits>
#include <set>

#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

TEST(Subset, ShowsTheChosenSamplesInTheOrderGivenAndCopiesNothing) {
  const auto base = counting_images({6, 1, 2, 2}, 3);
  const Subset some(base, {4, 1, 4});
  EXPECT_EQ(some.size(), 3);
  EXPECT_EQ(some.image_shape(), base->image_shape());
  EXPECT_EQ(some.classes(), base->classes());
  EXPECT_EQ(some.label(0), 1);
  EXPECT_EQ(some.number(1), 1);
  EXPECT_EQ(pixels_of(some, 2), pixels_of(*base, 4));
  EXPECT_EQ(some.levels(0).data(), base->levels(4).data());
}

TEST(Subset, KeepsTheNumbersThroughAnotherSubset) {
  const auto base = counting_images({6, 1, 2, 2});
  const auto odd = std::make_shared<Subset>(base, std::vector<int64_t>{1, 3, 5});
  EXPECT_EQ(Subset(odd, {2, 0}).number(0), 5);
  EXPECT_EQ(Subset::first(odd, 2)->number(1), 3);
}

TEST(UsualOrder, TakesDataThatLieClassByClassFromAllClassesInTurn) {
  const auto of_labels = [](std::vector<int32_t> labels) {
    const Shape shape{std::ssize(labels), 1, 1, 1};
    return usual_order(Images8(shape, std::vector<uint8_t>(static_cast<size_t>(shape.size())), std::move(labels), {"a", "b", "c"}));
  };
  EXPECT_EQ(of_labels({0, 0, 0, 1, 2, 2}), (std::vector<int64_t>{0, 3, 4, 1, 5, 2}));
  EXPECT_EQ(of_labels({0, 1, 0, 2, 2}), (std::vector<int64_t>{0, 1, 2, 3, 4})) << "as it lies where classes are mixed";
  EXPECT_EQ(of_labels({1, 1, 1}), (std::vector<int64_t>{0, 1, 2}));
}

TEST(Subset, RefusesWhatIsNotThere) {
  const auto base = counting_images({6, 1, 2, 2});
  EXPECT_TRUE(says(error_of([&] { Subset(base, {0, 6}); }), {"no sample 6", "has 6"}));
  EXPECT_TRUE(says(error_of([&] { Subset(base, {-1}); }), {"no sample -1"}));
  EXPECT_TRUE(says(error_of([&] { Subset(base, {}); }), {"at least one"}));
  EXPECT_TRUE(says(error_of([&] { Subset::first(base, 7); }), {"first 7", "has 6"}));
  EXPECT_TRUE(says(error_of([&] { Subset::first(base, 0); }), {"first 0"}));
}

TEST(Validation, TakesEverySampleOnceOnOneSide) {
  const auto base = counting_images({50, 1, 2, 2});
  const auto [training, validation] = split_validation(base, 10, 3);
  EXPECT_EQ(training->size(), 40);
  EXPECT_EQ(validation->size(), 10);
  std::set<int64_t> seen;
  for (const auto& part : {training, validation}) {
    for (int64_t i = 0; i < part->size(); ++i) {
      EXPECT_TRUE(seen.insert(part->number(i)).second);
      EXPECT_TRUE(i == 0 || part->number(i - 1) < part->number(i)) << "in the data set's order";
    }
  }
  EXPECT_EQ(seen.size(), 50u);
}

TEST(Validation, IsDrawnByItsSeed) {
  const auto base = counting_images({50, 1, 2, 2});
  const auto held = [&](uint64_t seed) {
    const auto part = split_validation(base, 0.2, seed).validation;
    std::vector<int64_t> numbers;
    for (int64_t i = 0; i < part->size(); ++i) numbers.push_back(part->number(i));
    return numbers;
  };
  EXPECT_EQ(held(1).size(), 10u);
  EXPECT_EQ(held(1), held(1));
  EXPECT_NE(held(1), held(2));
}

/** Samples in files, class/number.png. */
class InFiles : public Subset {
 public:
  InFiles(std::shared_ptr<const Dataset> base, std::vector<int64_t> numbers) : Subset(std::move(base), std::move(numbers)) {}
  Path file(int64_t index) const override { return fmt::format("/photos/cat/{}.png", number(index)); }
};

TEST(Validation, OfPicturesInFilesIsDrawnByTheirOwnNames) {
  const auto base = counting_images({50, 1, 2, 2});
  const auto held = [&](std::vector<int64_t> numbers) {
    const auto part = split_validation(std::make_shared<InFiles>(base, std::move(numbers)), 5, 3).validation;
    std::set<int64_t> all;
    for (int64_t i = 0; i < part->size(); ++i) all.insert(part->number(i));
    return all;
  };
  std::vector<int64_t> all, without;
  for (int64_t n = 0; n < 50; ++n) all.push_back(n);
  const std::set<int64_t> first = held(all);
  for (const int64_t n : all)
    if (n != *first.begin()) without.push_back(n);
  const std::set<int64_t> second = held(without);
  int64_t kept = 0;
  for (const int64_t n : first) kept += static_cast<int64_t>(second.contains(n));
  EXPECT_EQ(kept, 4) << "one picture less, and only its place is given to another";
}

TEST(Validation, RefusesToLeaveASideEmpty) {
  const auto base = counting_images({50, 1, 2, 2});
  for (const double held_out : {0.0, -1.0, 50.0, 1e300, 2.5, 0.001, 0.999, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_NE(error_of([&] { split_validation(base, held_out, 1); }), "") << held_out;
}

}  // namespace convscope
