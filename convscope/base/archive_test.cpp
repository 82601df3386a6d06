#include "convscope/base/archive.h"

#include <algorithm>
#include <map>

#include "convscope/base/archive_testing.h"
#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

using Contents = std::map<std::string, std::string>;

Contents contents_of(std::string_view bytes, const ArchiveLimits& limits = {}) {
  Contents all;
  read_archive(bytes, "x", limits, [&](ArchiveFile& file) {
    all[file.entry().name] = file.bytes();
    return true;
  });
  return all;
}

/** An archive of one file, and the error that reading it ends with. */
std::string refusal(const TestEntry& entry, Packing packing = Packing::tar) {
  try {
    contents_of(packed({entry}, packing));
  } catch (const Error& e) {
    return e.what();
  }
  return "(no error)";
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

class EveryArchive : public ::testing::TestWithParam<Packing> {};
INSTANTIATE_TEST_SUITE_P(Packings, EveryArchive, ::testing::Values(Packing::tar, Packing::tar_gz, Packing::zip), [](const auto& param) {
  return param.param == Packing::tar ? "tar" : param.param == Packing::tar_gz ? "tar_gz" : "zip";
});

TEST_P(EveryArchive, GivesNamesSizesAndContents) {
  const std::string long_name = "folder/" + std::string(180, 'n');
  const std::string bytes =
      packed({{"folder/", "", AE_IFDIR}, {"./folder//a", "one"}, {long_name, std::string(700'000, 'x')}, {"empty"}}, GetParam());
  EXPECT_EQ(contents_of(bytes), (Contents{{"folder/a", "one"}, {long_name, std::string(700'000, 'x')}, {"empty", ""}}));
  const std::vector<ArchiveEntry> entries = list_archive(bytes, "x");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "folder/a");
  EXPECT_EQ(entries[1].size, 700'000);
}

TEST_P(EveryArchive, ReadsOnlyWhatIsAskedFor) {
  const std::string bytes = packed({{"a", "one"}, {"b", "two"}, {"c", "three"}}, GetParam());
  std::vector<std::string> seen;
  read_archive(bytes, "x", {}, [&](ArchiveFile& file) {
    seen.push_back(file.entry().name == "a" ? "skipped" : file.bytes());
    return file.entry().name != "b";
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"skipped", "two"}));
}

TEST_P(EveryArchive, IsTheSameFromAFileAndFromMemory) {
  const TemporaryFolder folder;
  write_file(folder / "archive", packed({{"a", "one"}, {"b", "two"}}, GetParam()));
  Contents all;
  read_archive(folder / "archive", {}, [&](ArchiveFile& file) {
    all[file.entry().name] = file.bytes();
    return true;
  });
  EXPECT_EQ(all, (Contents{{"a", "one"}, {"b", "two"}}));
  EXPECT_EQ(list_archive(folder / "archive").size(), 2u);
}

TEST_P(EveryArchive, RefusesNamesThatLeadElsewhere) {
  EXPECT_PRED2(says, refusal({"../a", "x"}, GetParam()), "'../a', which leads out of its folder");
  EXPECT_PRED2(says, refusal({"b/../../a", "x"}, GetParam()), "leads out of its folder");
  EXPECT_PRED2(says, refusal({"/etc/passwd", "x"}, GetParam()), "'/etc/passwd', an absolute path");
  EXPECT_PRED2(says, refusal({"a\nb", "x"}, GetParam()), "control characters");
}

TEST_P(EveryArchive, RefusesLinks) {
  EXPECT_PRED2(says, refusal({"link", "", AE_IFLNK, "/etc/passwd"}, GetParam()), "'link' is a link or a device");
}

TEST(Archive, RefusesHardLinksAndDevices) {
  EXPECT_PRED2(says, refusal({"link", "", AE_IFREG, "/etc/passwd"}), "'link' is a link or a device");
  EXPECT_PRED2(says, refusal({"device", "", AE_IFCHR}), "'device' is a link or a device");
  EXPECT_PRED2(says, refusal({"pipe", "", AE_IFIFO}), "'pipe' is a link or a device");
}

TEST_P(EveryArchive, KeepsToTheLimits) {
  const std::string bytes = packed({{"a", std::string(1000, 'a')}, {"b", std::string(1000, 'b')}}, GetParam());
  EXPECT_THROW_SAYING(list_archive(bytes, "x", {.entry_bytes = 999}), "x: 'a' claims 1000 bytes, at most 999");
  EXPECT_THROW_SAYING(list_archive(bytes, "x", {.total_bytes = 1999}), "more than the 1999 bytes");
  EXPECT_THROW_SAYING(list_archive(bytes, "x", {.entries = 1}), "more than the 1 files");
  EXPECT_EQ(list_archive(bytes, "x", {.entry_bytes = 1000, .total_bytes = 2000, .entries = 2}).size(), 2u);
}

TEST_P(EveryArchive, RefusesANameThatComesTwice) {
  EXPECT_THROW_SAYING(contents_of(packed({{"a", "one"}, {"./a", "two"}}, GetParam())), "x: holds 'a' twice");
}

TEST_P(EveryArchive, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  const std::string bytes = packed({{"folder/a", "one"}, {"b", std::string(600, 'b')}}, GetParam());
  ASSERT_LE(bytes.size(), 4096u);
  const Reader read = [](std::string_view damaged) { contents_of(damaged, {.entry_bytes = 1 << 20, .total_bytes = 1 << 21}); };
  cut_everywhere(bytes, read);
  flip_bytes(bytes, read, 10'000, bytes.size() > 512 ? 512 : 64);
}

TEST(Archive, NeverTakesTheMemoryThatAClaimAsksFor) {
  // A tar whose only file claims 8 GiB less a byte, in octal, and brings nothing.
  std::string bytes = packed({{"a", "one"}}, Packing::tar);
  bytes.replace(124, 12, "77777777777 ");
  uint32_t sum = 0;
  bytes.replace(148, 8, "        ");
  for (size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(bytes[i]);
  bytes.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  EXPECT_THROW_SAYING(contents_of(bytes), "'a' claims 8589934591 bytes");
  EXPECT_THROW_SAYING(contents_of(bytes, {.entry_bytes = int64_t{1} << 40, .total_bytes = int64_t{1} << 40}), "cannot unpack");
}

TEST(Archive, OfFilesWithHolesIsRefused) {
  // 2 KB of an archive would become a gigabyte.
  const std::string bytes = packed({{"a", std::string(1 << 20, '\0') + "end", AE_IFREG, "", 1 << 20}}, Packing::tar);
  ASSERT_LE(bytes.size(), 8192u);
  EXPECT_THROW_SAYING(list_archive(bytes, "x"), "x: 'a' has holes");
}

TEST(Archive, GzippedTwiceIsRefused) {
  EXPECT_THROW_SAYING(list_archive(packed({{"a", "one"}}, Packing::tar_gz_gz), "x"), "x: is gzipped more than once");
}

TEST(Archive, SaysWhatIsNoArchive) {
  for (const std::string& text : {std::string(), std::string("<html>404</html>"), std::string(3000, '\xff')})
    EXPECT_THROW_SAYING(list_archive(text, "x"), "x: cannot unpack after");
  const TemporaryFolder folder;
  EXPECT_THROW_SAYING(list_archive(folder / "nothing"), "nothing: cannot read");
  EXPECT_THROW_SAYING(list_archive(folder.path()), "cannot read");
}

TEST_P(EveryArchive, IsUnpackedIntoAFolder) {
  const TemporaryFolder folder;
  write_file(folder / "archive", packed({{"top/a", "one"}, {"top/deep/b", "two"}, {"top/c", "three"}}, GetParam()));
  const auto place = [](const ArchiveEntry& e) -> std::optional<Path> {
    if (e.name == "top/c") return std::nullopt;
    return Path(e.name).lexically_relative("top");
  };
  int64_t read = 0;
  const auto progress = [&](int64_t bytes) {
    EXPECT_GE(bytes, read);
    read = bytes;
  };
  const Extracted first =
      extract_archive(folder / "archive", folder / "out", {.limits = {}, .place = place, .progress = progress, .stop = {}});
  EXPECT_EQ(first.written, 2);
  EXPECT_GT(read, 0);
  EXPECT_EQ(read_file(folder / "out/a"), "one");
  EXPECT_EQ(read_file(folder / "out/deep/b"), "two");
  EXPECT_FALSE(std::filesystem::exists(folder / "out/c"));

  std::filesystem::remove(folder / "out/a");
  write_file(folder / "out/deep/b", "cut off");
  write_file(folder / "out/other", "mine");
  const Extracted again = extract_archive(folder / "archive", folder / "out");
  EXPECT_EQ(again.written, 3) << "by their own names";
  const Extracted third = extract_archive(folder / "archive", folder / "out", {.limits = {}, .place = place, .progress = {}, .stop = {}});
  EXPECT_EQ(third.written, 2) << "one was gone, one had another length";
  EXPECT_EQ(read_file(folder / "out/deep/b"), "two");
  EXPECT_EQ(read_file(folder / "out/other"), "mine");
  EXPECT_EQ(extract_archive(folder / "archive", folder / "out").kept, 3);
}

TEST(Archive, LeavesNoHalfFileBehind) {
  const TemporaryFolder folder;
  const std::string bytes = packed({{"a", "one"}, {"b", std::string(100'000, 'b')}}, Packing::tar);
  write_file(folder / "cut.tar", bytes.substr(0, 50'000));
  EXPECT_THROW_SAYING(extract_archive(folder / "cut.tar", folder / "out"), "cut.tar: cannot unpack");
  EXPECT_EQ(read_file(folder / "out/a"), "one");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "out"), {}), 1) << "neither b nor its part";
}

TEST(Archive, StopsBetweenTwoFilesAndGoesOnLater) {
  const TemporaryFolder folder;
  write_file(folder / "a.zip", packed({{"a", "one"}, {"b", "two"}, {"c", "three"}}, Packing::zip));
  int asked = 0;
  const Extracted some =
      extract_archive(folder / "a.zip", folder / "out", {.limits = {}, .place = {}, .progress = {}, .stop = [&] { return ++asked > 2; }});
  EXPECT_TRUE(some.stopped);
  EXPECT_EQ(some.written, 2);
  const Extracted rest = extract_archive(folder / "a.zip", folder / "out");
  EXPECT_FALSE(rest.stopped);
  EXPECT_EQ(rest.written, 1);
  EXPECT_EQ(rest.kept, 2);
}

}  // namespace convscope
