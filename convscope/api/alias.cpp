#include "convscope/api/alias.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "convscope/api/features.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/json_file.h"
#include "convscope/base/nearest.h"
#include "convscope/base/text.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"
#include "convscope/report/aliasing/aliasing_figures.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/bootstrap.h"
#include "convscope/results/question.h"
#include "convscope/results/run_folder.h"
#include "convscope/spectral/folded_energy.h"
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

/** An array of counts. */
void write_whole(const Path& file, const Tensor& counts) {
  write_npy(file, counts.shape(), std::vector<int64_t>(counts.span().begin(), counts.span().end()));
}

/** Names image and channel; the transform alone does not know them. */
void require_finite(const Signal& signal, const Tensor& values, int64_t count, std::span<const int64_t> numbers) {
  const size_t plane = static_cast<size_t>(signal.shape[1] * signal.shape[2]);
  for (int64_t n = 0; n < count; ++n)
    for (int64_t c = 0; c < signal.shape[0]; ++c)
      require(all_finite(values.row(n).subspan(static_cast<size_t>(c) * plane, plane)),
              "node '{}': channel {} of its signal for image {} holds a number that is not finite; the network may have diverged",
              signal.node, c, numbers[static_cast<size_t>(n)]);
}

/** [2, C, n, m]: maps in both scalings. */
Tensor both(const FrequencyMaps& maps) {
  const Shape& s = maps.published.shape();
  Tensor all({kScalings, s[0], s[1], s[2]});
  std::copy_n(maps.published.data(), s.size(), all.row(0).begin());
  std::copy_n(maps.contribution.data(), s.size(), all.row(1).begin());
  return all;
}

/** [C, 4, 2] of counts. */
Tensor table_of(std::span<const ChannelAliasing> channels, Accounting accounting) {
  Tensor table({std::ssize(channels), kCategories, kScalings});
  for (size_t c = 0; c < channels.size(); ++c) put(sum_of(channels.subspan(c, 1), accounting), table.row(static_cast<int64_t>(c)).data());
  return table;
}

std::vector<int64_t> map_channels_of(const AliasOptions& options) {
  constexpr int64_t kMostChannels = 1 << 20;
  return parse_numbers(options.map_channels, kMostChannels, "`map_channels`");
}

AliasingRule rule_of(const AliasOptions& o) { return {reference_of(o.threshold), o.passing_db}; }

/** Arrays beside the record that `save` and its kin ask for. */
class KeptArrays {
 public:
  KeptArrays(const Path& place, const AliasOptions& options, std::span<const Signal> signals, int64_t images)
      : place_(place), options_(options), accounting_(accounting_of(options.accounting)), images_(images) {
    make_folder(place);
    if (options.save == "pixelwise" || options.save == "folds") make_folder(place / options.save);
    if (options.save_signals) make_folder(place / "signals");
    if (options.save == "layerwise") layerwise_ = Tensor({images, std::ssize(signals), kCategories, kScalings});
    if (options.save != "channelwise") return;
    for (const Signal& s : signals) {
      channelwise_.emplace_back(place / fmt::format("channelwise-{:02}.npy", channelwise_.size()),
                                Shape{images, s.shape[0], kCategories, kScalings}, NpyWriter::Numbers::whole);
      of_channels_.emplace_back(static_cast<size_t>(s.shape[0]));
    }
  }

  /** Image `n` in the order asked for, which people know by `number`; x [C, H, W] of signal s. */
  void see(int64_t n, int64_t number, size_t s, const Signal& signal, std::span<const float> x, std::span<const ChannelAliasing> counts,
           AliasingAnalysis& analysis) {
    const std::string file = name_of(s, number) + ".npy";
    if (options_.save == "layerwise")
      put(sum_of(counts, accounting_), layerwise_.row(n).data() + static_cast<int64_t>(s) * kCategories * kScalings);
    if (options_.save == "channelwise") add_channels(s, counts);
    if (options_.save_signals) write_npy(place_ / "signals" / file, Tensor(signal.shape, x));
    if (options_.save == "folds") write_npy(place_ / "folds" / file, analysis.folds(x));
    if (options_.save == "pixelwise") write_npy(place_ / "pixelwise" / file, both(analysis.maps(x)));
  }

