#pragma once

#include "convscope/api/alias_under_attack.h"
#include "convscope/api/picture_mask.h"
#include "convscope/cli/command.h"

namespace convscope {

/** `alias NET`, and `alias --signal X.npy`. */
class AliasCommand : public Command {
 public:
  struct Place {
    std::string out;
    int64_t limit = 0;
    std::string signal;
    std::string rate = "2,2";
    std::string attack;
    std::vector<double> epsilon = UnderAttackOptions().epsilons;

    void fields(auto&& field) {
      field("out", out, "folder for the results; the run folder itself without it");
      field("limit", limit, "only so many images, the first ones, of a folder of all classes in turn, or of `images`; 0: all");
      field("signal", signal, "an .npy file [channels, rows, columns] instead of a network");
      field("attack", attack,
            "looks at pictures under attack too, a member of `convscope list attacks` with its options: pgd, as published, is "
            "pgd,steps=100,reach=2.5,random_start=false");
      field("epsilon", epsilon, "with `attack`: how far pictures may be from their images, with commas between, the smallest first");
      field("rate", rate, "with `signal`: every how-manieth row and column stays, 2,2");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool is_shared_out(const Flags& flags) const override { return !flags.given("signal"); }

 private:
  ExitStatus run_on_signal(const Session& session) const;
  ExitStatus run_on_network(const Session& session) const;
  ExitStatus run_under_attack(const Network& network, const Pictures& pictures, const Path& out, const Setting& setting, bool json) const;
  UnderAttackOptions under_attack() const;

  std::vector<std::string> network_;
  PictureOptions pictures_;
  MaskOptions mask_;
  Place place_;
  AliasOptions options_;
  NetworkOptions foreign_;
  Replacing replacing_;
};

}  // namespace convscope
