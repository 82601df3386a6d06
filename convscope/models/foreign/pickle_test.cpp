#include "convscope/models/foreign/pickle.h"

#include <algorithm>
#include <set>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

using namespace std::string_literals;

Pickle read(std::string_view bytes) { return parse_pickle(bytes, "x.pt"); }

template <typename T>
T root(std::string_view bytes) {
  const Pickle pickle = read(bytes);
  const T* value = std::get_if<T>(&pickle.at(pickle.root));
  if (!value) fail("the root is of another kind: {}", pickle.at(pickle.root).index());
  return *value;
}

/** A text as BINUNICODE has it. */
std::string text(std::string_view t) {
  const uint32_t length = static_cast<uint32_t>(t.size());
  return "X" + std::string(reinterpret_cast<const char*>(&length), 4) + std::string(t);
}

TEST(Pickles, HoldPlainValues) {
  EXPECT_EQ(root<bool>("\x80\x02\x88."), true);
  EXPECT_EQ(root<int64_t>("\x80\x02K\xff."), 255);
  EXPECT_EQ(root<int64_t>("\x80\x02M\x01\x02."), 0x201);
  EXPECT_EQ(root<int64_t>("\x80\x02J\xfb\xff\xff\xff."), -5);
  EXPECT_EQ(root<double>("\x80\x02G\x40\x04\0\0\0\0\0\0."s), 2.5);
  EXPECT_EQ(root<std::string>("\x80\x04\x8c\x02hi."), "hi");
  EXPECT_EQ(root<PickleBytes>("\x80\x03"s + "C\x02\x00\xff."s).bytes, "\x00\xff"s);
  EXPECT_EQ(root<PickleTuple>("\x80\x02)."s).items.size(), 0u);
  EXPECT_EQ(root<PickleList>("\x80\x02](K\x01K\x02"
                             "e.")
                .items.size(),
            2u);
}

TEST(Pickles, HoldWholeNumbersOfAnyLength) {
  EXPECT_EQ(root<int64_t>("\x80\x02\x8a\x00."s), 0);
  EXPECT_EQ(root<int64_t>("\x80\x02\x8a\x01\xff."), -1);
  EXPECT_EQ(root<int64_t>("\x80\x02\x8a\x05\0\xe4\x0b\x54\x02."s), 10'000'000'000);
  EXPECT_EQ(root<int64_t>("\x80\x02\x8b\x02\0\0\0\x00\x80."s), -32768);
  EXPECT_EQ(root<PickleBigInt>("\x80\x02\x8a\x09\1\2\3\4\5\6\7\x08\x09.").bytes, "\1\2\3\4\5\6\7\x08\x09");
}

TEST(Pickles, KeepTheLastValueOfAKey) {
  const Pickle p = read("\x80\x02}(" + text("a") + "K\x01" + text("a") + "K\x02u.");
  const auto& dict = std::get<PickleDict>(p.at(p.root));
  EXPECT_EQ(std::get<int64_t>(*p.find(dict, "a")), 2);
  EXPECT_EQ(p.find(dict, "b"), nullptr);
}

TEST(Pickles, RememberValuesThatAreStillEmpty) {
  // A list in itself: l = []; l.append(l).
  const Pickle p = read(
      "\x80\x02]q\x01h\x01"
      "a.");
  EXPECT_EQ(std::get<PickleList>(p.at(p.root)).items.at(0), p.root);
}

TEST(Pickles, SayWhereTheyEnd) { EXPECT_EQ(read("\x80\x02N.and more").length, 4u); }

TEST(Pickles, OfTensorsNameStorageOffsetExtentsAndStrides) {
  const std::string storage = "(" + text("storage") + "ctorch\nHalfStorage\n" + text("0") + text("cpu") + "K\x06tQ";
  const Pickle p = read(
      "\x80\x02"
      "ctorch._utils\n_rebuild_tensor_v2\n(" +
      storage + "K\x01K\x02K\x03\x86K\x03K\x01\x86\x89" + "ccollections\nOrderedDict\n)RtR.");
  const auto& t = std::get<PickleTensor>(p.at(p.root));
  EXPECT_EQ(t.offset, 1);
  EXPECT_EQ(t.extents, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(t.strides, (std::vector<int64_t>{3, 1}));
  const auto& s = std::get<PickleStorage>(p.at(t.storage));
  EXPECT_EQ(s.key, "0");
  EXPECT_EQ(s.kind, NumberKind::f16);
  EXPECT_EQ(s.count, 6);
}

TEST(Pickles, ThatWouldRunSomethingAreErrorsThatNameIt) {
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "cos\nsystem\n" +
                           text("touch /tmp/x") + "\x85R."),
                      "it asks for \"os.system\"");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "cposix\nsystem\n" +
                           text("id") + "\x85R."),
                      "\"posix.system\"");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "cbuiltins\neval\n" +
                           text("1") + "\x85R."),
                      "\"builtins.eval\"");
  EXPECT_THROW_SAYING(read("\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93."), "\"subprocess.Popen\"");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "cos.\x1b[2J\nb\n."),
                      "os.\\u001b[2J.b");
}