  AliasingMap write_map(int64_t number, size_t s, int64_t channel, const Signal& signal, std::span<const float> x,
                        AliasingAnalysis& analysis) const {
    const size_t plane = static_cast<size_t>(signal.shape[1] * signal.shape[2]);
    AliasingMap map{number, channel, fmt::format("map-{}-{:03}.npy", name_of(s, number), channel)};
    const Tensor maps = both(analysis.maps(x.subspan(static_cast<size_t>(channel) * plane, plane)));
    write_npy(place_ / map.npy, maps.reshaped({kScalings, signal.shape[1], signal.shape[2]}));
    return map;
  }

  void finish() {
    if (options_.save == "layerwise") write_whole(place_ / "layerwise.npy", layerwise_);
    for (NpyWriter& file : channelwise_) file.finish();
    for (size_t s = 0; s < of_channels_.size(); ++s) {
      Tensor shares({std::ssize(of_channels_[s]), kCategories, kScalings});
      for (size_t c = 0; c < of_channels_[s].size(); ++c) {
        divide(of_channels_[s][c], static_cast<double>(images_));
        put(of_channels_[s][c], shares.row(static_cast<int64_t>(c)).data());
      }
      write_npy(place_ / channel_shares_file(s), shares);
    }
  }

 private:
  static std::string name_of(size_t s, int64_t number) { return fmt::format("{:02}-{:05}", s, number); }

  void add_channels(size_t s, std::span<const ChannelAliasing> counts) {
    channelwise_[s].add(table_of(counts, accounting_));
    for (size_t c = 0; c < counts.size(); ++c) {
      const Sum one = sum_of(counts.subspan(c, 1), accounting_);
      add(of_channels_[s][c].published, fractions(one.published));
      add(of_channels_[s][c].contribution, fractions(one.contribution));
    }
  }

  Path place_;
  const AliasOptions& options_;
  Accounting accounting_;
  int64_t images_;
  Tensor layerwise_;
  std::vector<NpyWriter> channelwise_;
  std::vector<std::vector<ScaledShares>> of_channels_;
};

/** What some images came to. */
struct Seen {
  struct OfSignal {
    std::vector<ChannelAliasing> counts;
    std::vector<float> energies;
    std::span<const float> values;  // of the images that something is kept of
  };
  std::vector<int64_t> predicted;
  std::vector<OfSignal> signals;
};

std::string as_text(const Seen& seen) {
  std::vector<std::string> parts{text_of(std::span<const int64_t>(seen.predicted))};
  for (const Seen::OfSignal& s : seen.signals) {
    parts.push_back(text_of(std::span<const ChannelAliasing>(s.counts)));
    parts.push_back(text_of(std::span<const float>(s.energies)));
    parts.push_back(text_of(s.values));
  }
  return packed(parts);
}

/**
 * What is known so far of signals and images. `look` counts the frequencies of some images; `take` adds what came to the record, image by
 * image in their order, and keeps what was asked for.
 */
class Tally {
 public:
  /** With a folder, where that is this rank's to write, or `keeps` another's. */
  Tally(AliasingRecord& record, std::vector<Signal> signals, const Pictures& pictures, const AliasOptions& options, bool keeps,
        const Path& place)
      : record_(record),
        signals_(std::move(signals)),
        numbers_(pictures.numbers()),
        labels_(pictures.labels()),
        accounting_(accounting_of(options.accounting)),
        analyses_(rule_of(options)),
        keeps_signals_(keeps && (options.save == "folds" || options.save == "pixelwise" || options.save_signals)),
        map_images_(keeps ? options.maps : 0),
        map_channels_(channels_in(options)),
        per_image_({pictures.size(), std::ssize(signals_), kCategories, kScalings}),
        energy_({pictures.size(), std::ssize(signals_)}),
        table_(static_cast<size_t>(4 * pictures.size())) {
    for (const Signal& s : signals_) {
      (void)analyses_.of(s);  // a signal that is too small is told before anything is computed
      record_.signals.push_back({s.node, s.label, s.shape[0], s.shape[1], s.shape[2], s.rate, {}, {}});
      folding_.emplace_back(s.shape[1], s.shape[2], Rate{s.rate, s.rate});
    }
    if (!place.empty()) kept_.emplace(place, options, signals_, pictures.size());
  }

