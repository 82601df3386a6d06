#include "convscope/cli/thread_setup.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(ThreadsFor, AreAllThatAreFreeWhereNobodySaysHowMany) {
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 8, .quota = {}}).count, 8);
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 3, .quota = {}}).count, 3);
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 8, .quota = 2.5}).count, 2);
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 8, .quota = 0.5}).count, 1);
}

TEST(ThreadsFor, AreThoseThatWereSaidUpToTheMachinesCores) {
  EXPECT_EQ(threads_for(4, {.machine = 8, .allowed = 2, .quota = 1.0}).count, 4);
  EXPECT_EQ(threads_for(9, {.machine = 8, .allowed = 8, .quota = {}}).count, 8);
}

TEST(ThreadsFor, TellsOfAQuotaInOneLineAndOfNothingElse) {
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 8, .quota = 2.5}).told,
            "2 of 8 cores are used: a quota of its control group gives the program 2.5; --threads says another count\n");
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 4, .quota = 4.0}).told, "");
  EXPECT_EQ(threads_for(0, {.machine = 8, .allowed = 4, .quota = {}}).told, "");
  EXPECT_EQ(threads_for(3, {.machine = 8, .allowed = 8, .quota = 2.5}).told, "");
  EXPECT_EQ(threads_for(9, {.machine = 8, .allowed = 8, .quota = {}}).told,
            "--threads 9: this machine has 8 cores; so many threads are used\n");
}

TEST(CoresOfARank, AreItsPartOfTheMachineOrThoseThatItIsBoundTo) {
  EXPECT_EQ(cores_of_a_rank({.machine = 8, .allowed = 8, .quota = {}}, 1, 0).free(), 8);
  EXPECT_EQ(cores_of_a_rank({.machine = 8, .allowed = 8, .quota = {}}, 2, 0).free(), 4);
  EXPECT_EQ(cores_of_a_rank({.machine = 8, .allowed = 1, .quota = {}}, 2, 0).free(), 1);
  EXPECT_EQ(cores_of_a_rank({.machine = 8, .allowed = 8, .quota = 4.0}, 2, 0).free(), 2);
  EXPECT_EQ(cores_of_a_rank({.machine = 2, .allowed = 2, .quota = {}}, 4, 0).free(), 1);
}

TEST(CoresOfARank, AreItsPartOfWhatTheLauncherHas) {
  // A job of 8 cores on a machine of 64, whose 4 ranks nobody binds: each may run on all 8.
  EXPECT_EQ(cores_of_a_rank({.machine = 64, .allowed = 8, .quota = {}}, 4, 8).free(), 2);
  // Bound to two each, and to a socket of 32 that two share.
  EXPECT_EQ(cores_of_a_rank({.machine = 64, .allowed = 2, .quota = {}}, 4, 64).free(), 2);
  EXPECT_EQ(cores_of_a_rank({.machine = 64, .allowed = 32, .quota = {}}, 4, 64).free(), 16);
}

TEST(TurnsAwake, AreMoreForLongerAndNeverNone) {
  EXPECT_GE(turns_awake(0), 1);
  EXPECT_GT(turns_awake(100'000), 10 * turns_awake(1));
}

}  // namespace
}  // namespace convscope
