#pragma once

#include <list>
#include <memory>

#include "convscope/engine/program.h"
#include "convscope/subject/subject.h"

namespace convscope {

/**
 * Programs of one network over one store of weights, each compiled when it is first asked for. All have the same precision, engine and
 * threads: what tells them apart is the key. A program stays where it is until `keep` or the end.
 */
class CompiledPrograms {
 public:
  /** What a program is asked for, and of how many images at once. */
  struct Key {
    enum class Use { table, node, slopes, pass, from_node, signals } use;
    Objective objective = {};
    Names gradients = {}, values = {};  // of nodes
    std::string ruling = {};            // its name: one name, one set of rules
    int64_t batch = 0;

    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    std::unique_ptr<Program> program;
    Names notes = {};           // what its rules noted
    bool second_input = false;  // of a pass: whether its rules compare with a baseline; from a node: whether pixels pass it by
  };

  /** `make` gives the entry where there is none yet. */
  template <typename Make>
  Entry& at(const Key& key, Make&& make) {
    for (auto i = kept_.begin(); i != kept_.end(); ++i)
      if (i->first == key) {
        kept_.splice(kept_.begin(), kept_, i);
        return i->second;
      }
    kept_.emplace_front(key, make());
    ++compilations_;
    return kept_.front().second;
  }

  /** Only the programs that were used last: at most so many, of at most so many bytes in all. */
  void keep(size_t most, int64_t bytes);
  size_t size() const { return kept_.size(); }
  /** Bytes of all programs, without the weights that they share. */
  int64_t bytes() const;
  /** Programs that were compiled since this was made. */
  int64_t compilations() const { return compilations_; }

 private:
  std::list<std::pair<Key, Entry>> kept_;  // last used first
  int64_t compilations_ = 0;
};

}  // namespace convscope
