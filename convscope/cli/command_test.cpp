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
        Unread{{"study", "oscillations", "--run", "x", "--model", "deep"}, "study: --model is for aliasing with --net"},
        Unread{{"study", "aliasing", "--run", "x", "--normalize", "imagenet"}, "study: --normalize is for aliasing with --net"},
        Unread{{"study", "aliasing", "--run", "x", "--data", "cifar10"}, "study: --data is for aliasing with --net"},
        Unread{{"study", "attribution", "--run", "x", "--net", "y"}, "study: --net is for aliasing with --net"},
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
        Unread{{"eval", "deep", "--force"}, "eval: --force is for what --out keeps"},
        Unread{{"report", "x", "--data-root", "x"}, "report: --data-root is for others"}));

}  // namespace
}  // namespace convscope
