#include "conversions.h"

#include <algorithm>

#include "convscope/base/nearest.h"

namespace convscope::python {

namespace {

/** Whether Python wants to end what runs; what it wants to throw is kept. */
bool interrupted(std::exception_ptr& interruption) {
  if (interruption) return true;
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) interruption = std::make_exception_ptr(py::error_already_set());
  return interruption != nullptr;
}

Json list_of(const py::handle& values) {
  Json list = json_list();
  for (const py::handle value : values) list.push_back(json_of(value));
  return list;
}

}  // namespace

Json json_of(const py::handle& value) {
  if (value.is_none()) return nullptr;
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (py::isinstance<py::int_>(value)) return value.cast<int64_t>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (py::isinstance<py::dict>(value)) {
    Json object = json_object();
    for (const auto& [key, inner] : py::reinterpret_borrow<py::dict>(value)) object[py::str(key).cast<std::string>()] = json_of(inner);
    return object;
  }
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) return list_of(value);
  if (py::hasattr(value, "__fspath__")) return value.attr("__fspath__")().cast<std::string>();
  if (py::hasattr(value, "tolist")) return json_of(value.attr("tolist")());  // NumPy's numbers and arrays
  throw py::type_error("an option cannot be a " + py::str(py::type::of(value).attr("__name__")).cast<std::string>());
}

py::object object_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::boolean:
      return py::bool_(value.get<bool>());
    case Json::value_t::number_integer:
      return py::int_(value.get<int64_t>());
    case Json::value_t::number_unsigned:
      return py::int_(value.get<uint64_t>());
    case Json::value_t::number_float:
      return py::float_(value.get<double>());
    case Json::value_t::string:
      return py::str(value.get_ref<const std::string&>());
    case Json::value_t::array: {
      py::list list(value.size());
      for (size_t i = 0; i < value.size(); ++i) list[i] = object_of(value[i]);
      return list;
    }
    case Json::value_t::object: {
      py::dict dict;
      for (const auto& [key, inner] : value.items()) dict[py::str(key)] = object_of(inner);
      return dict;
    }
    default:
      return py::none();
  }
}

Tensor tensor_of(const py::array_t<float, py::array::c_style | py::array::forcecast>& array) {
  const std::vector<int64_t> sizes(array.shape(), array.shape() + array.ndim());
  // The array outlives every tensor on it, and is let go under Python's lock, whoever lets go.
  const std::shared_ptr<void> owner(new py::object(array), [](void* held) {
    const py::gil_scoped_acquire lock;
    delete static_cast<py::object*>(held);
  });
  return Tensor::over(Shape(std::span<const int64_t>(sizes)), const_cast<float*>(array.data()), owner);
}

py::array_t<float> array_of(Tensor tensor) {
  auto kept = std::make_unique<Tensor>(std::move(tensor));
  const Shape& shape = kept->shape();
  std::vector<py::ssize_t> sizes;
  for (int axis = 0; axis < shape.rank(); ++axis) sizes.push_back(shape[axis]);
  const float* numbers = kept->data();
  const py::capsule owner(kept.release(), [](void* held) { delete static_cast<Tensor*>(held); });
  return py::array_t<float>(sizes, numbers, owner);
}

Json Keywords::take_all() { return std::exchange(left_, json_object()); }

void Keywords::require_nothing_left() const {
  if (left_.empty()) return;
  const std::string key = left_.items().begin().key();
  throw WrongUse(fmt::format("no option '{}'{}", key, known_names(key, known_)));
}

Asking::Asking(const SettingOptions& options, py::function say) {
  setting_.execution = execution_of(options.precision, options.engine);
  setting_.seed = static_cast<uint64_t>(options.seed);
  setting_.force = options.force;
  if (!options.data_root.empty()) setting_.data_roots.insert(setting_.data_roots.begin(), options.data_root);
  // Copies of a setting are made where no lock is held: they share one handle, which is let go under the lock.
  const std::shared_ptr<py::function> shared(new py::function(std::move(say)), [](py::function* held) {
    const py::gil_scoped_acquire lock;
    delete held;
  });
  setting_.say = [shared](std::string_view line) {
    const py::gil_scoped_acquire lock;
    (*shared)(py::str(line.data(), line.size()));
  };
  setting_.progress = [kept = interruption_](int64_t, int64_t) {
    if (interrupted(*kept)) std::rethrow_exception(*kept);
  };
  setting_.stop = [kept = interruption_] { return interrupted(*kept); };
}

}  // namespace convscope::python
