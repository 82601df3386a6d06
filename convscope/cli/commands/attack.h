#pragma once

#include <map>

#include "convscope/cli/command.h"
#include "convscope/cli/foreign_flags.h"

namespace convscope {

/** `attack METHOD NET`. */
class AttackCommand : public Command {
 public:
  struct Options {
    std::string data;
    std::string split = "test";
    std::string out;
    std::string epsilon;
    std::string target;
    std::string source;
    int64_t limit = 0;
    bool draw = false;
    std::string confidence;
    double min_confidence = 0;
    bool independent = false;
    int64_t show = 8;
    double gain = 0;
    int64_t batch = 0;

    void fields(auto&& field) {
      field("data", data, "data set of the images; that of its training without it, where NET is a run folder");
      field("split", split, "train or test");
      field("out", out, "folder for record, arrays and pictures; the run folder itself without it");
      field("epsilon", epsilon, "how far pictures may be from their images, with commas between: 1/255,2/255; pixels lie in [0, 1]");
      field("target", target,
            "where to: a class by name or number, least-likely, or each (every other class); away from the own without it");
      field("source", source, "only images of this class, by name or number");
      field("limit", limit, "count of images, with --target each of images of each class; 0: all");
      field("draw", draw, "draws the images at random by --seed instead of taking the first ones");
      field("confidence", confidence, "softmax that the class reached must have to count, as 0.95; as the attack likes without it");
      field("min_confidence", min_confidence, "starts only from images that are right with so high a softmax");
      field("independent", independent,
            "as published: every image, also those that are wrong, goes all steps at every epsilon, and what it ends with is judged");
      field("show", show, "count of images that are drawn");
      field("gain", gain, "by which the change is multiplied in its pictures; 0: as much as fits");
      field("batch", batch, "images that go through the network at once; 0: as suits");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool ends_when_asked() const override { return true; }

 private:
  Choice choice(const Flags& flags) const;

  std::vector<std::string> method_, network_;
  Options options_;
  ForeignOptions foreign_;
  // Options of all members as flags.
  std::map<std::string, std::string> values_;
  std::map<std::string, bool> switches_;
};

}  // namespace convscope
