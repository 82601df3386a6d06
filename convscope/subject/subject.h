#pragma once

/**
 * A network held still, as all that looks inside it sees it.
 * Goals: pixels in [0, 1] on the outside, whatever the network does with them first; any count of images, whatever batch its programs
 * have; over weights that are being trained as well as over those from a file.
 * Not a goal: gradients for weights; that is training.
 */

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convscope/graph/gradient.h"
#include "convscope/graph/passes.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/**
 * The number, one for each image, whose slope is asked for. `target` below chooses among the columns of a table [N, K]:
 *
 *   of logits, softmax    K classes
 *   of loss               −log softmax of the target, K classes
 *   of log-odds, margin, dlr   what attacks climb (graph/ops/attack_loss.h), whose `label_of` makes targets of classes
 *   of a node             its channels, each the mean over its positions
 *   of a node's positions every number of the node, counted in row-major [C, H, W]
 */
struct Objective {
  enum class Of { logits, softmax, loss, log_odds, margin, dlr } of = Of::logits;
  std::string node = {};   // empty: the network's answer
  bool positions = false;  // of the node

  auto operator<=>(const Objective&) const = default;
};

/** For N images of [C, H, W]. */
struct Slope {
  Tensor gradient;            // [N, C, H, W]; of each image's number for its own pixels
  std::vector<double> value;  // [N]
  Tensor table = {};          // [N, K]; what `value` was chosen from: the slope comes with it
};

/** A pass forth and back that is asked for more than the slope for the pixels, or goes back by other rules. */
struct Pass {
  Objective objective;
  Names gradients = {std::string(kPixels)};        // of nodes
  Names values = {};                               // of nodes
  std::shared_ptr<const Ruling> ruling = nullptr;  // none: the gradient's
};
struct Passed {
  std::map<std::string, Tensor, std::less<>> gradients;  // by node, [N, …]; and what the rules noted
  std::map<std::string, Tensor, std::less<>> values;     // by node, [N, …]
  std::vector<double> value;                             // [N] the objective's
  Tensor table;                                          // [N, K] what it was chosen from
};

/** What a subsampling node drops samples from. */
struct Signal {
  std::string node;   // of the network: "layer2.0.conv1"
  std::string label;  // as published for residual networks: 0, m, 1, *1, 2, *2, …; else the node's name
  Shape shape;        // [C, H, W]
  int64_t rate = 2;   // rows and columns 0, rate, 2 rate, … go on
};

/** Pictures that went through a network, and those of them that it was differentiated for. */
struct Passes {
  int64_t forward = 0, backward = 0;
};

class Subject {
 public:
  virtual ~Subject() = default;

  /** [C, H, W]. */
  virtual Shape image() const = 0;
  virtual int64_t classes() const = 0;
  /** As many images at once fill its programs. */
  virtual int64_t batch() const = 0;
  /** What it has computed since it was made; of one that does not count, nothing. */
  virtual Passes passes() const { return {}; }

  /** x [N, C, H, W] → the table [N, K] that the objective chooses from; for a loss, of whatever kind, the logits. */
  virtual Tensor table(const Tensor& x, const Objective& objective) = 0;
  /** [N, Y]. */
  Tensor logits(const Tensor& x) { return table(x, {}); }
  /** What a node gives, [N, …]; an unknown name is an error that shows the nearest. */
  virtual Tensor activation(const Tensor& x, const std::string& node) = 0;
  /** Writes images `first` … into x, as many as fit. */
  using Fill = std::function<void(int64_t first, std::span<float> x)>;
  /** Rows 0 … count − 1 of y [batch, F] are those of images `first` …; good until it returns. */
  using Take = std::function<void(int64_t first, int64_t count, const Tensor& y)>;
  /**
   * What a node gives for any count of images, batch by batch, in bounded memory: numbers of a node [C, H, W] come in that order, F of
   * them. A network copies nothing and computes nothing behind the node.
   */
  virtual void stream(const std::string& node, int64_t count, const Fill& fill, const Take& take);
  /** Every node that drops samples, in the order in which the network was declared; convolutions before their batch norm. */
  virtual std::vector<Signal> signals() const { return {}; }
  /** Answers [batch, Y] and each signal [batch, C, H, W], of which `count` images from `first` on count; good until it returns. */
  using TakeSignals = std::function<void(int64_t first, int64_t count, const Tensor& logits, std::span<const Tensor* const> signals)>;
  /** All signals and the answers for any count of images, batch by batch, in one pass each, in bounded memory. */
  virtual void stream_signals(int64_t count, const Fill& fill, const TakeSignals& take);
  /** Shape of a node for one image, without the batch. */
  virtual Shape shape(const std::string& node) const = 0;
  /**
   * `targets` [N]. Each image's gradient is its own: what else is in the batch does not matter.
   */
  virtual Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) = 0;
  /** Likewise. `baseline`, of x's shape, where the rules compare with one. An error of subjects that are no network. */
  virtual Passed pass(const Tensor& x, const Pass& pass, std::span<const int64_t> targets, const Tensor& baseline = {});
  /** The table of an objective if `node` gave `values` [N, …] instead of what it makes of x. */
  virtual Tensor table_from(const std::string& node, const Tensor& values, const Tensor& x, const Objective& objective);
  /** The network as its builder made it; none of subjects that are none. */
  virtual const Graph* network() const { return nullptr; }
};

/** Each image's class of the largest logit. */
std::vector<int64_t> predicted(Subject& subject, const Tensor& x);

/** What an attack climbs, by its name in graph/ops/attack_loss.h; empty: the objective is something else. */
std::string_view attack_loss_name(const Objective& objective);

/** An error where the objective's table of so many columns lacks the target. */
void require_target(int64_t target, int64_t columns, const Objective& objective);

/** Each image's number of an objective, [N], from its table. */
std::vector<double> values(const Tensor& table, const Objective& objective, std::span<const int64_t> targets);

}  // namespace convscope
