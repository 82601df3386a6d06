#pragma once

#include "convscope/cli/command.h"
#include "convscope/cli/pictures.h"

namespace convscope {

/** `alias NET`, and `alias --signal X.npy`. */
class AliasCommand : public Command {
 public:
  struct Options {
    std::string out;
    int64_t limit = 0;
    std::string threshold = "max";
    double passing_db = 20;
    std::string accounting = "exclusive";
    std::string save;
    bool save_signals = false;
    int64_t maps = 1;
    std::string map_channels = "0";
    int64_t batch = 0;
    std::string signal;
    std::string rate = "2,2";

    void fields(auto&& field) {
      field("out", out, "folder for the results; the run folder itself without it");
      field("limit", limit, "only so many images, the first ones; 0: all");
      field("threshold", threshold, "what a fold must come near to pass: max or mean of |Y|² after samples were dropped, in each channel");
      field("passing_db", passing_db, "decibels below the threshold at which a fold still passes");
      field("accounting", accounting,
            "exclusive: the four shares add up to all frequencies; legacy: no pass counts what is aliased once more, as published figures "
            "do");
      field("save", save, "also keep folds (complex spectra), pixelwise (maps), channelwise or layerwise (counts)");
      field("save_signals", save_signals, "also keep the signals before samples are dropped");
      field("maps", maps, "keep frequency maps of the first so many images");
      field("map_channels", map_channels, "of these channels: 0 or 0,4-7");
      field("batch", batch, "images that go through the network at once; 0: as suits");
      field("signal", signal, "an .npy file [channels, rows, columns] instead of a network");
      field("rate", rate, "with --signal: every how-manieth row and column stays, 2,2");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;

 private:
  ExitStatus run_on_signal(const Session& session) const;
  ExitStatus run_on_network(const Session& session) const;

  std::vector<std::string> network_;
  PictureOptions pictures_;
  Options options_;
  ForeignOptions foreign_;
};

}  // namespace convscope