TEST(Pickles, OfNamesThatOnlyBeginLikeHarmfulOnesAreRead) {
  for (const char* name :
       {"builtins\ncomplex", "__builtin__\ncomplex", "__builtin__\nobject", "code.models\nNet", "commands.train\nOptions"})
    EXPECT_NO_THROW(read("\x80\x02" + ("c" + std::string(name)) + "\n."));
  for (const char* name : {"builtins\ncompile", "__builtin__\nopen", "code\nInteractiveInterpreter", "commands\ngetoutput"})
    EXPECT_THROW_SAYING(read("\x80\x02" + ("c" + std::string(name)) + "\n."), "runs commands");
}

TEST(Pickles, MakeOfNamesThatAreNotKnownPlaceholdersThatTakeAnything) {
  // {"x": easydict.EasyDict(), "lr": 1} with a pair put into it, attributes given to it, and a method of it looked up and called.
  const std::string object = "ceasydict\nEasyDict\n)\x81q\x01" + text("a") + "K\x01s}b";
  const Pickle p = read("\x80\x02}(" + text("x") + object + text("lr") + "cbuiltins\ngetattr\nh\x01" + text("step") + "\x86R)Ru.");
  const auto& dict = std::get<PickleDict>(p.at(p.root));
  EXPECT_EQ(p.class_of(std::get<PickleOpaque>(*p.find(dict, "x"))), "easydict.EasyDict");
  EXPECT_EQ(p.class_of(std::get<PickleOpaque>(*p.find(dict, "lr"))), "builtins.getattr");
  EXPECT_EQ(std::get<PickleForeign>(read("\x80\x02"
                                         "ctorch\nSize.__class__\n.")
                                        .values.at(0))
                .name,
            "torch.Size.__class__");
}

TEST(Pickles, HoldForeignNamesOnceAndNoMoreThanTheyAreLong) {
  // The same name again and again, by GLOBAL and by STACK_GLOBAL.
  std::string again = "\x80\x04]q\x01(";
  for (int i = 0; i < 1000; ++i)
    again +=
        "ca\nb\n\x8c\x01"
        "a\x8c\x01"
        "b\x93";
  const Pickle p = read(again + "e.");
  EXPECT_EQ(std::count_if(p.values.begin(), p.values.end(), [](const auto& v) { return std::holds_alternative<PickleForeign>(v); }), 1);
  // Two long parts put together in ever new ways.
  std::string parts = "\x80\x04(";
  for (int i = 0; i < 200; ++i) parts += "X" + std::string("\xf0\0\0\0", 4) + std::string(238, 'x') + fmt::format("{:02x}", i) + "\x94";
  for (int i = 0; i < 200; ++i)
    for (int j = 0; j < 200; ++j) parts += std::string("h") + static_cast<char>(i) + "h" + static_cast<char>(j) + "\x93";
  EXPECT_THROW_SAYING(read(parts + "t."), "longer than the pickle");
}

TEST(Pickles, WithOtherOpcodesAreErrorsThatNameThem) {
  EXPECT_THROW_SAYING(read("\x80\x02(ios\nsystem\n."), "the opcode 0x69 ('i')");
  EXPECT_THROW_SAYING(read("\x80\x02(S'id'\n."), "the opcode 0x53 ('S')");
  EXPECT_THROW_SAYING(read("\x80\x02\x82\x01."), "the opcode 0x82 ");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "Ppersistent\n."),
                      "the opcode 0x50 ('P')");
  EXPECT_THROW_SAYING(read("\x80\x01N."), "protocol 1; 2 to 5 are known");
  EXPECT_THROW_SAYING(read("\x80\x06N."), "protocol 6; 2 to 5 are known");
}

