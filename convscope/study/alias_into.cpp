#include "convscope/study/alias_into.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <tuple>

#include "convscope/base/json_file.h"
#include "convscope/base/timer.h"
#include "convscope/data/batches.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kCategories = 4, kScalings = 2;

/** Both scalings' counts, added up over channels. */
struct Sum {
  AliasingCounts published, contribution;
};

Sum sum_of(std::span<const ChannelAliasing> channels, Accounting accounting) {
  Sum sum;
  for (const ChannelAliasing& c : channels) {
    sum.published += c.published;
    sum.contribution += c.contribution;
  }
  return {accounted(sum.published, accounting), accounted(sum.contribution, accounting)};
}

/** [4, 2] of counts. */
void put(const Sum& sum, float* to) {
  const AliasingCounts* scalings[] = {&sum.published, &sum.contribution};
  for (int64_t k = 0; k < kScalings; ++k) {
    const AliasingCounts& c = *scalings[k];
    const int64_t numbers[] = {c.non_aliased, c.aliased, c.tangled, c.no_pass};
    for (int64_t i = 0; i < kCategories; ++i) to[i * kScalings + k] = static_cast<float>(numbers[i]);
  }
}

void put(const AliasingFractions& f, int64_t scaling, float* to) {
  const double numbers[] = {f.non_aliased, f.aliased, f.tangled, f.no_pass};
  for (int64_t i = 0; i < kCategories; ++i) to[i * kScalings + scaling] = static_cast<float>(numbers[i]);
}

void put(const ScaledShares& shares, float* to) {
  int64_t scaling = 0;
  for (const AliasingShares& s : {shares.published, shares.contribution})
    put(AliasingFractions{s.non_aliased, s.aliased, s.tangled, s.no_pass}, scaling++, to);
}

void add(AliasingShares& to, const AliasingFractions& f) {
  to.non_aliased += f.non_aliased;
  to.aliased += f.aliased;
  to.tangled += f.tangled;
  to.no_pass += f.no_pass;
}
void add(AliasingShares& to, const AliasingShares& s) { add(to, AliasingFractions{s.non_aliased, s.aliased, s.tangled, s.no_pass}); }
void divide(ScaledShares& shares, double by) {
  for (AliasingShares* s : {&shares.published, &shares.contribution})
    for (double* number : {&s->non_aliased, &s->aliased, &s->tangled, &s->no_pass}) *number /= by;
}

/** An .npy file of known shape that is written row by row; it appears when all rows are there. */
class RowsFile {
 public:
  RowsFile(Path path, const Shape& shape) : path_(std::move(path)), growing_(path_.string() + ".part") {
    std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", fmt::join(shape.extents(), ", "));
    constexpr size_t kPreamble = 10, kAlignment = 64;
    header += std::string(kAlignment - (kPreamble + header.size() + 1) % kAlignment, ' ') + '\n';
    file_.open(growing_, std::ios::binary | std::ios::trunc);
    file_ << std::string_view("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size() % 256) << static_cast<char>(header.size() / 256)
          << header;
  }
  void add(const Tensor& row) { file_.write(reinterpret_cast<const char*>(row.data()), row.size() * static_cast<int64_t>(sizeof(float))); }
  void finish() {
    file_.close();
    require(file_.good(), "{}: cannot be written; is the disk full?", growing_.string());
    std::filesystem::rename(growing_, path_);
  }

 private:
  Path path_, growing_;
  std::ofstream file_;
};

/** Transforms of signals of one size share their memory. */
class Analyses {
 public:
  explicit Analyses(AliasingRule rule) : rule_(rule) {}
  AliasingAnalysis& of(const Signal& s) {
    const auto key = std::tuple(s.shape[1], s.shape[2], s.rate);
    const auto known = all_.find(key);
    if (known != all_.end()) return known->second;
    try {
      return all_.try_emplace(key, s.shape[1], s.shape[2], Rate{s.rate, s.rate}, rule_).first->second;
    } catch (const Error& e) {
      fail("node '{}': {}", s.node, e.what());
    }
  }

 private:
  AliasingRule rule_;
  std::map<std::tuple<int64_t, int64_t, int64_t>, AliasingAnalysis> all_;
};

void require_finite(const Signal& signal, const Tensor& values, int64_t count, std::span<const int64_t> numbers) {
  const size_t plane = static_cast<size_t>(signal.shape[1] * signal.shape[2]);
  for (int64_t n = 0; n < count; ++n)
    for (int64_t c = 0; c < signal.shape[0]; ++c)
      require(all_finite(values.row(n).subspan(static_cast<size_t>(c) * plane, plane)),
              "node '{}': channel {} of its signal for image {} holds a number that is not finite; the network may have diverged",
              signal.node, c, numbers[static_cast<size_t>(n)]);
}

}  // namespace

