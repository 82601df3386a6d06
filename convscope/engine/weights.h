#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

/** How the numbers of one parameter lie in memory. Made by an engine; to everybody else it is opaque. */
class Layout {
 public:
  virtual ~Layout() = default;
  /** Numbers it takes, padding included. Padding is zero and stays zero. */
  virtual int64_t floats() const = 0;
  virtual void from_plain(const float* plain, float* laid) const = 0;
  virtual void to_plain(const float* laid, float* plain) const = 0;
};

/**
 * The parameters of one network: one store serves all its programs. The trained ones lie in one contiguous range (which an optimiser
 * walks and several machines could reduce), each in the layout that training likes best; statistics follow.
 */
class Weights {
 public:
  struct Entry {
    std::string name;
    Shape shape;
    bool trained = true;
    int64_t offset = 0;  // in numbers from the start of the store
    int64_t floats = 0;
    std::shared_ptr<const Layout> layout;  // null: plain, row-major

    /** `floats` numbers as they lie to the shape's own, row-major, and back. */
    void to_plain(const float* laid, Tensor& plain) const;
    void from_plain(const Tensor& plain, float* laid) const;
  };

  /** One tensor for each parameter of the graph; missing and mis-shaped ones are named. */
  Weights(const Graph& graph, const std::map<std::string, Tensor>& tensors);

  const std::vector<Entry>& entries() const { return entries_; }
  const Entry& at(std::string_view name) const;

  Tensor get(std::string_view name) const;
  void set(std::string_view name, const Tensor& value);
  std::map<std::string, Tensor> tensors() const;

  float* data() { return store_.data(); }
  const float* data() const { return store_.data(); }
  /** All trained parameters, as they lie. */
  std::span<float> trained() { return {store_.data(), static_cast<size_t>(trained_floats_)}; }
  int64_t trained_floats() const { return trained_floats_; }

  /** To be called after the numbers were changed in place; programs then refresh their copies. */
  void changed() { ++version_; }
  uint64_t version() const { return version_; }

  /** Lays the parameters out anew, once: the first training program decides. Pointers into the store are void then. */
  void arrange(const std::map<std::string, std::shared_ptr<const Layout>>& layouts);
  /** Counts arrangements. */
  uint64_t arrangement() const { return arrangement_; }

  /** A range like `trained()` (a moment of the optimiser), to and from plain tensors by parameter name. */
  std::map<std::string, Tensor> to_plain(std::span<const float> like_trained) const;
  void from_plain(const std::map<std::string, Tensor>& tensors, std::span<float> like_trained) const;

 private:
  void place();

  std::vector<Entry> entries_;
  Tensor store_;
  int64_t trained_floats_ = 0;
  uint64_t version_ = 1;
  uint64_t arrangement_ = 0;
};

}  // namespace convscope
