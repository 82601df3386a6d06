#pragma once

#include "convscope/cli/command.h"
#include "convscope/cli/pictures.h"

namespace convscope {

/** `explain METHOD NET`. */
class ExplainCommand : public Command {
 public:
  struct Options {
    std::string out;
    std::string target = "predicted";
    std::string of = "logits";
    std::string colour_scale = "own";
    std::string tolerance;
    int64_t batch = 0;

    void fields(auto&& field) {
      field("out", out, "folder for maps, sheet and page; the run folder itself without it");
      field("target", target, "predicted, true, a class by name or number, NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN");
      field("of", of, "logits, softmax or loss of a class");
      field("colour_scale", colour_scale, "own: each map has its own limits; shared: all have the same, for pictures to compare");
      field("tolerance", tolerance,
            "of integrated gradients: largest completeness gap as a share, 1% or 0.01; steps double until it holds");
      field("batch", batch, "images that go through the network at once; 0: as suits");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> method_, network_;
  PictureOptions pictures_;
  Options options_;
  ForeignOptions foreign_;
};

}  // namespace convscope
