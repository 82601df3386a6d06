#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Slopes that go back through rectifiers by another rule (graph/rules/rectifiers.h). They draw sharp edges, and mostly the same ones for
 * any class and for random weights: Adebayo et al. 2018, Nie et al. 2018. A network without a rectifier is refused: the map would be the
 * plain gradient under another name.
 */
class Rectified : public Attribution {
 public:
  enum class Way { guided, deconvolution };
  struct Options {
    bool absolute = false;
    void fields(auto&& field) { field("absolute", absolute, "without its sign"); }
  };
  Rectified(Way way, Options options) : way_(way), options_(options) {}
  bool has_sign() const override { return !options_.absolute; }
  ShownChannels shown_channels() const override { return ShownChannels::farthest; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Way way_;
  Options options_;
};

/** The network that a method goes through node by node; an error where the subject is none. */
const Graph& network_of(const Subject& subject, std::string_view method);

}  // namespace convscope
