#pragma once

#include <optional>

#include "convscope/api/explain.h"
#include "convscope/cli/command.h"

namespace convscope {

/** `explain METHOD NET`. */
class ExplainCommand : public Command {
 public:
  struct Place {
    std::optional<int64_t> limit;
    std::string out;

    void fields(auto&& field) {
      field("limit", limit,
            "only so many images, the first ones, of a folder of all classes in turn, or of `images`; 0: all; without it 8, or all of the "
            "numbers that `images` names");
      field("out", out, "folder for maps, sheet and page; the run folder itself without it");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool is_shared_out(const Flags&) const override { return true; }

 private:
  std::vector<std::string> method_, network_;
  PictureOptions pictures_;
  Place place_;
  ExplainOptions options_;
  NetworkOptions foreign_;
  Replacing replacing_;
};

}  // namespace convscope