  /** What the network drops samples from and what it answers, for `count` images from `first` on. */
  Seen look(int64_t first, int64_t count, const Tensor& logits, std::span<const Tensor* const> values) {
    Seen seen;
    for (int64_t n = 0; n < count; ++n) seen.predicted.push_back(argmax(logits.row(n)));
    for (size_t s = 0; s < signals_.size(); ++s) {
      Seen::OfSignal of{counted(signals_[s], analyses_.of(signals_[s]), first, count, *values[s]),
                        std::vector<float>(static_cast<size_t>(count)),
                        values[s]->span().first(static_cast<size_t>(kept_of(first, count) * signals_[s].shape.size()))};
      parallel(count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n) of.energies[static_cast<size_t>(n)] = static_cast<float>(folding_[s].of(values[s]->row(n)));
      });
      seen.signals.push_back(std::move(of));
    }
    return seen;
  }

  void take(int64_t first, int64_t count, const Seen& seen) {
    take_answers(first, count, seen.predicted);
    for (size_t s = 0; s < signals_.size(); ++s)
      take_signal(first, count, s, seen.signals[s].counts, seen.signals[s].energies, seen.signals[s].values);
  }
  /** Of another rank, by `as_text`. */
  void take(int64_t first, int64_t count, std::string_view text) {
    const std::vector<std::string> parts = unpacked(text);
    take_answers(first, count, values_in<int64_t>(parts[0]));
    for (size_t s = 0; s < signals_.size(); ++s)
      take_signal(first, count, s, values_in<ChannelAliasing>(parts[3 * s + 1]), values_in<float>(parts[3 * s + 2]),
                  values_in<float>(parts[3 * s + 3]));
  }

  void take_answers(int64_t first, int64_t count, std::span<const int64_t> answers) {
    for (int64_t n = first; n < first + count; ++n) {
      const int64_t predicted = answers[static_cast<size_t>(n - first)];
      const int64_t label = labels_.empty() ? -1 : labels_[static_cast<size_t>(n)];
      record_.correct += label == predicted;
      const int64_t row[] = {numbers_[static_cast<size_t>(n)], label, predicted, label < 0 ? -1 : int64_t{label == predicted}};
      std::copy_n(row, 4, table_.begin() + 4 * n);
    }
  }

  void finish(const Path& place) {
    for (AliasingSignal& signal : record_.signals) {
      divide(signal.shares, static_cast<double>(record_.images));
      add(record_.mean.published, signal.shares.published);
      add(record_.mean.contribution, signal.shares.contribution);
    }
    divide(record_.mean, static_cast<double>(signals_.size()));
    for (size_t s = 0; s < signals_.size(); ++s) take_energy(s);
    if (!kept_) return;
    record_.per_image = "per-image.npy";
    record_.image_table = "images.npy";
    record_.per_image_energy = "folded-energy.npy";
    write_npy(place / record_.per_image_energy, energy_);
    write_npy(place / record_.per_image, per_image_);
    write_npy(place / record_.image_table, {std::ssize(table_) / 4, 4}, table_);
    kept_->finish();
  }

 private:
  std::vector<int64_t> channels_in(const AliasOptions& options) const {
    const std::vector<int64_t> channels = map_channels_of(options);
    if (options.maps > 0)
      for (const int64_t c : channels)
        require(std::any_of(signals_.begin(), signals_.end(), [&](const Signal& s) { return c < s.shape[0]; }),
                "`map_channels` {}: no signal has that channel", c);
    return channels;
  }

  /** Mean over images, and its interval. */
  void take_energy(size_t s) {
    std::vector<double> all;
    for (int64_t n = 0; n < energy_.shape()[0]; ++n) all.push_back(energy_.row(n)[s]);
    double sum = 0;
    for (const double share : all) sum += share;
    record_.signals[s].folded_energy = sum / static_cast<double>(all.size());
    if (all.size() < 2) return;
    const auto interval = bootstrap_interval_of_mean(all);
    record_.signals[s].folded_energy_interval_95 = {interval[0], interval[1]};
  }

  /** Of `count` images from `first` on, how many of the first ones have signals that something is kept of. */
  int64_t kept_of(int64_t first, int64_t count) const {
    return keeps_signals_ ? count : std::clamp<int64_t>(map_images_ - first, 0, count);
  }

  void take_signal(int64_t first, int64_t count, size_t s, std::span<const ChannelAliasing> counts, std::span<const float> energies,
                   std::span<const float> values) {
    const Signal& signal = signals_[s];
    AliasingAnalysis& analysis = analyses_.of(signal);
    const size_t channels = static_cast<size_t>(signal.shape[0]), numbers = static_cast<size_t>(signal.shape.size());
    for (int64_t n = 0; n < count; ++n) {
      energy_.row(first + n)[s] = energies[static_cast<size_t>(n)];
      const auto own = counts.subspan(static_cast<size_t>(n) * channels, channels);
      const Sum sum = sum_of(own, accounting_);
      const AliasingFractions published = fractions(sum.published), contribution = fractions(sum.contribution);
      add(record_.signals[s].shares.published, published);
      add(record_.signals[s].shares.contribution, contribution);
      float* const shares = per_image_.row(first + n).data() + static_cast<int64_t>(s) * kCategories * kScalings;
      put(published, 0, shares);
      put(contribution, 1, shares);
      const bool has_values = n < kept_of(first, count);
      if (kept_)
        keep(first + n, s, has_values ? values.subspan(static_cast<size_t>(n) * numbers, numbers) : values.first(0), own, analysis);
    }
  }

  std::vector<ChannelAliasing> counted(const Signal& signal, AliasingAnalysis& analysis, int64_t first, int64_t count,
                                       const Tensor& values) {
    const int64_t numbers_an_image = signal.shape.size();
    try {
      return analysis.count(values.span().first(static_cast<size_t>(count * numbers_an_image)));
    } catch (const Error&) {
      require_finite(signal, values, count, std::span(numbers_).subspan(static_cast<size_t>(first)));  // knows which image it was
      throw;
    }
  }

  void keep(int64_t n, size_t s, std::span<const float> x, std::span<const ChannelAliasing> counts, AliasingAnalysis& analysis) {
    const int64_t number = numbers_[static_cast<size_t>(n)];
    const Signal& signal = signals_[s];
    kept_->see(n, number, s, signal, x, counts, analysis);
    if (n >= map_images_) return;
    for (const int64_t c : map_channels_)
      if (c < signal.shape[0]) record_.signals[s].maps.push_back(kept_->write_map(number, s, c, signal, x, analysis));
  }

  AliasingRecord& record_;
  std::vector<Signal> signals_;
  const std::vector<int64_t>& numbers_;
  std::vector<int64_t> labels_;
  Accounting accounting_;
  Analyses analyses_;
  bool keeps_signals_;
  int64_t map_images_;
  std::vector<int64_t> map_channels_;
  Tensor per_image_;
  Tensor energy_;  // [images, signals] folded
  std::vector<FoldedEnergy> folding_;
  std::vector<int64_t> table_;  // [images, 4]
  std::optional<KeptArrays> kept_;
};

