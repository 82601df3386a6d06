#pragma once

#include <map>
#include <memory>

#include "convscope/subject/network_subject.h"

namespace convscope {

/**
 * What questions about a network have compiled, for the next ones: the programs of a few batch sizes, precisions, engines and counts of
 * threads, those that were used last. They go when another graph or other weights come: each question compares all numbers.
 *
 * Any thread may borrow: what one has borrowed is its own until its subject ends, and who asks the same meanwhile compiles anew. A copy of
 * a network begins with none.
 */
class KeptPrograms {
 public:
  KeptPrograms();
  ~KeptPrograms();
  KeptPrograms(const KeptPrograms&) : KeptPrograms() {}
  KeptPrograms& operator=(const KeptPrograms& other);
  KeptPrograms(KeptPrograms&&) noexcept;
  KeptPrograms& operator=(KeptPrograms&&) noexcept;

  /** The network held still; its programs come back here when it ends. The options have no rules. */
  NetworkSubject subject(const Graph& graph, const std::map<std::string, Tensor>& tensors, NetworkSubject::Options options) const;

  /** Of all questions so far that have ended. */
  int64_t compilations() const;
  /** Bytes of what is kept: programs, and the weights that they share. */
  int64_t bytes() const;

 private:
  struct Store;
  std::shared_ptr<Store> store_;  // none of one that was moved from: it keeps nothing
};

}  // namespace convscope
