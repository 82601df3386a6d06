/**
 * The front door for Python: networks, pictures, one function a question. What is nice to use is made of it in convscope/__init__.py; here
 * stand the conversions alone.
 */

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include "conversions.h"
#include "convscope/api/alias.h"
#include "convscope/api/attack.h"
#include "convscope/api/corruptions.h"
#include "convscope/api/describe.h"
#include "convscope/api/evaluate.h"
#include "convscope/api/explain.h"
#include "convscope/api/inspect.h"
#include "convscope/api/pictures.h"
#include "convscope/api/predict.h"
#include "convscope/api/train.h"
#include "convscope/attack/attack.h"
#include "convscope/base/threads.h"
#include "convscope/base/version.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/model.h"

namespace convscope::python {

namespace {

using Array = py::array_t<float, py::array::c_style | py::array::forcecast>;

/** A question's own options, and how it is asked. */
template <typename Options>
struct Said {
  Options options;
  Asking ask;
};

template <typename Options>
Said<Options> said(const py::kwargs& words, const py::function& say) {
  Keywords keywords(words);
  Options options = keywords.take<Options>();
  const SettingOptions setting = keywords.take<SettingOptions>();
  keywords.require_nothing_left();
  return {std::move(options), Asking(setting, say)};
}

/** An Inspected<Record> as (record, folder). */
template <typename Record>
py::object shown(const Inspected<Record>& found) {
  return py::make_tuple(record_of(found.record), found.folder.string());
}

void declare_network(py::module_& m) {
  py::class_<Network>(m, "Network")
      .def_readonly("name", &Network::name)
      .def_readonly("classes", &Network::classes)
      .def_readonly("trained_on", &Network::trained_on)
      .def_readonly("sha256", &Network::sha256)
      .def_property_readonly("file", [](const Network& network) { return network.file.string(); })
      .def_property_readonly("run", [](const Network& network) { return network.run.string(); })
      .def_property_readonly("outputs", &Network::outputs)
      .def_property_readonly("image",
                             [](const Network& network) {
                               const Shape shape = network.image();
                               return py::tuple(py::cast(std::vector<int64_t>(shape.extents().begin(), shape.extents().end())));
                             })
      .def("tensors", [](const Network& network) {
        py::dict all;
        for (const auto& [name, tensor] : network.tensors) all[py::str(name)] = array_of(tensor);
        return all;
      });
  m.def("open", [](const std::string& file, const py::kwargs& words) {
    Keywords keywords(words);
    const auto options = keywords.take<NetworkOptions>();
    keywords.require_nothing_left();
    const py::gil_scoped_release unlocked;
    return open_network(file, options);
  });
  m.def("make", [](const std::string& model, int64_t seed, const py::kwargs& words) {
    Keywords keywords(words);
    NetworkOptions options;
    options.task = keywords.take<ModelTask>();
    keywords.require_nothing_left();
    return open_or_make_network(model, options, static_cast<uint64_t>(seed));
  });
  m.def("untrained", [](const Network& network, int64_t seed) { return untrained(network, static_cast<uint64_t>(seed)); });
}

void declare_pictures(py::module_& m) {
  py::class_<Pictures>(m, "Pictures")
      .def("__len__", &Pictures::size)
      .def_property_readonly("name", &Pictures::name)
      .def_property_readonly("numbers", &Pictures::numbers)
      .def_property_readonly("labels", &Pictures::labels)
      .def_property_readonly("classes", &Pictures::classes)
      .def_property_readonly("files", &Pictures::files)
      .def("first", &Pictures::first)
      .def("pixels", [](const Pictures& pictures) {
        Tensor x;
        {
          const py::gil_scoped_release unlocked;
          x = pictures.pixels();
        }
        return array_of(std::move(x));
      });
  m.def("choose_pictures", [](const Network& network, int64_t usual, bool any_classes, const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<PictureOptions>(words, say);
    return ask([&](const Setting& setting) {
      return choose_pictures(options, network, setting, usual, any_classes ? Classes::any : Classes::network);
    });
  });
  m.def("pictures_of_array", [](const Array& x, std::vector<int64_t> labels, std::vector<std::string> classes, const std::string& name) {
    return Pictures(tensor_of(x), std::move(labels), std::move(classes), name);
  });
}

void declare_looking(py::module_& m) {
  m.def("describe", [](const Network& network, int64_t batch, const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<NoOptions>(words, say);
    return record_of(ask([&](const Setting& setting) { return describe(network, batch, setting); }));
  });
  m.def("logits", [](const Network& network, const Pictures& pictures, const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<NoOptions>(words, say);
    return array_of(ask([&](const Setting& setting) {
      check_pictures(network, pictures, Classes::any);
      return subject_for(network, pictures, setting).logits(pictures.pixels());
    }));
  });
  m.def("activations",
        [](const Network& network, const Pictures& pictures, const std::string& node, const py::function& say, const py::kwargs& words) {
          const auto [options, ask] = said<NoOptions>(words, say);
          return array_of(ask([&](const Setting& setting) {
            check_pictures(network, pictures, Classes::any);
            return subject_for(network, pictures, setting).activation(pictures.pixels(), node);
          }));
        });
  m.def("predict", [](const Network& network, const Pictures& pictures, const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<NoOptions>(words, say);
    return record_of(ask([&](const Setting& setting) { return predict(network, pictures, setting); }));
  });
  m.def("evaluate",
        [](const Network& network, const Pictures& pictures, const std::string& folder, const py::function& say, const py::kwargs& words) {
          const auto [options, ask] = said<EvaluateOptions>(words, say);
          return record_of(ask([&](const Setting& setting) { return evaluate(network, pictures, folder, setting, options); }));
        });
  m.def("corruptions",
        [](const Network& network, const Pictures& pictures, const std::string& folder, const py::function& say, const py::kwargs& words) {
          const auto [options, ask] = said<CorruptionOptions>(words, say);
          return record_of(ask([&](const Setting& setting) { return evaluate_corrupted(network, pictures, options, folder, setting); }));
        });
  m.def("explain", [](const Network& network, const std::string& method, const Pictures& pictures, const std::string& folder,
                      const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<ExplainOptions>(words, say);
    Explanation found =
        ask([&](const Setting& setting) { return explain(network, parse_choice(method), pictures, options, folder, setting); });
    return py::make_tuple(array_of(std::move(found.maps)), record_of(found.record));
  });
  m.def("attack", [](const Network& network, const std::string& method, const Pictures& pictures, const std::string& folder,
                     const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<AttackOptions>(words, say);
    Attacked found = ask([&](const Setting& setting) { return attack(network, parse_choice(method), pictures, options, folder, setting); });
    return py::make_tuple(array_of(std::move(found.pictures)), std::move(found.images), record_of(found.record));
  });
  m.def("alias",
        [](const Network& network, const Pictures& pictures, const std::string& folder, const py::function& say, const py::kwargs& words) {
          const auto [options, ask] = said<AliasOptions>(words, say);
          return record_of(ask([&](const Setting& setting) { return alias(network, pictures, options, folder, setting); }).record);
        });
}

void declare_inspecting(py::module_& m) {
  m.def("inspect_weights", [](const Network& network, const std::string& folder, const py::function& say, const py::kwargs& words) {
    const auto [options, ask] = said<InspectOptions>(words, say);
    return shown(ask([&](const Setting& setting) { return inspect_weights(network, options, folder, setting); }));
  });
  const auto of_pictures = [&m](const char* name, auto question) {
    m.def(name, [question](const Network& network, const Pictures& pictures, const std::string& folder, const py::function& say,
                           const py::kwargs& words) {
      const auto [options, ask] = said<InspectOptions>(words, say);
      return shown(ask([&](const Setting& setting) { return question(network, pictures, options, folder, setting); }));
    });
  };
  of_pictures("inspect_activations", inspect_activations);
  of_pictures("inspect_neurons", inspect_neurons);
  of_pictures("inspect_features", inspect_features);
  of_pictures("inspect_clusters", inspect_clusters);
  of_pictures("inspect_concepts", inspect_concepts);
  of_pictures("inspect_craft", inspect_craft);
}

/** Keywords of a training besides its options and what is watched. */
struct TrainingPlace {
  std::string tensorboard = {};
  std::string data_root = {};

