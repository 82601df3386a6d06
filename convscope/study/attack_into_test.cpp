#include "convscope/study/attack_into.h"

#include <algorithm>

#include "convscope/attack/attack.h"
#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/study/attacked_network.h"
#include "convscope/subject/network_subject.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

/** A network of a small model and 8-bit images that it is right about, but for every sixth. */
class AttacksIntoFolders : public ::testing::Test {
 protected:
  static constexpr int64_t kCount = 30;

  AttacksIntoFolders() {
    std::vector<uint8_t> levels(static_cast<size_t>(kCount * 28 * 28));
    const RandomStream random(6, "attacked pictures");
    for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(random.below(256, i));
    std::vector<std::string> classes{"a", "b", "c", "d", "e", "f", "g"};
    const Images8 unlabelled({kCount, 1, 28, 28}, levels, std::vector<int32_t>(kCount), classes);
    Tensor x({kCount, 1, 28, 28});
    for (int64_t n = 0; n < kCount; ++n) unlabelled.pixels(n, 0, x.row(n));
    NetworkSubject subject = with_batch(16);
    std::vector<int32_t> labels;
    for (const int64_t y : predicted(subject, x)) labels.push_back(static_cast<int32_t>(labels.size() % 6 == 5 ? (y + 1) % 7 : y));
    data = std::make_unique<Images8>(Shape{kCount, 1, 28, 28}, levels, labels, classes);
  }

  NetworkSubject with_batch(int64_t batch) const { return {graph, weights, {.batch = batch}}; }
  AttackRecord attack(const std::string& method, NetworkSubject subject, AttackRequest request) {
    request.attack = parse_choice(method);
    return attack_into(folder.path(), subject, subject, *data, request);
  }
  Path in(const AttackRecord& record, const std::string& file) { return attack_folder(folder.path(), record) / file; }

  TemporaryFolder folder;
  Graph graph = models().make("medium")->build({1, 28, 28}, 7);
  std::shared_ptr<Weights> weights = std::make_shared<Weights>(graph, initialise(graph, 1));
  std::unique_ptr<Images8> data;
};

TEST_F(AttacksIntoFolders, LeaveWhatTheRecordSays) {
  const AttackRecord record = attack("pgd,steps=10", with_batch(8), {.epsilons = {0, 0.05}, .show = 2});
  EXPECT_EQ(record.total, kCount);
  EXPECT_EQ(record.attacked, 25);
  EXPECT_EQ(record.clean_accuracy, 25.0 / 30);
  EXPECT_EQ(record.curve[0].accuracy, record.clean_accuracy);
  EXPECT_LE(record.curve[1].accuracy, record.curve[0].accuracy);
  EXPECT_LE(record.curve[1].linf_max, static_cast<double>(0.05f));
  EXPECT_EQ(std::ssize(record.images), 25);

  const std::string file = in(record, std::string(kAttackFile)).string();
  EXPECT_EQ(fields_to_json(record_from_json<AttackRecord>(read_json(file), file)), fields_to_json(record));
  const Tensor pictures = read_npy(in(record, record.pictures)), indices = read_npy(in(record, record.indices));
  EXPECT_EQ(pictures.shape(), (Shape{kCount, 1, 28, 28}));
  EXPECT_EQ(indices[7], 7);
  const AttackImage& first = record.images.front();
  Tensor png = to_tensor(read_image(in(record, first.result)));
  Tensor rounded({1, 1, 28, 28}, pictures.row(first.row));
  round_to_levels(rounded.span());
  EXPECT_EQ(max_difference(png, rounded), 0);
  EXPECT_TRUE(std::filesystem::exists(in(record, first.noise)) && std::filesystem::exists(in(record, first.clean)));
  EXPECT_TRUE(record.images[2].result.empty());
}