AliasingImages aliasing_images(std::shared_ptr<const Dataset> data, std::vector<int64_t> indices, std::string name) {
  AliasingImages images{indices, {}, {}, std::move(name)};
  for (const int64_t i : indices) images.labels.push_back(data->label(i));
  const size_t image = static_cast<size_t>(data->image_shape().size());
  images.fill = [data, indices = std::move(indices), image](int64_t first, std::span<float> x) {
    read_batch(*data, std::span(indices).subspan(static_cast<size_t>(first), x.size() / image), 0, x, {}, {});
  };
  return images;
}

AliasingImages aliasing_images(const Pictures& pictures) {
  return {pictures.numbers, pictures.labels,
          [x = pictures.x](int64_t first, std::span<float> to) { std::copy_n(x.row(first).begin(), to.size(), to.begin()); },
          pictures.data};
}

void require_granularity(const std::string& save) {
  const std::vector<std::string> known{"folds", "pixelwise", "channelwise", "layerwise"};
  require(save.empty() || std::find(known.begin(), known.end(), save) != known.end(), "--save: no '{}'{}", save, known_names(save, known));
}

Tensor both(const FrequencyMaps& maps) {
  const Shape& s = maps.published.shape();
  Tensor all({kScalings, s[0], s[1], s[2]});
  std::copy_n(maps.published.data(), s.size(), all.row(0).begin());
  std::copy_n(maps.contribution.data(), s.size(), all.row(1).begin());
  return all;
}

Tensor table_of(std::span<const ChannelAliasing> channels, Accounting accounting) {
  Tensor table({std::ssize(channels), kCategories, kScalings});
  for (size_t c = 0; c < channels.size(); ++c) put(sum_of(channels.subspan(c, 1), accounting), table.row(static_cast<int64_t>(c)).data());
  return table;
}