TEST(Pickles, CallNothingButWhatTheTableSays) {
  EXPECT_THROW_SAYING(read("\x80\x02K\x01)R."), "it calls what is no name");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "ctorch\nFloatStorage\n)R."),
                      "it calls torch.FloatStorage");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "ctorch\nSize\n)\x81."),
                      "it makes an object of what is no class");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "ctorch._utils\n_rebuild_parameter\nK\x01\x85R."),
                      "a tensor was wanted");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "ctorch._utils\n_rebuild_tensor_v2\nK\x01\x85R."),
                      "a tensor of 1 parts");
  EXPECT_THROW_SAYING(read("\x80\x02K\x01}b."), "it gives attributes to what has none");
}

TEST(Pickles, LeaveOutWhatNoStateDictNeeds) {
  EXPECT_NO_THROW(
      root<PickleOpaque>("\x80\x02"
                         "ctorch\ndevice\n" +
                         text("cpu") + "\x85R."));
  EXPECT_NO_THROW(
      root<PickleOpaque>("\x80\x02"
                         "cargparse\nNamespace\n)\x81}b."));
}

TEST(Pickles, ThatTakeMoreThanThereIsAreErrors) {
  for (const std::string bad : {"",
                                "\x80",
                                "\x80\x02",
                                "\x80\x02.",
                                "\x80\x02"
                                "a.",
                                "\x80\x02]"
                                "a.",
                                "\x80\x02(a.",
                                "\x80\x02(K\x01"
                                "a.",
                                "\x80\x02t.",
                                "\x80\x02"
                                "0.",
                                "\x80\x02"
                                "1.",
                                "\x80\x02s.",
                                "\x80\x02}K\x01s.",
                                "\x80\x02}(K\x01u.",
                                "\x80\x02R.",
                                "\x80\x02)R.",
                                "\x80\x02"
                                "b.",
                                "\x80\x02Q.",
                                "\x80\x02)Q.",
                                "\x80\x02h\x01.",
                                "\x80\x02q\x01.",
                                "\x80\x02NN.",
                                "\x80\x02(N.",
                                "\x80\x02X\xff\xff\xff\xff.",
                                "\x80\x02N(N",
                                "\x80\x02\x87.",
                                "\x80\x04\x93.",
                                "\x80\x02"
                                "cos"})
    EXPECT_THROW_SAYING(read(bad), "x.pt: byte");
}

TEST(Pickles, WithHugeClaimsTakeNoMemory) {
  EXPECT_THROW_SAYING(read("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff."), "18446744073709551615 bytes are said to follow");
  EXPECT_THROW_SAYING(read("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."), "are said to follow");
  EXPECT_THROW_SAYING(read("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN."), "a frame of 9223372036854775807 bytes");
  EXPECT_THROW_SAYING(read("\x80\x02\x8b\xff\xff\xff\x7f."), "a whole number of 2147483647 bytes");
  EXPECT_THROW_SAYING(read("\x80\x02Nr\xff\xff\xff\xff."), "it remembers a value at place 4294967295");
  EXPECT_THROW_SAYING(read("\x80\x02"
                           "c" +
                           std::string(1000, 'x')),
                      "a name has no end within 256 bytes");
}

