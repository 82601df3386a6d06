#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** `study NAME`. */
class StudyCommand : public Command {
 public:
  struct Options {
    std::string run;
    std::string scale = "quick";
    std::string net;
    std::string data;
    int64_t limit = 0;
    std::vector<double> epsilon;
    void fields(auto&& field) {
      field("run", run, "folder of the study; a study that was interrupted goes on in it");
      field("scale", scale, "quick: fewer epochs and images; medium: what two cores do in an evening; full: as published");
      field("net", net, "aliasing, antialiasing: the network to look at, as other commands take it, instead of one trained here");
      field("data", data, "with --net: data set, or folder of pictures; what it was trained on without it");
      field("limit", limit,
            "aliasing: so many images are attacked; 0: 100 at quick scale, 500 at medium, 1000 at full. antialiasing: so many are looked "
            "at; 0: 500, 2000, 10000");
      field("epsilon", epsilon,
            "aliasing: attacks within these, the smallest first, as 0,0.001,0.01; without it within the published seven. antialiasing: the "
            "last of "
            "them; without it 1/255");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  bool ends_when_asked() const override { return true; }
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope study attribution --run runs/attribution",
            "convscope study aliasing --run runs/aliasing --net resnet34.pth --model resnet34 --normalize imagenet --data imagenet",
            "convscope study aliasing --run runs/resnet20 --net resnet20.th --model resnet20 --normalize imagenet --data cifar10 --epsilon "
            "0,0.001,0.01",
            "convscope study antialiasing --run runs/antialiasing",
            "convscope study from-scratch --run runs/from-scratch --scale medium --precision bf16"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> name_;
  Options options_;
  NetworkOptions foreign_;
};

}  // namespace convscope
