#include "convscope/cli/command.h"

#include <set>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

std::set<std::string> common() {
  const std::vector<std::string> names = flags_of<CommonOptions>();
  return {names.begin(), names.end()};
}

class EveryCommand : public testing::TestWithParam<std::string> {};

TEST_P(EveryCommand, ReadsEachOfItsFlagsInSomeWay) {
  const Invocation call = invocation_of(GetParam());
  std::set<std::string> declared, read;
  for (const Flag& flag : call.flags->all())
    if (!common().contains(flag.name)) declared.insert(flag.name);
  const std::vector<Mode> modes = call.command->modes();
  for (const Mode& mode : modes) read.insert(mode.flags.begin(), mode.flags.end());
  if (!modes.empty()) {
    EXPECT_EQ(read, declared);
  }
  for (const std::string& flag : call.command->common_flags()) EXPECT_TRUE(common().contains(flag)) << flag;
}

INSTANTIATE_TEST_SUITE_P(Commands, EveryCommand, testing::ValuesIn(commands().names()), [](const auto& command) { return command.param; });

/** Words of a call, and what its refusal says. */
struct Unread {
  std::vector<std::string> words;
  std::string says;
};
void PrintTo(const Unread& call, std::ostream* out) { *out << call.says; }

class UnreadFlags : public testing::TestWithParam<Unread> {};

TEST_P(UnreadFlags, AreRefusedBeforeAnythingIsDone) {
  const Invocation call = parse_invocation(GetParam().words);
  EXPECT_THROW_SAYING((void)call.run({}), GetParam().says);
  EXPECT_THROW((void)call.run({}), UsageError);
}

INSTANTIATE_TEST_SUITE_P(
    Calls, UnreadFlags,
    testing::Values(
        Unread{{"study", "from-scratch", "--run", "x", "--limit", "3"}, "study: --limit is for aliasing"},
        Unread{{"study", "oscillations", "--run", "x", "--model", "deep"}, "study: --model is for aliasing and antialiasing with --net"},
        Unread{{"study", "aliasing", "--run", "x", "--normalize", "imagenet"},
               "study: --normalize is for aliasing and antialiasing with --net"},
        Unread{{"study", "aliasing", "--run", "x", "--data", "cifar10"}, "study: --data is for aliasing and antialiasing with --net"},
        Unread{{"study", "attribution", "--run", "x", "--net", "y"}, "study: --net is for aliasing and antialiasing with --net"},
        Unread{{"alias", "--signal", "x.npy", "--model", "deep"}, "alias: --model is for a network"},
        Unread{{"alias", "--signal", "x.npy", "--normalize", "imagenet"}, "alias: --normalize is for a network"},
        Unread{{"alias", "--signal", "x.npy", "--limit", "3"}, "alias: --limit is for a network"},
        Unread{{"alias", "deep", "--rate", "3,3"}, "alias: --rate is for --signal"},
        Unread{{"alias", "deep", "--image", "x.png", "--limit", "3"}, "alias: --limit is for a network and data"},
        Unread{{"alias", "deep", "--image", "x.png", "--data", "cifar10"}, "alias: --data is for a network and data"},
        Unread{{"explain", "gradient", "x", "--image", "x.png", "--data", "cifar10"}, "explain: --data is for pictures of a data set"},
        Unread{{"explain", "gradient", "x", "--image", "x.png", "--split", "train"}, "explain: --split is for pictures of a data set"},
        Unread{{"inspect", "weights", "x", "--limit", "3"}, "inspect: --limit is for neurons, clusters"},
        Unread{{"inspect", "weights", "x", "--batch", "3"}, "inspect: --batch is for activations, neurons, clusters"},
        Unread{{"inspect", "activations", "x", "--image", "x.png", "--split", "train"}, "inspect: --split is for activations"},
        Unread{{"inspect", "clusters", "x", "--position", "1,2"}, "inspect: --position is for neurons"},
        Unread{{"bench", "predict", "--model", "deep", "--optimiser", "adam"}, "bench: --optimiser is for bench train"},
        Unread{{"data", "list", "--from", "x"}, "data: --from is for data get"},
        Unread{{"list", "--seed", "3"}, "list: --seed is for others"},
        Unread{{"data", "check", "--precision", "bf16"}, "data: --precision is for others"},
        Unread{{"inspect", "weights", "x", "--precision", "bf16"}, "inspect: --precision is for others"},
        Unread{{"predict", "x", "x.png", "--seed", "3"}, "predict: --seed is for others"},
        Unread{{"predict", "x", "x.png", "--resize", "crop", "--data-root", "x"}, "predict: --data-root is for others"},
        Unread{{"describe", "deep", "--data-root", "x"}, "describe: --data-root is for others"},
        Unread{{"describe", "deep", "--seed", "3"}, "describe: --seed is for others"},
        Unread{{"attack", "fgsm", "x", "--epsilon", "0.1", "--steps", "3"}, "attack: --steps is for ifgsm"},
        Unread{{"attack", "fgsm", "x", "--epsilon", "0.1", "--steps", "3"}, "this is fgsm"},
        Unread{{"train", "--run", "x", "--model", "deep", "--watch-every", "3"}, "train: --watch-every is for one with --watch"},
        Unread{{"explain", "gradient", "x", "--image", "x.png", "--limit", "3"}, "explain: --limit is for pictures of a data set"},
        Unread{{"study", "aliasing", "--run", "x", "--model", "deep"}, "this is aliasing and antialiasing without --net"},
        Unread{{"eval", "deep", "--force"}, "eval: --force is for what --out keeps"},
        Unread{{"report", "x", "--data-root", "x"}, "report: --data-root is for others"}));