TEST_F(AttacksIntoFolders, TellWhereEightBitsLeaveTheBall) {
  const AttackRecord record = attack("fgsm", with_batch(16), {.epsilons = {0.8 / 255, 2.0 / 255}, .independent = true});
  EXPECT_EQ(record.curve[0].outside_8bit, kCount);
  EXPECT_NEAR(record.curve[0].linf_max_8bit, 1.0 / 255, 1e-6);
  EXPECT_EQ(record.curve[1].outside_8bit, 0);
}

TEST_F(AttacksIntoFolders, FindTheSameWithAnyBatch) {
  const AttackRequest request{.epsilons = {0.01, 0.05}};
  const AttackRecord some = attack("pgd,steps=6", with_batch(4), request);
  const Tensor x = read_npy(in(some, some.pictures));
  const AttackRecord more = attack("pgd,steps=6", with_batch(32), request);
  EXPECT_EQ(max_difference(read_npy(in(more, more.pictures)), x), 0);
  EXPECT_EQ(attack_images_csv(more.images), attack_images_csv(some.images));
}

TEST_F(AttacksIntoFolders, FindTheSameWhereASmallBatchTakesTheRest) {
  const AttackRequest request{.epsilons = {0.01, 0.05}};
  const AttackRecord plain = attack("pgd,steps=6", with_batch(32), request);
  const Tensor x = read_npy(in(plain, plain.pictures));
  AttackedNetwork network(graph, weights, 32);
  AttackRequest same = request;
  same.attack = parse_choice("pgd,steps=6");
  const AttackRecord with_tail = attack_into(folder.path(), network.subject(), network.subject(), *data, same);
  EXPECT_EQ(max_difference(read_npy(in(with_tail, with_tail.pictures)), x), 0);
  EXPECT_EQ(attack_images_csv(with_tail.images), attack_images_csv(plain.images));
}

TEST_F(AttacksIntoFolders, LeaveFiguresAndNoArraysWhereNobodyWantsThem) {
  const AttackRecord record = attack("fgsm", with_batch(16), {.epsilons = {0.05}, .show = 2, .keep = false});
  for (const char* file : {"sheet.png", "sheet.svg", "robustness-curve.svg", "robustness-curve.png", "robustness-curve.csv"})
    EXPECT_TRUE(std::filesystem::exists(in(record, file))) << file;
  EXPECT_TRUE(record.pictures.empty() && record.csv.empty());
  EXPECT_FALSE(std::filesystem::exists(in(record, "pictures.npy")));
}

TEST_F(AttacksIntoFolders, ReachEveryOtherClassFromImagesThatAreRight) {
  AttackRecord record = attack("descent,iterations=30,confidence=0.2", with_batch(16), {.target = "each", .limit = 1});
  EXPECT_EQ(record.total % 6, 0);
  EXPECT_EQ(record.attacked, record.total);
  int64_t attempts = 0;
  for (const AttackPair& pair : record.pairs) {
    EXPECT_NE(pair.from, pair.to);
    attempts += pair.attempts;
  }
  EXPECT_EQ(attempts, record.total);
  EXPECT_FALSE(record.bounded);
  EXPECT_TRUE(std::filesystem::exists(in(record, "pairs.svg")));
  EXPECT_FALSE(record.images.front().result.empty());
}

TEST_F(AttacksIntoFolders, SayWhatIsWrong) {
  EXPECT_THROW_SAYING(attack("pgd", with_batch(8), {}), "--epsilon is missing");
  EXPECT_THROW_SAYING(attack("descent", with_batch(8), {.target = "aa"}), "no class 'aa'");
  EXPECT_THROW_SAYING(attack("descent", with_batch(8), {.target = "a", .source = "a"}), "are both 'a'");
  EXPECT_THROW_SAYING(attack("fgsm", with_batch(8), {.epsilons = {0.1}, .min_confidence = 0.999}), "with a confidence of 0.999");
  EXPECT_THROW_SAYING(attack("fgsm", with_batch(8), {.epsilons = {0.1}, .stop = [] { return true; }}), "stopped");
}

}  // namespace
}  // namespace convscope