TEST(Pickles, OfAbsurdDepthOrCountAreErrorsAtOnce) {
  EXPECT_THROW_SAYING(read("\x80\x02" + std::string(1'000'000, '(')), "lists lie more than 256 deep");
  EXPECT_THROW_SAYING(read("\x80\x02" + std::string(2'000'000, ']')), "more than 1000000");
  EXPECT_THROW_SAYING(read("\x80\x02]" +
                           [] {
                             std::string items;
                             for (int i = 0; i < 1'100'000; ++i) items += "Na";
                             return items;
                           }()),
                      "more than 1000000 values");
  // A hundred thousand lists in each other are read: nothing here walks them by recursion.
  const size_t deep = 100'000;
  EXPECT_EQ(read("\x80\x02" + std::string(deep, ']') + std::string(deep - 1, 'a') + ".").values.size(), deep);
  // One long list, named again and again.
  std::string bomb = "\x80\x02](";
  for (int i = 0; i < 10'000; ++i) bomb += "NN\x86";
  bomb += "eq\x00"s;
  for (int i = 0; i < 10'000; ++i) bomb += "ccollections\nOrderedDict\nh\x00\x85R"s;
  EXPECT_THROW_SAYING(read(bomb), "dicts and tensors copy more than 1000000 values");
}

/** A storage of a key, its tuple remembered at place 1. */
std::string storage(std::string_view key) {
  return "(" + text("storage") + "ctorch\nHalfStorage\n" + text(key) + text("cpu") + "K\x06tq\x01Q";
}

TEST(Pickles, ThatNameLongPartsAgainAndAgainTakeNoMemory) {
  // A storage's key, 1 MB in the file once and pointed to by three bytes.
  EXPECT_THROW_SAYING(read("\x80\x02" + storage(std::string(1 << 20, '7'))), "a storage's key of 1048576 bytes; at most 64 are read");
  // A tensor's extents, 64 of them, called for by six bytes.
  std::string bomb = "\x80\x02](ctorch._utils\n_rebuild_tensor_v2\nq\x02(" + storage("0") + "K\x00("s;
  for (int i = 0; i < 64; ++i) bomb += "K\x01";
  bomb += "tq\x03h\x03tq\x04R";
  for (int i = 0; i < 10'000; ++i) bomb += "h\x02h\x04R";
  EXPECT_THROW_SAYING(read(bomb + "e."), "dicts and tensors copy more than 1000000 values");
}

TEST(Pickles, AreReadOrRefusedWhereverTheyAreCutOrDamaged) {
  const std::string tensor = "ctorch._utils\n_rebuild_tensor_v2\n(" + storage("0") +
                             "K\x01K\x02K\x03\x86K\x03K\x01\x86\x89"
                             "ccollections\nOrderedDict\n)RtR";
  const std::string pickle = "\x80\x02}q\x05(" + text("state_dict") + "ccollections\nOrderedDict\n)R(" + text("weight") + tensor +
                             text("lr") + "G\x3f\xb9\x99\x99\x99\x99\x99\x9au" + text("list") +
                             "](K\x01M\x01\x02J\x01\x02\x03\x04\x8a\x02\xff\x00NNe"s + text("device") + "ctorch\ndevice\n" + text("cpu") +
                             "\x85R" + text("self") + "h\x05u.";
  EXPECT_EQ(read(pickle).length, pickle.size());
  const Reader reader = [](std::string_view damaged) { read(damaged); };
  cut_everywhere(pickle, reader);
  flip_bytes(pickle, reader, 10'000, pickle.size());
}

/** What stands between `behind` and the next blank line in the documentation, the names in backticks. */
std::set<std::string> documented(std::string_view behind) {
  const std::string page = read_file(Path(CONVSCOPE_FIXTURES) / ".." / ".." / "docs" / "foreign-networks.md");
  size_t at = page.find(behind);
  if (at == std::string::npos) fail("docs/foreign-networks.md does not say '{}'", behind);
  at = page.find("\n\n", at) + 2;
  const std::string part = page.substr(at, page.find("\n\n", at) - at);
  std::set<std::string> names;
  for (size_t open = part.find('`'); open != std::string::npos;) {
    const size_t close = part.find('`', open + 1);
    names.insert(part.substr(open + 1, close - open - 1));
    open = part.find('`', close + 1);
  }
  return names;
}

TEST(Pickles, AreDocumentedWithTheirOpcodesAndNames) {
  const auto opcodes = pickle_opcodes();
  const auto names = pickle_names();
  EXPECT_EQ(documented("## Opcodes"), std::set<std::string>(opcodes.begin(), opcodes.end()));
  EXPECT_EQ(documented("## Names"), std::set<std::string>(names.begin(), names.end()));
  EXPECT_EQ(std::set<std::string>(opcodes.begin(), opcodes.end()).size(), opcodes.size());
}

}  // namespace
}  // namespace convscope