/** Words of a call with a value that its option cannot have, whatever network and data are. */
class ValuesOutOfRange : public testing::TestWithParam<Unread> {};

TEST_P(ValuesOutOfRange, AreWrongUse) {
  const Invocation call = parse_invocation(GetParam().words);
  EXPECT_THROW_SAYING((void)call.run({}), GetParam().says);
  EXPECT_THROW((void)call.run({}), UsageError);
}

INSTANTIATE_TEST_SUITE_P(
    Calls, ValuesOutOfRange,
    testing::Values(Unread{{"train", "--run", "x", "--model", "deep", "--data", "y", "--epochs", "0"}, "train: epochs is 0"},
                    Unread{{"train", "--run", "x", "--model", "deep", "--data", "y", "--lr", "-1"}, "train: lr is -1"},
                    Unread{{"train", "--run", "x", "--model", "deep", "--data", "y", "--optimiser", "sgd,momentum=2"}, "momentum"},
                    Unread{{"attack", "fgsm", "x", "--epsilon", "2"}, "attack: --epsilon 2: it is above 1"},
                    Unread{{"attack", "pgd", "x", "--epsilon", "0.1", "--steps", "0"}, "steps"},
                    Unread{{"attack", "pgd", "x", "--epsilon", "0.1", "--limit", "-1"}, "attack: --limit -1"},
                    Unread{{"explain", "gradient", "x", "--tolerance", "1%"}, "explain: --tolerance is for integrated-gradients"},
                    Unread{{"explain", "integrated-gradients", "x", "--tolerance", "0"}, "explain: --tolerance '0'"},
                    Unread{{"eval", "x", "--batch", "0"}, "eval: --batch 0"},
                    Unread{{"alias", "deep", "--passing-db", "-1"}, "alias: --passing-db -1"},
                    Unread{{"describe", "deep", "--batch", "0"}, "describe: --batch 0"},
                    Unread{{"describe", "deep", "--image", "1,0,3"}, "describe: --image '1,0,3'"},
                    Unread{{"bench", "predict", "--model", "deep", "--runs", "0"}, "bench: --runs 0"},
                    Unread{{"study", "aliasing", "--run", "x", "--limit", "-1"}, "study: --limit -1"},
                    Unread{{"study", "attribution", "--run", "x", "--scale", "small"}, "study: --scale: no 'small'"}));

TEST(Flags, OfOtherProgramsLeadToOurs) {
  EXPECT_THROW_SAYING((void)parse_invocation(std::vector<std::string>{"train", "--learning-rate", "0.1"}), "did you mean '--lr'?");
  EXPECT_THROW_SAYING((void)parse_invocation(std::vector<std::string>{"train", "--batch-size=8"}), "did you mean '--batch'?");
  EXPECT_THROW_SAYING((void)parse_invocation(std::vector<std::string>{"train", "--epoch", "8"}), "did you mean '--epochs'?");
}

}  // namespace
}  // namespace convscope
