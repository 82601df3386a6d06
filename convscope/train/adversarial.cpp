#include "convscope/train/adversarial.h"

#include <cmath>

#include "convscope/base/written_numbers.h"
#include "convscope/train/options.h"

namespace convscope {

namespace {

constexpr const char* kEpsilonHelp = "how far a pixel may be moved, of pixels in [0, 1]: 8/255";
constexpr const char* kModeHelp =
    "eval: batch norm by its running statistics while pictures are moved; train: by the batch, as published, "
    "which moves the running statistics too";

void require_epsilon(std::string_view whose, double epsilon, double alpha) {
  require(epsilon > 0 && epsilon <= 1, "{}: epsilon is {}; a share of the pixels' range above 0 was wanted, such as 8/255", whose, epsilon);
  require(alpha > 0 && std::isfinite(alpha), "{}: alpha is {}; a step above 0 was wanted, such as 2/255", whose, alpha);
}

void require_steps(std::string_view whose, int64_t steps) {
  require(steps >= 1 && steps <= 1000, "{}: {} steps; from 1 to 1000 were wanted", whose, steps);
}

bool by_batch(std::string_view whose, const std::string& mode) {
  const std::vector<std::string> known{"eval", "train"};
  require(mode == known[0] || mode == known[1], "{}: no mode '{}'{}", whose, mode, known_names(mode, known));
  return mode == known[1];
}

/** Several steps from a random place; Madry et al. 2018. */
class PgdTraining : public AdversarialTraining {
 public:
  struct Options {
    double epsilon = 8.0 / 255, alpha = 2.0 / 255;
    int64_t steps = 7;
    std::string mode = "eval";
    void fields(auto&& field) {
      field("epsilon", epsilon, kEpsilonHelp);
      field("alpha", alpha, "how far each pixel goes in a step");
      field("steps", steps, "steps before each update");
      field("mode", mode, kModeHelp);
    }
  };
  explicit PgdTraining(Options options) : options_(std::move(options)) {
    require_epsilon("pgd", options_.epsilon, options_.alpha);
    require_steps("pgd", options_.steps);
    (void)by_batch("pgd", options_.mode);
  }
  InnerSearch search() const override {
    return {.start = InnerSearch::Start::uniform,
            .epsilon = options_.epsilon,
            .alpha = options_.alpha,
            .steps = options_.steps,
            .by_batch = by_batch("pgd", options_.mode)};
  }

 private:
  Options options_;
};

/** One long step from a random place; Wong, Rice and Kolter 2020. */
class FastTraining : public AdversarialTraining {
 public:
  struct Options {
    double epsilon = 8.0 / 255, alpha = 0;
    std::string mode = "eval";
    double most_lost = 0.2;
    void fields(auto&& field) {
      field("epsilon", epsilon, kEpsilonHelp);
      field("alpha", alpha, "how far each pixel goes in the one step; 0: 1.25 epsilon");
      field("mode", mode, kModeHelp);
      field("most_lost", most_lost,
            "catastrophic overfitting: the training ends, with the weights of the epoch before, where the accuracy on training pictures "
            "under attack falls by more than this share in an epoch; 0: it goes on");
    }
  };
  explicit FastTraining(Options options) : options_(std::move(options)) {
    require_epsilon("fast", options_.epsilon, step());
    (void)by_batch("fast", options_.mode);
    require(options_.most_lost >= 0 && options_.most_lost <= 1, "fast: most_lost is {}; a share from 0 to 1 was wanted",
            options_.most_lost);
  }
  InnerSearch search() const override {
    return {.start = InnerSearch::Start::uniform,
            .epsilon = options_.epsilon,
            .alpha = step(),
            .by_batch = by_batch("fast", options_.mode),
            .most_lost = options_.most_lost};
  }

 private:
  double step() const { return options_.alpha == 0 ? 1.25 * options_.epsilon : options_.alpha; }

  Options options_;
};

/** Each batch several times, the slope of each update used twice; Shafahi et al. 2019, algorithm 1. */
class FreeTraining : public AdversarialTraining {
 public:
  struct Options {
    double epsilon = 8.0 / 255;
    int64_t replays = 8;
    void fields(auto&& field) {
      field("epsilon", epsilon, kEpsilonHelp);
      field("replays", replays, "updates with each batch; an epoch has so many times as many updates");
    }
  };
  explicit FreeTraining(Options options) : options_(options) {
    require_epsilon("free", options_.epsilon, options_.epsilon);
    require(options_.replays >= 2 && options_.replays <= 100, "free: {} replays; from 2 to 100 were wanted", options_.replays);
  }
  InnerSearch search() const override {
    return {.start = InnerSearch::Start::kept,
            .epsilon = options_.epsilon,
            .alpha = options_.epsilon,
            .steps = 0,
            .by_batch = true,
            .replays = options_.replays};
  }

 private:
  Options options_;
};

/** Cross-entropy of pictures plus β times how much the answer for the moved one differs; Zhang et al. 2019. */
class TradesTraining : public AdversarialTraining {
 public:
  struct Options {
    double epsilon = 8.0 / 255, alpha = 2.0 / 255, beta = 6;
    int64_t steps = 10;
    std::string mode = "eval";
    void fields(auto&& field) {
      field("epsilon", epsilon, "how far a pixel may be moved, of pixels in [0, 1]; published: 0.031");
      field("alpha", alpha, "how far each pixel goes in a step; published: 0.007");
      field("steps", steps, "steps before each update");
      field("beta", beta, "weight of the divergence between the two answers");
      field("mode", mode,
            "eval: batch norm by its running statistics while pictures are moved, as published; train: by the batch, which moves the "
            "running statistics too");
    }
  };
  explicit TradesTraining(Options options) : options_(std::move(options)) {
    require_epsilon("trades", options_.epsilon, options_.alpha);
    require_steps("trades", options_.steps);
    require(options_.beta > 0 && std::isfinite(options_.beta), "trades: beta is {}; a number above 0 was wanted", options_.beta);
    (void)by_batch("trades", options_.mode);
  }
  InnerSearch search() const override {
    return {.start = InnerSearch::Start::normal,
            .epsilon = options_.epsilon,
            .alpha = options_.alpha,
            .steps = options_.steps,
            .by_batch = by_batch("trades", options_.mode),
            .beta = options_.beta};
  }

 private:
  Options options_;
};

}  // namespace

const Table<AdversarialTraining>& adversarial_trainings() {
  static const Table<AdversarialTraining> table{
      "adversarial training",
      {
          entry<PgdTraining, AdversarialTraining>("pgd", "several steps from a random place; Madry et al. 2018"),
          entry<FastTraining, AdversarialTraining>("fast", "one long step from a random place; Wong et al. 2020"),
          entry<FreeTraining, AdversarialTraining>("free", "each batch several times, each slope used twice; Shafahi et al. 2019"),
          entry<TradesTraining, AdversarialTraining>("trades",
                                                     "cross-entropy, and that moved pictures get the same answer; Zhang et al. 2019"),
      }};
  return table;
}

std::optional<InnerSearch> inner_search(const TrainOptions& options) {
  if (options.adversarial == kNotAdversarial) return std::nullopt;
  const Choice choice = parse_choice(options.adversarial);
  return adversarial_trainings().make(with_numbers(choice, adversarial_trainings().at(choice.name).options))->search();
}

}  // namespace convscope