  void fields(auto&& field) {
    field("tensorboard", tensorboard, "folder for event files that TensorBoard reads");
    field("data_root", data_root, "folder in which data are looked for first");
  }
};

/** An epoch's metrics go to `on_epoch`; True from it ends the training where it can be gone on with. */
py::object train(const std::string& run, bool resume, const py::object& on_epoch, const py::function& say, const py::kwargs& words) {
  Keywords keywords(words);
  const auto place = keywords.take<TrainingPlace>();
  TrainingRequest request{.resume = resume, .watch_given = keywords.left_of<WatchOptions>(), .tensorboard = place.tensorboard};
  request.watch = keywords.take<WatchOptions>();
  const Json given = keywords.take_all();
  const Asking ask({.data_root = place.data_root}, say);
  const auto ended_by_caller = std::make_shared<bool>(false);
  if (!on_epoch.is_none())
    request.hooks.epoch_done = [&on_epoch, ended_by_caller](const EpochMetrics& metrics) {
      const py::gil_scoped_acquire lock;
      *ended_by_caller = py::bool_(on_epoch(record_of(metrics)));
    };
  return record_of(ask([&](Setting setting) {
    const TrainOptions options = training_options(given, run, {.folder = run, .resume = resume}, {}, setting.data_roots);
    setting.execution = execution_of(options.precision, options.engine);
    setting.seed = static_cast<uint64_t>(options.seed);
    setting.stop = [ended_by_caller, interrupted = setting.stop] { return *ended_by_caller || interrupted(); };
    return train_run(run, options, request, setting);
  }));
}

/** Names of a question's keywords with default and meaning: what docstrings and type stubs are made of. */
template <HasFields... T>
py::list options_of() {
  py::list all;
  const auto add = [&](const std::vector<FieldHelp>& fields) {
    for (const FieldHelp& field : fields) all.append(py::make_tuple(field.name, object_of(field.initial), field.text));
  };
  (add(help<T>()), ...);
  return all;
}

py::dict all_options() {
  py::dict all;
  all["open"] = options_of<NetworkOptions>();
  all["make"] = options_of<ModelTask>();
  all["pictures"] = options_of<PictureOptions, SettingOptions>();
  for (const char* plain : {"describe", "logits", "activations", "predict"}) all[plain] = options_of<SettingOptions>();
  all["evaluate"] = options_of<EvaluateOptions, SettingOptions>();
  all["corruptions"] = options_of<CorruptionOptions, SettingOptions>();
  all["explain"] = options_of<ExplainOptions, SettingOptions>();
  all["attack"] = options_of<AttackOptions, SettingOptions>();
  all["alias"] = options_of<AliasOptions, SettingOptions>();
  all["inspect"] = options_of<InspectOptions, SettingOptions>();
  all["train"] = options_of<TrainOptions, WatchOptions, TrainingPlace>();
  return all;
}

}  // namespace

PYBIND11_MODULE(_convscope, m) {
  py::register_exception<Error>(m, "Error");
  declare_network(m);
  declare_pictures(m);
  declare_looking(m);
  declare_inspecting(m);
  m.def("train", train);
  m.def("all_options", all_options);
  m.def("attributions", [] { return attributions().names(); });
  m.def("attacks", [] { return attacks().names(); });
  m.def("models", [] { return models().names(); });
  m.def("set_threads", set_threads);
  m.def("threads", threads);
  m.attr("__version__") = py::str(version().data(), version().size());
}

}  // namespace convscope::python
