#pragma once

#include "convscope/base/file.h"
#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** Shares of a signal's frequencies, or their counts, by what happens to them when samples are dropped. */
struct AliasingShares {
  double non_aliased = 0, aliased = 0, tangled = 0, no_pass = 0;

  void fields(auto&& field) {
    field("non_aliased", non_aliased, "the fold below the new Nyquist frequency passes, alone");
    field("aliased", aliased, "another fold passes, alone: moved, but still to be told");
    field("tangled", tangled, "several folds pass: they cannot be told apart any more");
    field("no_pass", no_pass, "no fold passes");
  }
  /** They add up to 1. */
  void check(std::string_view whose) const;
};

/** In both scalings. */
struct ScaledShares {
  AliasingShares published, contribution;

  void fields(auto&& field) {
    field("published", published, "all channels together, mean over images; folds unscaled");
    field("contribution", contribution, "likewise with each fold scaled as it adds up, by 1 / rate²");
  }
};

/** Categories of all frequencies of a channel for an image: where zero is in the middle. */
struct AliasingMap {
  int64_t image = 0;
  int64_t channel = 0;
  std::string npy;

  void fields(auto&& field) {
    field("image", image, "its number in the data set, or among the files");
    field("channel", channel, "of the signal");
    field("npy", npy,
          "[2, rows, columns]: published, then contribution; 0 no pass, 1 non-aliased, 2 aliased, 3 tangled; zero frequency at "
          "[rows / 2, columns / 2]");
  }
  void check(std::string_view whose) const;
};

/** A subsampling node's signal before samples are dropped. */
struct AliasingSignal {
  std::string name;
  std::string label;
  int64_t channels = 0, rows = 0, columns = 0;
  int64_t rate = 2;
  ScaledShares shares;
  std::vector<AliasingMap> maps;
  double folded_energy = kUnknown;
  std::vector<double> folded_energy_interval_95 = {};

  void fields(auto&& field) {
    field("name", name, "the node that drops samples");
    field("label", label, "as published for residual networks: 0, m, 1, *1, 2, *2, …; else its name");
    field("channels", channels, "of the signal before samples are dropped");
    field("rows", rows, "likewise");
    field("columns", columns, "likewise");
    field("rate", rate, "every how-manieth row and column goes on");
    field("folded_energy", folded_energy,
          "share of the energy of what is left that came from above half of the new rate, mean over images: 0 nothing folds, about 1 - 1 / "
          "rate² white noise; unknown of lines of more than 4096 numbers; where a network chooses which samples stay (aps), of the first "
          "ones");
    field("folded_energy_interval_95", folded_energy_interval_95, "[low, high], by the bootstrap over images; empty of one image");
    shares.fields(field);
    field("maps", maps, "one for each image and channel that was asked for");
  }
  void check(std::string_view whose) const;
};

/** What `alias` leaves in `aliasing/` of a folder of results. */
struct AliasingRecord : Provenance {
  static constexpr std::string_view kKind = "aliasing";

  int64_t images = 0;
  int64_t labelled = 0;
  int64_t correct = 0;
  std::string threshold = "max";
  double passing_db = 20;
  std::string accounting = "exclusive";
  std::string per_image;
  std::string image_table;
  std::string per_image_energy;
  std::string saved;
  ScaledShares mean;
  std::vector<AliasingSignal> signals;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("images", images, "count of images");
    field("labelled", labelled, "how many of them have a known class");
    field("correct", correct, "how many of those the network names");
    field("threshold", threshold, "max or mean of |Y|², of the spectrum after samples were dropped");
    field("passing_db", passing_db, "a fold passes where its |F|² is no more than this below it");
    field("accounting", accounting, "exclusive, or legacy: the published programs' no pass, which counts what is aliased once more");
    field("per_image", per_image,
          "[images, signals, 4, 2]: each image's shares, non-aliased, aliased, tangled, no pass; published, then contribution");
    field("image_table", image_table, "[images, 4]: number, class, predicted class, 1 where they agree and 0 where not; −1 where unknown");
    field("per_image_energy", per_image_energy, "[images, signals]: each image's folded energy; empty in records of earlier versions");
    field("saved", saved, "what else was asked for: folds, pixelwise, channelwise or layerwise; empty: nothing");
    field("signals", signals, "one for each node that drops samples, in the network's order");
    field("mean", mean, "mean over the signals, each weighing the same");
  }
  void check(std::string_view whose) const;
};

/** Removes the folder's files whose names begin so: what was left of a network that was looked at before. */
void remove_beginning_with(const Path& folder, std::string_view beginning);

}  // namespace convscope
