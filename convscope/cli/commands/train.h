#pragma once

#include <optional>
#include <vector>

#include "convscope/api/train.h"
#include "convscope/cli/command.h"

namespace convscope {

/** Trains in a run folder. */
class TrainCommand : public Command {
 public:
  struct Place {
    std::string run;
    bool resume = false;
    std::string config;
    std::string seeds;
    std::string tensorboard;
    bool debug = false;

    void fields(auto&& field) {
      field("run", run, "folder of this training; made where it is not there");
      field("resume", resume, "go on from the folder's last checkpoint");
      field("config", config, "a run.json whose options stand where no flag says otherwise");
      field("seeds", seeds,
            "train once with each of these seeds, 1,2,3, or so many times, 3, counting from --seed; each in its own folder of --run");
      field("tensorboard", tensorboard,
            "folder for event files that TensorBoard reads: an epoch's numbers, histograms of all weights, at the end the figures; with "
            "--seeds "
            "a folder in it for each");
      field("debug", debug,
            "at each update, tell the first numbers of what each perturbation layer got, of its masks and, where a channel has one mask, "
            "of the "
            "sums that it computed, on stderr");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool ends_when_asked() const override { return true; }
  bool is_shared_out(const Flags&) const override { return true; }

 private:
  std::vector<int64_t> seeds(const Session& session) const;
  TrainingSummary train_one(const Session& session, const Path& run, const TrainOptions& options) const;

  Place place_;
  WatchOptions watch_;
  TrainOptions given_;
};

}  // namespace convscope
