#pragma once

/**
 * Python's pickles as PyTorch writes them, read as plain values.
 *
 * A pickle is a program that may call anything by its name. This reader has a table of the opcodes it knows and a table of the names it
 * knows, and what a name means is written here: nothing is looked up, imported or run. An opcode that is not in the table is an error. A
 * name that is not (a scheduler, a path, somebody's configuration beside the weights) stands for nothing: what is made of it is a
 * placeholder, and what is put into that is passed over. Names that a file has only to harm who opens it with Python are refused.
 * The same tables are in docs/foreign-networks.md.
 *
 * Goals: state dicts and the checkpoints around them, protocols 2 to 5. Non-goals: whole modules, other people's classes.
 * Time and memory grow with the length of the pickle and no faster: no opcode makes more than one value.
 */

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace convscope {

/** The numbers of a storage. */
enum class NumberKind { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };
int64_t bytes_of(NumberKind kind);

/** A value's place in `Pickle::values`. Values refer to each other by place, so that one may hold itself and none is nested for C++. */
using PickleId = uint32_t;

struct PickleNone {};
/** A whole number of more than 64 bits, two's complement, lowest byte first. */
struct PickleBigInt {
  std::string bytes;
};
struct PickleBytes {
  std::string bytes;
};
/** Also a set. */
struct PickleList {
  std::vector<PickleId> items;
};
struct PickleTuple {
  std::vector<PickleId> items;
};
/** Pairs in the order of the file; Python keeps the last one of a key. */
struct PickleDict {
  std::vector<std::pair<PickleId, PickleId>> items;
};
/** A name from the table, not called yet: its row. */
struct PickleName {
  size_t row;
};
/** Numbers that lie elsewhere in the file. */
struct PickleStorage {
  std::string key;
  NumberKind kind;
  int64_t count;
};
/** A view onto a storage; the strides count numbers. Nothing is checked against the storage's length yet. */
struct PickleTensor {
  PickleId storage;
  int64_t offset;
  std::vector<int64_t> extents, strides;
};
/** A name that is not in the table. */
struct PickleForeign {
  std::string name;
};
/** What was made and left out: a device, a scalar of NumPy, an object of a class that is not known here. */
struct PickleOpaque {
  PickleId of;  // what made it: a name, foreign or not, or another such object
};

using PickleValue = std::variant<PickleNone, bool, int64_t, PickleBigInt, double, std::string, PickleBytes, PickleList, PickleTuple,
                                 PickleDict, PickleName, PickleForeign, PickleStorage, PickleTensor, PickleOpaque>;

struct Pickle {
  std::vector<PickleValue> values;
  PickleId root = 0;
  size_t length = 0;  // of the pickle in bytes: what follows belongs to somebody else

  const PickleValue& at(PickleId id) const { return values[id]; }
  /** The value of a text key in a dict, the last one given; null where there is none. */
  const PickleValue* find(const PickleDict& dict, std::string_view key) const;
  /** What an object that was left out is of, as the file says it: "torch.optim.lr_scheduler.OneCycleLR". */
  std::string class_of(const PickleOpaque& object) const;
};

/** Reads the pickle that `bytes` begin with; `whose` opens the messages. */
Pickle parse_pickle(std::string_view bytes, std::string_view whose);

/** The tables' names, for the documentation: opcodes as Python's pickletools calls them, names as `module.name`. */
std::vector<std::string> pickle_opcodes();
std::vector<std::string> pickle_names();

}  // namespace convscope
