#include "convscope/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>
#include <vector>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/** Runs `body` in a child process and gives back the exit status it chose. */
template <typename Body>
int in_a_child(Body&& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 98;
    try {
      code = body();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/** No file of this process may grow beyond `bytes` from now on: a full disk for one. */
void leave_little_room(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit room{bytes, bytes};
  require(::setrlimit(RLIMIT_FSIZE, &room) == 0, "setrlimit does not work here");
}

/** 1 where `body` throws an Error that holds `part`, 0 where it throws none, 2 where it throws another. */
template <typename Body>
int fails_saying(std::string_view part, Body&& body) {
  try {
    body();
  } catch (const Error& e) {
    return std::string_view(e.what()).find(part) != std::string_view::npos ? 1 : 2;
  }
  return 0;
}

TEST(Files, HoldWhatWasWritten) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\nc", 5);
  write_file(folder / "x", bytes);
  EXPECT_EQ(read_file(folder / "x"), bytes);
  write_file(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
  const std::array<std::string_view, 3> pieces{"one ", "", "two"};
  write_file(folder / "x", pieces);
  EXPECT_EQ(read_file(folder / "x"), "one two");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"x"});
}

TEST(Files, OnAFullDiskTheOldOneSurvives) {
  const TemporaryFolder folder;
  write_file(folder / "x", "the old one");
  const std::string big(100'000, 'n');
  const std::string wanted = (folder / "x").string() + ": cannot write: File too large";
  EXPECT_EQ(in_a_child([&] {
              leave_little_room(50'000);
              return fails_saying(wanted, [&] { write_file(folder / "x", big); });
            }),
            1);
  EXPECT_EQ(read_file(folder / "x"), "the old one");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"x"});
}

TEST(Files, OnAFullDiskANewOneDoesNotAppear) {
  const TemporaryFolder folder;
  const std::string big(100'000, 'n');
  EXPECT_EQ(in_a_child([&] {
              leave_little_room(50'000);
              return fails_saying("File too large", [&] { write_file(folder / "x", big); });
            }),
            1);
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(Files, APlaceThatCannotBeWrittenIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  write_file(folder / "file", "x");
  const Path below = folder / "file/y", missing = folder / "missing/y";
  EXPECT_THROW_SAYING(write_file(below, "x"), below.string() + ": cannot write: Not a directory");
  EXPECT_THROW_SAYING(write_file(missing, "x"), missing.string() + ": cannot write: No such file or directory");
  EXPECT_THROW_SAYING(append_line(below, "x"), below.string() + ": cannot write: Not a directory");
  EXPECT_THROW_SAYING(write_file("/proc/convscope", "x"), "/proc/convscope: cannot write: ");
  make_folder(folder / "folder");
  EXPECT_THROW_SAYING(write_file(folder / "folder", "x"), (folder / "folder").string() + ": cannot write: Is a directory");
  EXPECT_EQ(names_in(folder.path()), (std::vector<std::string>{"file", "folder"}));
}

TEST(Files, WithoutPermissionNothingIsWritten) {
  const TemporaryFolder folder;
  write_file(folder / "x", "the old one");
  ::chmod(folder.path().c_str(), 0555);
  const std::string wanted = (folder / "x").string() + ": cannot write: Permission denied";
  EXPECT_EQ(in_a_child([&] {
              if (::geteuid() == 0) require(::setuid(65534) == 0, "cannot become nobody");  // root may write everywhere
              return fails_saying(wanted, [&] { write_file(folder / "x", "new"); });
            }),
            1);
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_EQ(read_file(folder / "x"), "the old one");
}

TEST(Files, ALinkStaysALink) {
  const TemporaryFolder folder;
  write_file(folder / "x", "old");
  std::filesystem::create_symlink(folder / "x", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "x"), "new");
}

TEST(Files, APipeIsWrittenToAndReadToItsEnd) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const std::string bytes(300'000, 'x');
  std::string came;
  std::thread reader([&] { came = read_file(folder / "pipe"); });
  write_file(folder / "pipe", bytes);
  reader.join();
  EXPECT_EQ(came, bytes);
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

TEST(Files, ADeviceIsNeverReplacedByAFile) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(ReadFile, SaysWhyItCannot) {
  const TemporaryFolder folder;
  EXPECT_THROW_SAYING(read_file(folder / "missing"), (folder / "missing").string() + ": cannot read: No such file or directory");
  EXPECT_THROW_SAYING(read_file("https://example.org/net.onnx"), "addresses are not fetched");
  EXPECT_THROW_SAYING(read_file(folder.path()), folder.path().string() + ": is a folder, a file was wanted");
}

TEST(ReadFile, ReadsAtMostWhatItMay) {
  const TemporaryFolder folder;
  write_file(folder / "x", "12345");
  EXPECT_EQ(read_file(folder / "x", 5), "12345");
  EXPECT_THROW_SAYING(read_file(folder / "x", 4), "5 bytes, at most 4 are read");
  EXPECT_THROW_SAYING(read_file("/dev/zero", 1000), "/dev/zero: more than 1000 bytes");
}

TEST(ReadFile, ReadsFilesThatSayTheyAreEmpty) { EXPECT_NE(read_file("/proc/self/status").find("VmRSS"), std::string::npos); }

TEST(AppendLine, AddsOneLineEachTime) {
  const TemporaryFolder folder;
  append_line(folder / "x", "one");
  append_line(folder / "x", "");
  append_line(folder / "x", "two");
  EXPECT_EQ(read_file(folder / "x"), "one\n\ntwo\n");
}

TEST(MakeFolder, MakesItsParentsAndMayExist) {
  const TemporaryFolder folder;
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
}

TEST(MakeFolder, SaysWhatIsInTheWay) {
  const TemporaryFolder folder;
  write_file(folder / "file", "x");
  EXPECT_THROW_SAYING(make_folder(folder / "file"), (folder / "file").string() + ": cannot make the folder: ");
  EXPECT_THROW_SAYING(make_folder(folder / "file/below"), "cannot make the folder: Not a directory");
}

TEST(FolderLocks, KeepASecondOneOutUntilTheFirstIsGone) {
  const TemporaryFolder folder;
  {
    const FolderLock first(folder.path());
    EXPECT_THROW_SAYING(FolderLock(folder.path()), "another process");
  }
  EXPECT_NO_THROW(FolderLock(folder.path()));
}

TEST(GrowingFile, AppearsWholeWhenItIsFinished) {
  const TemporaryFolder folder;
  GrowingFile file(folder / "a.txt");
  file.write("one ");
  EXPECT_FALSE(std::filesystem::exists(folder / "a.txt"));
  file.write("two");
  file.finish();
  EXPECT_EQ(read_file(folder / "a.txt"), "one two");
}

TEST(GrowingFile, LeavesNothingWhereItIsNeverFinished) {
  const TemporaryFolder folder;
  write_file(folder / "a.txt", "old");
  {
    GrowingFile file(folder / "a.txt");
    file.write("new");
  }
  EXPECT_EQ(read_file(folder / "a.txt"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace convscope
