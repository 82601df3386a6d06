#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** `data list`, `data check`, `data get` and `data prepare`. */
class DataCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> common_flags() const override { return {"data-root"}; }
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  /** What takes long goes on when it is run again. */
  bool ends_when_asked() const override;

 private:
  struct Options {
    std::string from, labels, out;

    void fields(auto&& field) {
      field("from", from, "for get: address of a folder that offers the same files, in place of their makers'");
      field("labels", labels, "for prepare: the devkit ILSVRC2012_devkit_t12.tar.gz, or a text with a WordNet id a line (or name and id)");
      field("out", out, "for prepare: folder in which val/ is made");
    }
  };

  ExitStatus get(const Session& session) const;
  ExitStatus prepare(const Session& session) const;

  Options options_;
  std::vector<std::string> deed_, names_;
};

}  // namespace convscope
