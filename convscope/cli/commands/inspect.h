#pragma once

#include "convscope/api/inspect.h"
#include "convscope/cli/command.h"

namespace convscope {

/** `inspect weights|activations|neurons|clusters|features|concepts NET`. */
class InspectCommand : public Command {
 public:
  struct Place {
    std::string out;
    int64_t limit = kUsualInspected;

    void fields(auto&& field) {
      field("out", out, "folder for pictures, records and page; the run folder itself without it");
      field("limit", limit,
            "neurons, clusters, features, concepts: the first so many images of the split, of a folder of all classes in turn, or of "
            "`images`; 0: all");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> common_flags() const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool is_shared_out(const Flags&) const override { return kind_.front() == "neurons" || kind_.front() == "features"; }

 private:
  std::vector<std::string> kind_, network_;
  PictureOptions pictures_;
  Place place_;
  InspectOptions options_;
  NetworkOptions foreign_;
  Replacing replacing_;
};

}  // namespace convscope
