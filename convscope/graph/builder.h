#pragma once

#include "convscope/graph/graph.h"

namespace convscope {

/** Makes a graph node by node; names get the path of the scopes that are open. */
class Builder {
 public:
  /** `image` is [C, H, W]. The graph is made for one image; `with_batch` changes that. */
  explicit Builder(Shape image);

  /** The pictures, in [0, 1]. */
  Value pixels() const { return pixels_; }
  const Shape& shape(Value v) const { return graph_.shape(v); }

  /** A node `scope.name`; the same name twice gets a number. */
  template <typename T>
  Value add(std::string_view name, typename T::Options options, std::vector<Value> inputs) {
    return graph_.add(graph_.free_name(path(name)), std::make_shared<T>(std::move(options)), std::move(inputs));
  }

  /** A parameter `scope.name`, made at its first mention; a second mention of the same path shares it. */
  Value parameter(std::string_view name, Shape shape, std::string_view init, bool trained = true);

  /** Path of `name` in the open scopes. */
  std::string path(std::string_view name) const;

  /** Names inside are prefixed as long as it lives. */
  class Scope {
   public:
    Scope(Builder& builder, std::string_view name) : builder_(builder) { builder_.scopes_.emplace_back(name); }
    ~Scope() { builder_.scopes_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Builder& builder_;
  };
  [[nodiscard]] Scope scope(std::string_view name) { return Scope(*this, name); }

  Graph finish(Value output) &&;

 private:
  Graph graph_;
  Value pixels_;
  std::vector<std::string> scopes_;
};

}  // namespace convscope
