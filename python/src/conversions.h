#pragma once

/** Between Python's values and the library's: arrays without copies, options and records as JSON. */

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "convscope/api/setting.h"
#include "convscope/base/fields.h"
#include "convscope/tensor/tensor.h"

namespace convscope::python {

namespace py = pybind11;

/** dict, list, str, numbers, None, and paths as text; an error names what else came. */
Json json_of(const py::handle& value);
/** JSON as dict, list, str, numbers, None. */
py::object object_of(const Json& value);

/** float32 in C order: the array's own memory, which stays alive as long as the tensor; anything else is copied first. */
Tensor tensor_of(const py::array_t<float, py::array::c_style | py::array::forcecast>& array);
/** The tensor's own memory. */
py::array_t<float> array_of(Tensor tensor);

template <HasFields T>
py::object record_of(const T& record) {
  return object_of(fields_to_json(record));
}

/** What a call's keywords say, taken out struct by struct; one that is left over at the end is an error that names the known ones. */
class Keywords {
 public:
  explicit Keywords(const py::kwargs& words) : left_(json_of(words)) {}

  template <HasFields T>
  T take() {
    const Json mine = left_of<T>();
    for (const FieldHelp& field : help<T>()) {
      known_.push_back(field.name);
      left_.erase(field.name);
    }
    return fields_from_json<T>(mine, "options");
  }
  /** What of them is T's, and not taken yet. */
  template <HasFields T>
  Json left_of() const {
    Json mine = json_object();
    for (const FieldHelp& field : help<T>())
      if (left_.contains(field.name)) mine[field.name] = as_wanted(left_[field.name], field.initial);
    return mine;
  }
  /** All that is left, for who knows what to do with it. */
  Json take_all();
  void require_nothing_left() const;

 private:
  /** A number where text is wanted is its text: `target=3`. */
  static Json as_wanted(const Json& value, const Json& initial) {
    return initial.is_string() && value.is_number_integer() ? Json(value.dump()) : value;
  }

  Json left_;
  std::vector<std::string> known_;
};

/** What every question may be asked with besides its own options. */
struct SettingOptions {
  int64_t seed = 1;
  std::string precision = "fp32", engine = "onednn";
  std::string data_root = {};
  bool force = false;

  void fields(auto&& field) {
    field("seed", seed, "of all random numbers");
    field("precision", precision, "fp32 or bf16");
    field("engine", engine, "what computes: onednn; reference, plain loops; or check, everything by both, and an error where they differ");
    field("data_root", data_root, "folder in which data are looked for first; then $CONVSCOPE_DATA, Debian's packages, the cache folder");
    field("force", force, "results of more images in a folder may be replaced by those of fewer");
  }
};

/**
 * A question asked from Python: no lock is held while it is answered, the lines that it tells go to `say`, and Ctrl-C ends it where it can
 * end; then what Python makes of Ctrl-C is thrown, KeyboardInterrupt. To be made while the lock is held.
 */
class Asking {
 public:
  Asking(const SettingOptions& options, py::function say);

  const Setting& setting() const { return setting_; }

  template <typename Question>
  auto operator()(Question&& question) const {
    const py::gil_scoped_release unlocked;
    try {
      if constexpr (std::is_void_v<decltype(question(setting_))>) {
        question(setting_);
        rethrow_interruption();
      } else {
        auto answer = question(setting_);
        rethrow_interruption();
        return answer;
      }
    } catch (const Error&) {
      rethrow_interruption();
      throw;
    }
  }

 private:
  void rethrow_interruption() const {
    if (*interruption_) std::rethrow_exception(*interruption_);
  }

  Setting setting_;
  std::shared_ptr<std::exception_ptr> interruption_ = std::make_shared<std::exception_ptr>();
};

}  // namespace convscope::python
