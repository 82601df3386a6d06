#pragma once

/**
 * A family's table: one row a member, in the order people should see them. Program, tests and docs read it.
 * To add a member: one pair of files and one row.
 */

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/fields.h"

namespace convscope {

template <typename Family>
struct Entry {
  std::string name;
  std::string summary;
  std::vector<FieldHelp> options;
  std::function<std::unique_ptr<Family>(const Json&)> make;  // throws where an option is unknown
};

template <typename Family>
class Table {
 public:
  Table(std::string family, std::vector<Entry<Family>> rows) : family_(std::move(family)), rows_(std::move(rows)) {}

  const std::string& family() const { return family_; }
  const std::vector<Entry<Family>>& rows() const { return rows_; }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& row : rows_) all.push_back(row.name);
    return all;
  }

  bool has(std::string_view name) const { return find(name) != nullptr; }

  const Entry<Family>& at(std::string_view name) const {
    const Entry<Family>* row = find(name);
    require(row != nullptr, "no {} '{}'{}", family_, name, row ? "" : known_names(name, names()));
    return *row;
  }

  std::unique_ptr<Family> make(std::string_view name, const Json& options = json_object()) const { return at(name).make(options); }
  std::unique_ptr<Family> make(const Choice& choice) const { return make(choice.name, choice.options); }

 private:
  const Entry<Family>* find(std::string_view name) const {
    for (const auto& row : rows_)
      if (row.name == name) return &row;
    return nullptr;
  }

  std::string family_;
  std::vector<Entry<Family>> rows_;
};

/** The row of a class `T` whose constructor takes `T::Options`. */
template <typename T, typename Family>
Entry<Family> entry(std::string name, std::string summary) {
  using Options = typename T::Options;
  return {name, std::move(summary), help<Options>(),
          [name](const Json& j) -> std::unique_ptr<Family> { return std::make_unique<T>(fields_from_json<Options>(j, name)); }};
}

/** What a member without options has as its `Options`. */
struct NoOptions {
  void fields(auto&&) {}
};

}  // namespace convscope
