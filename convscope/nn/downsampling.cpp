#include "convscope/nn/downsampling.h"

#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/polyphase.h"

namespace convscope {

namespace {

struct EdgeOptions {
  std::string edge = "reflect";
  void fields(auto&& field) { field("edge", edge, "what stands beyond the plane: reflect, replicate, zero or circular"); }
};
struct BlurOptions : EdgeOptions {
  int64_t size = 4;
  void fields(auto&& field) {
    field("size", size, "taps, 1 to 7: a row of Pascal's triangle");
    EdgeOptions::fields(field);
  }
};
struct AdaptiveOptions {
  int64_t size = 1;
  std::string criterion = "l2";
  void fields(auto&& field) {
    field("size", size, "taps of a blur before the choice, 1 to 7; 1: none");
    field("criterion", criterion, "what is largest in what is kept: l2, l1, l-infinity, non-abs-max; or smallest: l2-min, l1-min");
  }
};

/** One of the filters of tensor/line_filter.h. */
class Filtered : public Downsampling {
 public:
  explicit Filtered(LineFilterOptions options, bool first = false) : options_(std::move(options)), first_(first) {
    options_.check("downsample");
  }
  Value add(Graph& graph, const std::string& name, Value x, int64_t rate, std::optional<Value>&) const override {
    LineFilterOptions o = options_;
    o.rate = rate;
    return graph.add(name, std::make_shared<DownsampleOp>(o), {x});
  }
  bool filters() const override { return options_.filter != "plain"; }
  bool first() const override { return first_; }
  bool stem() const override { return first_; }

 private:
  LineFilterOptions options_;
  bool first_;
};

template <typename OptionsType, auto kFilter>
class FilteredBy : public Filtered {
 public:
  using Options = OptionsType;
  explicit FilteredBy(const Options& o) : Filtered(kFilter(o)) {}
};

LineFilterOptions plain(const NoOptions&) { return {.filter = "plain"}; }
LineFilterOptions blur(const BlurOptions& o) { return {.filter = "blur", .size = o.size, .edge = o.edge}; }
LineFilterOptions area(const EdgeOptions& o) { return {.filter = "area", .edge = o.edge}; }
LineFilterOptions lanczos(const EdgeOptions& o) { return {.filter = "lanczos", .edge = o.edge}; }

class Flc : public Filtered {
 public:
  using Options = NoOptions;
  explicit Flc(Options) : Filtered({.filter = "flc"}, true) {}
};

class Asap : public Filtered {
 public:
  using Options = NoOptions;
  explicit Asap(Options) : Filtered({.filter = "asap"}, true) {}
};

/** Of the ways to keep every rate-th sample the one with the largest numbers. */
class Adaptive : public Downsampling {
 public:
  using Options = AdaptiveOptions;
  explicit Adaptive(Options o) : options_(std::move(o)) { filter(1).check("downsample"); }

  Value add(Graph& graph, const std::string& name, Value x, int64_t rate, std::optional<Value>& choice) const override {
    if (options_.size > 1) x = graph.add(graph.free_name(name + "/blur"), std::make_shared<DownsampleOp>(filter(rate)), {x});
    if (!choice) {
      const PolyphaseChoiceOptions o{rate, options_.criterion};
      choice = graph.add(graph.free_name(name + "/choice"), std::make_shared<PolyphaseChoiceOp>(o), {x});
    }
    return graph.add(name, std::make_shared<PolyphaseTakeOp>(PolyphaseOptions{rate}), {x, *choice});
  }
  bool stem() const override { return true; }
  bool circular() const override { return true; }

 private:
  LineFilterOptions filter(int64_t rate) const {
    return {.filter = "blur", .size = options_.size, .edge = "circular", .rate = rate, .dense = true};
  }
  Options options_;
};

}  // namespace

const Table<Downsampling>& downsamplings() {
  static const Table<Downsampling> table{
      "downsampling",
      {
          entry<FilteredBy<NoOptions, plain>, Downsampling>("plain", "every second sample as it is"),
          entry<FilteredBy<BlurOptions, blur>, Downsampling>("blur", "BlurPool: a binomial filter first, Zhang 2019"),
          entry<FilteredBy<EdgeOptions, area>, Downsampling>("area", "the mean of the samples from one that stays to the next"),
          entry<FilteredBy<EdgeOptions, lanczos>, Downsampling>("lanczos", "a windowed sinc of three lobes, as pictures are made smaller"),
          entry<Flc, Downsampling>("flc", "the ideal low pass first, before the convolution, Grabinski et al. 2022"),
          entry<Asap, Downsampling>("asap", "likewise behind a window over frequencies, Grabinski et al. 2023"),
          entry<Adaptive, Downsampling>("aps", "adaptive polyphase sampling with circular padding, Chaman and Dokmanić 2021"),
      }};
  return table;
}

std::unique_ptr<Downsampling> downsampling_named(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ':');
  const Entry<Downsampling>& row = downsamplings().at(parts.front());
  require(parts.size() <= row.options.size() + 1, "'{}': {} takes {} after its name{}", text, row.name,
          row.options.empty() ? "nothing" : fmt::format("at most {} options", row.options.size()),
          row.options.empty() ? "" : ", with a colon before each");
  Json options = json_object();
  for (size_t i = 1; i < parts.size(); ++i) {
    const FieldHelp& option = row.options[i - 1];
    if (!option.initial.is_number()) {
      options[option.name] = std::string(parts[i]);
      continue;
    }
    const auto number = value_of<int64_t>(parts[i]);
    require(number.has_value(), "'{}': '{}' is no whole number, which {} of {} is", text, parts[i], option.name, row.name);
    options[option.name] = *number;
  }
  return row.make(options);
}

}  // namespace convscope
