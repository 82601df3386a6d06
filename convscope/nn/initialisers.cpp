#include "convscope/nn/initialisers.h"

#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/nn/one_of.h"

namespace convscope {

namespace {

constexpr int64_t kNumbersAThread = 1 << 14;

void fill_normal(Tensor& t, const RandomStream& random, double deviation, double mean = 0) {
  parallel(t.size(), kNumbersAThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) t[i] = static_cast<float>(mean + deviation * random.normal(static_cast<uint64_t>(i)));
  });
}

void fill_uniform(Tensor& t, const RandomStream& random, double bound) {
  parallel(t.size(), kNumbersAThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) t[i] = static_cast<float>(bound * (2.0 * random.uniform(static_cast<uint64_t>(i)) - 1));
  });
}

class Zeros : public Initialiser {
 public:
  using Options = NoOptions;
  explicit Zeros(Options) {}
  void fill(Tensor& t, const RandomStream&) const override { convscope::fill(t, 0); }
};

class Ones : public Initialiser {
 public:
  using Options = NoOptions;
  explicit Ones(Options) {}
  void fill(Tensor& t, const RandomStream&) const override { convscope::fill(t, 1); }
};

class Constant : public Initialiser {
 public:
  struct Options {
    double value = 0;
    void fields(auto&& field) { field("value", value, "every number"); }
  };
  explicit Constant(Options options) : options_(options) {}
  void fill(Tensor& t, const RandomStream&) const override { convscope::fill(t, static_cast<float>(options_.value)); }

 private:
  Options options_;
};

class Normal : public Initialiser {
 public:
  struct Options {
    double std = 1;
    double mean = 0;
    void fields(auto&& field) {
      field("std", std, "standard deviation");
      field("mean", mean, "mean");
    }
  };
  explicit Normal(Options options) : options_(options) {
    require(options.std >= 0, "normal: the standard deviation cannot be {}", options.std);
  }
  void fill(Tensor& t, const RandomStream& random) const override { fill_normal(t, random, options_.std, options_.mean); }

 private:
  Options options_;
};

class Uniform : public Initialiser {
 public:
  struct Options {
    double bound = 1;
    void fields(auto&& field) { field("bound", bound, "numbers lie in [-bound, bound)"); }
  };
  explicit Uniform(Options options) : options_(options) { require(options.bound >= 0, "uniform: the bound cannot be {}", options.bound); }
  void fill(Tensor& t, const RandomStream& random) const override { fill_uniform(t, random, options_.bound); }

 private:
  Options options_;
};

struct HeOptions {
  std::string mode = "fan-in";
  void fields(auto&& field) {
    field("mode", mode, "fan-in keeps the variance on the way up, fan-out that of the gradients on the way down");
  }
  double fan(const Shape& weight) const { return static_cast<double>(mode == "fan-in" ? fans(weight).in : fans(weight).out); }
};

/** N(0, 2 / fan), He et al. 2015, eq. 10 and 14. */
class HeNormal : public Initialiser {
 public:
  using Options = HeOptions;
  explicit HeNormal(Options options) : options_(std::move(options)) {
    require_one_of("he-normal", "mode", options_.mode, {"fan-in", "fan-out"});
  }
  void fill(Tensor& t, const RandomStream& random) const override { fill_normal(t, random, std::sqrt(2 / options_.fan(t.shape()))); }

 private:
  Options options_;
};

/** The same variance, uniform. */
class HeUniform : public Initialiser {
 public:
  using Options = HeOptions;
  explicit HeUniform(Options options) : options_(std::move(options)) {
    require_one_of("he-uniform", "mode", options_.mode, {"fan-in", "fan-out"});
  }
  void fill(Tensor& t, const RandomStream& random) const override { fill_uniform(t, random, std::sqrt(6 / options_.fan(t.shape()))); }

 private:
  Options options_;
};

double fan_sum(const Shape& weight) { return static_cast<double>(fans(weight).in + fans(weight).out); }

/** N(0, 2 / (fan-in + fan-out)), Glorot and Bengio 2010, eq. 12. */
class GlorotNormal : public Initialiser {
 public:
  using Options = NoOptions;
  explicit GlorotNormal(Options) {}
  void fill(Tensor& t, const RandomStream& random) const override { fill_normal(t, random, std::sqrt(2 / fan_sum(t.shape()))); }
};

/** The same variance, uniform: Glorot and Bengio 2010, eq. 16. What Keras gives weights. */
class GlorotUniform : public Initialiser {
 public:
  using Options = NoOptions;
  explicit GlorotUniform(Options) {}
  void fill(Tensor& t, const RandomStream& random) const override { fill_uniform(t, random, std::sqrt(6 / fan_sum(t.shape()))); }
};

/** U(±1 / √fan-in): what PyTorch's convolutions and linear layers give weights and biases. */
class PyTorch : public Initialiser {
 public:
  struct Options {
    int64_t fan_in = 0;
    void fields(auto&& field) { field("fan_in", fan_in, "of the weight that a bias belongs to; 0: that of the parameter itself"); }
  };
  explicit PyTorch(Options options) : options_(options) {
    require(options.fan_in >= 0, "pytorch: the fan-in cannot be {}", options.fan_in);
  }
  void fill(Tensor& t, const RandomStream& random) const override {
    const int64_t fan_in = options_.fan_in > 0 ? options_.fan_in : fans(t.shape()).in;
    fill_uniform(t, random, 1 / std::sqrt(static_cast<double>(fan_in)));
  }