/** Where the answer to this question lies. */
Path aliasing_folder(const Path& folder, const AliasingRecord& record) {
  const AliasOptions usual;
  const QuestionName asked = QuestionName(kAliasing)
                                 .with("threshold", record.threshold == usual.threshold ? "" : record.threshold)
                                 .with("passing-db", record.passing_db == usual.passing_db ? "" : fmt::format("{}", record.passing_db))
                                 .with("", record.accounting == usual.accounting ? "" : record.accounting)
                                 .with("save", record.saved)
                                 .with("", record.options.value("save_signals", false) ? "signals" : "")
                                 .with("", record.options.value("save_features", false) ? "features" : "")
                                 .of(record);
  return question_folder(folder, asked, kAliasingFile, record);
}

}  // namespace

void check_aliasing(const AliasOptions& options) {
  (void)reference_of(options.threshold);
  (void)accounting_of(options.accounting);
  require(options.passing_db >= 0, "`passing_db` {}: decibels below the largest or the mean were wanted, 0 or more", options.passing_db);
  const std::vector<std::string> known{"folds", "pixelwise", "channelwise", "layerwise"};
  require(options.save.empty() || std::find(known.begin(), known.end(), options.save) != known.end(), "`save`: no '{}'{}", options.save,
          known_names(options.save, known));
  require(options.maps >= 0, "`maps` {}: a count of images was wanted", options.maps);
  (void)map_channels_of(options);
  require(options.batch >= 0, "`batch` {}: at least 1 image goes through at once; 0: as suits", options.batch);
}

