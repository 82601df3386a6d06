#include "convscope/engine/weights.h"

#include <algorithm>
#include <utility>

namespace convscope {

namespace {
constexpr int64_t kAlign = 16;  // numbers: a cache line
}  // namespace

void Weights::Entry::to_plain(const float* laid, Tensor& plain) const {
  if (layout) return layout->to_plain(laid, plain.data());
  std::copy_n(laid, shape.size(), plain.data());
}

void Weights::Entry::from_plain(const Tensor& plain, float* laid) const {
  if (layout) return layout->from_plain(plain.data(), laid);
  std::copy_n(plain.data(), shape.size(), laid);
}

Weights::Weights(const Graph& graph, const std::map<std::string, Tensor>& tensors) {
  for (const ParameterInfo& p : parameters(graph)) entries_.push_back({p.name, p.shape, p.trained, 0, 0, nullptr});
  std::stable_partition(entries_.begin(), entries_.end(), [](const Entry& e) { return e.trained; });
  place();
  for (const Entry& e : entries_) {
    const auto it = tensors.find(e.name);
    require(it != tensors.end(), "parameter '{}' {} of the network has no tensor", e.name, e.shape);
    set(e.name, it->second);
  }
}

void Weights::place() {
  int64_t offset = 0;
  trained_floats_ = 0;
  for (Entry& e : entries_) {
    e.floats = e.layout ? e.layout->floats() : e.shape.size();
    e.offset = offset;
    offset += (e.floats + kAlign - 1) / kAlign * kAlign;
    if (e.trained) trained_floats_ = offset;
  }
  store_ = Tensor(Shape{offset});
}

const Weights::Entry& Weights::at(std::string_view name) const {
  const auto it = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == name; });
  require(it != entries_.end(), "the network has no parameter '{}'", name);
  return *it;
}

Tensor Weights::get(std::string_view name) const {
  const Entry& e = at(name);
  Tensor plain(e.shape);
  e.to_plain(store_.data() + e.offset, plain);
  return plain;
}

void Weights::set(std::string_view name, const Tensor& value) {
  const Entry& e = at(name);
  require(value.shape() == e.shape, "parameter '{}' is {}, the tensor for it {}", name, e.shape, value.shape());
  e.from_plain(value, store_.data() + e.offset);
  changed();
}

std::map<std::string, Tensor> Weights::tensors() const {
  std::map<std::string, Tensor> all;
  for (const Entry& e : entries_) all.emplace(e.name, get(e.name));
  return all;
}

void Weights::arrange(const std::map<std::string, std::shared_ptr<const Layout>>& layouts) {
  const std::vector<Entry> before = entries_;
  const Tensor old = std::move(store_);
  for (Entry& e : entries_) {
    const auto it = layouts.find(e.name);
    e.layout = it == layouts.end() ? nullptr : it->second;
  }
  place();
  for (const Entry& e : before) {  // one at a time: masks may be all there is memory for
    Tensor plain(e.shape);
    e.to_plain(old.data() + e.offset, plain);
    set(e.name, plain);
  }
  ++arrangement_;
}

std::map<std::string, Tensor> Weights::to_plain(std::span<const float> like_trained) const {
  std::map<std::string, Tensor> all;
  for (const Entry& e : entries_) {
    if (!e.trained) continue;
    Tensor plain(e.shape);
    e.to_plain(like_trained.data() + e.offset, plain);
    all.emplace(e.name, std::move(plain));
  }
  return all;
}

void Weights::from_plain(const std::map<std::string, Tensor>& tensors, std::span<float> like_trained) const {
  std::fill(like_trained.begin(), like_trained.end(), 0.0f);
  for (const Entry& e : entries_) {
    if (!e.trained) continue;
    const auto it = tensors.find(e.name);
    require(it != tensors.end() && it->second.shape() == e.shape, "no tensor of shape {} for '{}'", e.shape, e.name);
    e.from_plain(it->second, like_trained.data() + e.offset);
  }
}

}  // namespace convscope