Aliased alias_into(const Path& folder, Subject& subject, const AliasingImages& images, const AliasingOptions& options,
                   const std::function<void(int64_t, int64_t)>& progress) {
  require_granularity(options.save);
  const std::vector<Signal> signals = subject.signals();
  require(!signals.empty(), "this network drops samples nowhere: no convolution or pool in it has a stride, so that nothing can alias");
  const int64_t total = std::ssize(images.numbers), count_of_signals = std::ssize(signals);
  require(total > 0, "no images to look at");

  Aliased done;
  AliasingRecord& record = done.record;
  record.network = options.network;
  record.data = images.data;
  record.images = total;
  record.labelled = std::ssize(images.labels);
  record.threshold = options.rule.reference == Reference::max ? "max" : "mean";
  record.passing_db = options.rule.passing_db;
  record.accounting = options.accounting == Accounting::legacy ? "legacy" : "exclusive";
  record.per_image = "per-image.npy";
  record.image_table = "images.npy";
  record.saved = options.save;
  Analyses analyses(options.rule);
  for (const Signal& s : signals) {
    (void)analyses.of(s);  // a signal that is too small is told before anything is computed
    record.signals.push_back({s.node, s.label, s.shape[0], s.shape[1], s.shape[2], s.rate, {}, {}});
  }
  if (options.map_images > 0)
    for (const int64_t c : options.map_channels)
      require(c >= 0 && std::any_of(signals.begin(), signals.end(), [&](const Signal& s) { return c < s.shape[0]; }),
              "--map-channels {}: no signal has that channel", c);

  const Path place = folder / kAliasing;
  make_folder(place);
  remove_beginning_with(place, "map-");  // of a network that was looked at before
  const auto own_folder = [&](const char* name) {
    make_folder(place / name);
    return place / name;
  };
  const Path pixelwise = options.save == "pixelwise" ? own_folder("pixelwise") : Path();
  const Path folds = options.save == "folds" ? own_folder("folds") : Path();
  const Path kept_signals = options.save_signals ? own_folder("signals") : Path();
  std::vector<RowsFile> channelwise;
  if (options.save == "channelwise")
    for (int64_t s = 0; s < count_of_signals; ++s)
      channelwise.emplace_back(place / fmt::format("channelwise-{:02}.npy", s),
                               Shape{total, signals[static_cast<size_t>(s)].shape[0], kCategories, kScalings});

  std::vector<std::vector<ScaledShares>> of_channels;
  if (options.save == "channelwise")
    for (const Signal& s : signals) of_channels.emplace_back(static_cast<size_t>(s.shape[0]));

  Tensor per_image({total, count_of_signals, kCategories, kScalings}), table({total, 4});
  Tensor layerwise(options.save == "layerwise" ? per_image.shape() : Shape{0});
  Timer clock;
  const auto see = [&](int64_t first, int64_t count, size_t s, const Tensor& values) {
    const Signal& signal = signals[s];
    AliasingAnalysis& analysis = analyses.of(signal);
    const size_t channels = static_cast<size_t>(signal.shape[0]), plane = static_cast<size_t>(signal.shape[1] * signal.shape[2]);
    const auto numbers = std::span(images.numbers).subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    std::vector<ChannelAliasing> counts;
    try {
      counts = analysis.count(values.span().first(static_cast<size_t>(count) * channels * plane));
    } catch (const Error&) {
      require_finite(signal, values, count, numbers);  // knows which image it was
      throw;
    }
    for (int64_t n = 0; n < count; ++n) {
      const auto own = std::span(counts).subspan(static_cast<size_t>(n) * channels, channels);
      const Sum sum = sum_of(own, options.accounting);
      const AliasingFractions published = fractions(sum.published), contribution = fractions(sum.contribution);
      add(record.signals[s].shares.published, published);
      add(record.signals[s].shares.contribution, contribution);
      const int64_t at = ((first + n) * count_of_signals + static_cast<int64_t>(s)) * kCategories * kScalings;
      put(published, 0, per_image.data() + at);
      put(contribution, 1, per_image.data() + at);
      if (options.save == "layerwise") put(sum, layerwise.data() + at);
      if (options.save == "channelwise") {
        channelwise[s].add(table_of(own, options.accounting));
        for (size_t c = 0; c < channels; ++c) {
          const Sum one = sum_of(own.subspan(c, 1), options.accounting);
          add(of_channels[s][c].published, fractions(one.published));
          add(of_channels[s][c].contribution, fractions(one.contribution));
        }
      }

      const int64_t number = numbers[static_cast<size_t>(n)];
      const std::string name = fmt::format("{:02}-{:05}", s, number);
      if (options.save_signals) write_npy(kept_signals / (name + ".npy"), Tensor(signal.shape, values.row(n)));
      if (options.save == "folds") write_npy(folds / (name + ".npy"), analysis.folds(values.row(n)));
      if (options.save == "pixelwise") write_npy(pixelwise / (name + ".npy"), both(analysis.maps(values.row(n))));
      if (first + n >= options.map_images) continue;
      for (const int64_t c : options.map_channels) {
        if (c >= signal.shape[0]) continue;
        AliasingMap map{number, c, fmt::format("map-{}-{:03}.npy", name, c)};
        const Tensor maps = both(analysis.maps(values.row(n).subspan(static_cast<size_t>(c) * plane, plane)));
        write_npy(place / map.npy, maps.reshaped({kScalings, signal.shape[1], signal.shape[2]}));
        record.signals[s].maps.push_back(std::move(map));
      }
    }
  };

  const auto fill = [&](int64_t first, std::span<float> x) {
    if (first == 0) clock.restart();  // until here the network was compiled
    images.fill(first, x);
  };
  subject.stream_signals(total, fill, [&](int64_t first, int64_t count, const Tensor& logits, std::span<const Tensor* const> values) {
    done.network_seconds += clock.restart();
    for (size_t s = 0; s < signals.size(); ++s) see(first, count, s, *values[s]);
    for (int64_t n = first; n < first + count; ++n) {
      const int64_t predicted = argmax(logits.row(n - first));
      const int64_t label = images.labels.empty() ? -1 : images.labels[static_cast<size_t>(n)];
      record.correct += label == predicted;
      const int64_t row[] = {images.numbers[static_cast<size_t>(n)], label, predicted, label < 0 ? -1 : int64_t{label == predicted}};
      for (int64_t i = 0; i < 4; ++i) table[4 * n + i] = static_cast<float>(row[i]);
    }
    done.spectra_seconds += clock.restart();
    if (progress) progress(first + count, total);
  });

  for (AliasingSignal& signal : record.signals) {
    divide(signal.shares, static_cast<double>(total));
    add(record.mean.published, signal.shares.published);
    add(record.mean.contribution, signal.shares.contribution);
  }
  divide(record.mean, static_cast<double>(count_of_signals));
  write_npy(place / record.per_image, per_image);
  write_npy(place / record.image_table, table);
  if (options.save == "layerwise") write_npy(place / "layerwise.npy", layerwise);
  for (RowsFile& file : channelwise) file.finish();
  for (size_t s = 0; s < of_channels.size(); ++s) {
    Tensor shares({std::ssize(of_channels[s]), kCategories, kScalings});
    for (size_t c = 0; c < of_channels[s].size(); ++c) {
      divide(of_channels[s][c], static_cast<double>(total));
      put(of_channels[s][c], shares.row(static_cast<int64_t>(c)).data());
    }
    write_npy(place / channel_shares_file(s), shares);
  }
  write_json(place / kAliasingFile, fields_to_json(record));
  return done;
}

}  // namespace convscope