Aliased alias(const Network& network, const Pictures& pictures, const AliasOptions& options, const Path& folder, const Setting& setting) {
  check_aliasing(options);
  check_pictures(network, pictures);
  NetworkSubject subject = subject_of(network, setting, options.batch);
  std::vector<Signal> signals = subject.signals();
  require(!signals.empty(), "{}: it drops samples nowhere, no convolution or pool in it has a stride, so that nothing can alias",
          network.name);
  require(pictures.size() > 0, "no images to look at");

  const std::string features = options.save_features ? last_features(network.graph) : "";

  Aliased done;
  AliasingRecord& record = done.record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  record.images = pictures.size();
  record.labelled = std::ssize(pictures.labels());
  record.threshold = options.threshold;
  record.passing_db = options.passing_db;
  record.accounting = options.accounting;
  record.saved = options.save;
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, record, *pictures.dataset());
  const Path place = folder.empty() || !ranks.is_root() ? Path() : aliasing_folder(folder, record);
  std::optional<StagedAnswer> staged;
  if (!place.empty()) {
    require_no_loss(place / kAliasingFile, record, setting.force);
    staged.emplace(place);
  }
  const Path part = staged ? staged->folder() : Path();
  Tally tally(record, std::move(signals), pictures, options, !folder.empty(), part);
  const int64_t batch = subject.batch(), size = pictures.size();
  const auto count_of = [&](int64_t piece) { return std::min(batch, size - piece * batch); };
  Timer clock;
  const auto look = [&](int64_t piece, const auto& take) {
    const auto fill = [&](int64_t, std::span<float> x) {
      clock.restart();  // until here the network was compiled, or somebody waited
      pictures.fill(piece * batch, x);
    };
    subject.stream_signals(count_of(piece), fill, [&](int64_t, int64_t count, const Tensor& logits, std::span<const Tensor* const> values) {
      done.network_seconds += clock.restart();
      take(tally.look(piece * batch, count, logits, values));
      done.spectra_seconds += clock.restart();
      done.looked_at += count;
    });
  };
  const int64_t pieces = (size + batch - 1) / batch;
  const auto told = [&](int64_t piece) {
    if (setting.progress) setting.progress(piece * batch + count_of(piece), size);
  };
  if (ranks.is_alone()) {  // signals may be large: no copy of them is made
    for (int64_t piece = 0; piece < pieces; ++piece) {
      look(piece, [&](const Seen& seen) { tally.take(piece * batch, count_of(piece), seen); });
      told(piece);
    }
  } else {
    const auto text_of_piece = [&](int64_t piece) {
      std::string text;
      look(piece, [&](const Seen& seen) { text = as_text(seen); });
      return text;
    };
    in_order(ranks, pieces, text_of_piece, [&](int64_t piece, std::string_view text) {
      tally.take(piece * batch, count_of(piece), text);
      told(piece);
    });
  }
  if (ranks.is_root()) tally.finish(part);
  record = record_of_root(ranks, record);
  if (!features.empty() && !folder.empty()) write_features(part / kFeaturesFile, network, pictures, features, setting);
  if (!staged) return done;
  done.folder = place;
  write_json(part / kAliasingFile, fields_to_json(record));
  constexpr std::string_view kFolders[] = {"folds", "pixelwise", "signals", "figures"}, kOthers[] = {kAliasingCurveFile};
  remove_answer(place, kAliasingFile, kFolders, kOthers);
  staged->finish();
  write_aliasing_figures(place);
  return done;
}

std::vector<double> folded_energies(const Tensor& x, Rate rate) {
  const Shape& s = x.shape();
  const FoldedEnergy folded(s[1], s[2], rate);
  std::vector<double> all;
  for (int64_t c = 0; c < s[0]; ++c) all.push_back(folded.of(x.row(c)));
  return all;
}

std::vector<ChannelAliasing> alias_signal(const Tensor& x, const std::string& name, Rate rate, const AliasOptions& options,
                                          const Path& folder) {
  check_aliasing(options);
  const Shape& s = x.shape();
  require(s.rank() == 3, "{}: an array {}; [channels, rows, columns] was wanted", name, s);
  require(s.size() > 0, "{}: an array {} without numbers", name, s);
  std::optional<AliasingAnalysis> analysis;
  std::vector<ChannelAliasing> counts;
  try {
    analysis.emplace(s[1], s[2], rate, rule_of(options));
    counts = analysis->count(x.span());
  } catch (const Error& e) {
    fail("{}: {}", name, e.what());
  }
  if (folder.empty() || options.save.empty()) return counts;
  const Path place = folder / kAliasing, file = place / (options.save + ".npy");
  const Accounting accounting = accounting_of(options.accounting);
  make_folder(place);
  if (options.save == "folds") write_npy(file, analysis->folds(x.span()));
  if (options.save == "pixelwise") write_npy(file, both(analysis->maps(x.span())));
  if (options.save == "channelwise") write_whole(file, table_of(counts, accounting));
  if (options.save == "layerwise") {
    ChannelAliasing sum;
    for (const ChannelAliasing& c : counts) sum.published += c.published, sum.contribution += c.contribution;
    write_whole(file, table_of({&sum, 1}, accounting).reshaped({kCategories, kScalings}));
  }
  return counts;
}

}  // namespace convscope