 private:
  Options options_;
};

/** N(0, 1) / √fan-in. */
class ScaledNormal : public Initialiser {
 public:
  using Options = NoOptions;
  explicit ScaledNormal(Options) {}
  void fill(Tensor& t, const RandomStream& random) const override {
    fill_normal(t, random, 1 / std::sqrt(static_cast<double>(fans(t.shape()).in)));
  }
};

/** Filters that hand a channel on as it is, in front of random ones: the first C of K filters, channel c to filter c. */
class Dirac : public Initialiser {
 public:
  using Options = NoOptions;
  explicit Dirac(Options) {}
  void fill(Tensor& t, const RandomStream& random) const override {
    const Shape shape = t.shape();
    fill_uniform(t, random, 1 / std::sqrt(static_cast<double>(fans(shape).in)));
    if (shape.rank() != 4) return;
    const int64_t handed = std::min(shape[0], shape[1]), window = shape[2] * shape[3], centre = shape[2] / 2 * shape[3] + shape[3] / 2;
    std::fill_n(t.data(), handed * shape[1] * window, 0.0f);
    for (int64_t c = 0; c < handed; ++c) t[(c * shape[1] + c) * window + centre] = 1;
  }
};

class Whitening : public Initialiser {
 public:
  using Options = WhiteningOptions;
  explicit Whitening(Options options) : options_(options) {}
  /** Of white pictures every direction is as good as another: those of single pixels. */
  void fill(Tensor& t, const RandomStream&) const override {
    const int64_t numbers = fans(t.shape()).in;
    WhiteningAxes axes{std::vector<double>(static_cast<size_t>(numbers), 1.0), Tensor({numbers, numbers})};
    for (int64_t i = 0; i < numbers; ++i) axes.directions[i * numbers + i] = 1;
    whitening_filters(axes, options_, t);
  }

 private:
  Options options_;
};

}  // namespace

void whitening_filters(const WhiteningAxes& axes, const WhiteningOptions& options, Tensor& filters) {
  const int64_t numbers = std::ssize(axes.variances);
  for (int64_t k = 0; k < filters.shape()[0]; ++k) {
    const int64_t axis = k % numbers;
    const double sign = k / numbers % 2 == 0 ? 1 : -1, scale = sign / std::sqrt(axes.variances[static_cast<size_t>(axis)] + options.eps);
    for (int64_t i = 0; i < numbers; ++i) filters[k * numbers + i] = static_cast<float>(scale * axes.directions[axis * numbers + i]);
  }
}

const Table<Initialiser>& initialisers() {
  static const Table<Initialiser> table{
      "initialiser",
      {
          entry<Zeros, Initialiser>("zeros", "0 everywhere"),
          entry<Ones, Initialiser>("ones", "1 everywhere"),
          entry<Constant, Initialiser>("constant", "one number everywhere"),
          entry<Normal, Initialiser>("normal", "N(mean, std²)"),
          entry<Uniform, Initialiser>("uniform", "U(-bound, bound)"),
          entry<HeNormal, Initialiser>("he-normal", "N(0, 2 / fan), He et al. 2015"),
          entry<HeUniform, Initialiser>("he-uniform", "U(±√(6 / fan)), He et al. 2015"),
          entry<GlorotNormal, Initialiser>("glorot-normal", "N(0, 2 / (fan-in + fan-out)), Glorot 2010"),
          entry<GlorotUniform, Initialiser>("glorot-uniform", "U(±√(6 / (fan-in + fan-out))), Glorot 2010; Keras' default"),
          entry<PyTorch, Initialiser>("pytorch", "U(±1 / √fan-in), PyTorch's default"),
          entry<Dirac, Initialiser>("dirac", "the first filters hand a channel on as it is, the others are as by pytorch"),
          entry<Whitening, Initialiser>(std::string(kWhitening),
                                        "filters that make patches of the training pictures white, and their negatives"),
          entry<ScaledNormal, Initialiser>("scaled-normal", "N(0, 1) / √fan-in"),
      }};
  return table;
}

Fans fans(const Shape& weight) {
  require(weight.rank() >= 2 && weight.size() > 0,
          "a parameter of shape {} has no fan-in; weights have, of at least two extents: take another initialiser, or pytorch,fan_in=…",
          weight);
  const int64_t window = weight.size() / (weight[0] * weight[1]);
  return {weight[1] * window, weight[0] * window};
}

std::string bias_initialiser(std::string_view init, int64_t fan_in) {
  const Choice choice = parse_choice(init);
  if (choice.name != "pytorch" || choice.options.contains("fan_in")) return std::string(init);
  return fmt::format("{},fan_in={}", init, fan_in);
}

std::map<std::string, Tensor> initialise(const Graph& graph, uint64_t seed) {
  std::map<std::string, Tensor> tensors;
  for (const ParameterInfo& p : parameters(graph)) {
    Tensor t(p.shape);
    try {
      initialisers().make(parse_choice(p.init))->fill(t, RandomStream(seed, "init/" + p.name));
    } catch (const Error& e) {
      fail("parameter '{}': {}", p.name, e.what());
    }
    tensors.emplace(p.name, std::move(t));
  }
  return tensors;
}

}  // namespace convscope
