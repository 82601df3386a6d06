#include "convscope/api/kept_programs.h"

#include <list>
#include <mutex>

#include "convscope/base/threads.h"

namespace convscope {

namespace {

constexpr size_t kMostSubjects = 4, kMostPrograms = 4;  // of a network; of a subject
constexpr int64_t kMostBytes = int64_t{256} << 20;      // of all, with their weights: what needs more runs longer than it compiles

/** What programs depend on besides graph and weights. */
struct Terms {
  int64_t batch;
  Precision precision;
  std::string engine;
  int threads;
  bool operator==(const Terms&) const = default;
};

/** Programs over a store of their own. */
struct Kept {
  Terms terms;
  std::shared_ptr<Weights> weights;
  std::unique_ptr<CompiledPrograms> programs;
  uint64_t version = 0, arrangement = 0;  // of the weights, as they came

  bool as_made() const { return weights->version() == version && weights->arrangement() == arrangement; }
  int64_t bytes() const {
    int64_t sum = programs->bytes();
    for (const Weights::Entry& entry : weights->entries()) sum += entry.floats * static_cast<int64_t>(sizeof(float));
    return sum;
  }
};

/** A number that another network's weights hardly have. */
uint64_t digest(const std::map<std::string, Tensor>& tensors) {
  uint64_t all = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::string_view numbers(reinterpret_cast<const char*>(tensor.data()), static_cast<size_t>(tensor.size()) * sizeof(float));
    all = (all ^ std::hash<std::string_view>{}(name)) * 0x9e3779b97f4a7c15u;
    all = (all ^ std::hash<std::string_view>{}(numbers)) * 0x9e3779b97f4a7c15u;
  }
  return all;
}

/** Whether one is a copy of the other: copies share their ops. */
bool same(const Graph& a, const Graph& b) {
  return a.output == b.output &&
         std::equal(a.nodes().begin(), a.nodes().end(), b.nodes().begin(), b.nodes().end(),
                    [](const Node& x, const Node& y) { return x.op == y.op && x.name == y.name && x.inputs == y.inputs; });
}

}  // namespace

struct KeptPrograms::Store {
  mutable std::mutex mutex;
  Graph graph;  // whose programs are kept
  uint64_t weights = 0;
  std::list<Kept> kept;  // last used first
  int64_t compilations = 0;

  Kept take(const Graph& now, uint64_t digest_now, const Terms& terms) {
    const std::lock_guard lock(mutex);
    if (weights != digest_now || !same(graph, now)) {
      kept.clear();
      graph = now;
      weights = digest_now;
    }
    for (auto i = kept.begin(); i != kept.end(); ++i) {
      if (i->terms != terms) continue;
      Kept found = std::move(*i);
      kept.erase(i);
      return found;
    }
    return {terms, nullptr, std::make_unique<CompiledPrograms>()};
  }

  void give_back(Kept used, const Graph& of, uint64_t digest_then, int64_t compiled) {
    const std::lock_guard lock(mutex);
    compilations += compiled;
    if (!used.as_made() || weights != digest_then || !same(graph, of)) return;
    used.programs->keep(kMostPrograms, kMostBytes);
    if (used.programs->size() == 0) return;
    kept.push_front(std::move(used));
    int64_t sum = 0;
    size_t count = 0;
    std::erase_if(kept, [&](const Kept& one) {  // the newest stays, however large its weights are
      const bool stays = count == 0 || (count < kMostSubjects && sum + one.bytes() <= kMostBytes);
      if (stays) ++count, sum += one.bytes();
      return !stays;
    });
  }
};

KeptPrograms::KeptPrograms() : store_(std::make_shared<Store>()) {}
KeptPrograms::~KeptPrograms() = default;
KeptPrograms::KeptPrograms(KeptPrograms&&) noexcept = default;
KeptPrograms& KeptPrograms::operator=(KeptPrograms&&) noexcept = default;
KeptPrograms& KeptPrograms::operator=(const KeptPrograms& other) {
  if (this != &other) store_ = std::make_shared<Store>();
  return *this;
}

NetworkSubject KeptPrograms::subject(const Graph& graph, const std::map<std::string, Tensor>& tensors,
                                     NetworkSubject::Options options) const {
  assert(options.rules.empty());
  if (!store_) return {graph, std::make_shared<Weights>(graph, tensors), std::move(options)};
  const uint64_t now = digest(tensors);
  auto kept = std::make_shared<Kept>(store_->take(graph, now, {options.batch, options.precision, origin(options.engine), threads()}));
  if (!kept->weights) {
    kept->weights = std::make_shared<Weights>(graph, tensors);
    kept->version = kept->weights->version();
    kept->arrangement = kept->weights->arrangement();
  }
  const int64_t before = kept->programs->compilations();
  const auto back = [kept, graph, now, before, store = std::weak_ptr(store_)](CompiledPrograms* programs) {
    if (const auto there = store.lock()) there->give_back(std::move(*kept), graph, now, programs->compilations() - before);
  };
  const std::shared_ptr<CompiledPrograms> lent(kept->programs.get(), back);
  return {graph, kept->weights, std::move(options), lent};
}

int64_t KeptPrograms::compilations() const {
  if (!store_) return 0;
  const std::lock_guard lock(store_->mutex);
  return store_->compilations;
}

int64_t KeptPrograms::bytes() const {
  if (!store_) return 0;
  const std::lock_guard lock(store_->mutex);
  int64_t sum = 0;
  for (const Kept& one : store_->kept) sum += one.bytes();
  return sum;
}

}  // namespace convscope
