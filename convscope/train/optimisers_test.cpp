#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/tensor/safetensors.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/optimisers/orthogonal.h"

namespace convscope {
namespace {

constexpr uint64_t kSeed = 11;
constexpr float kSteps = 1e-6f;  // five updates in single precision against double; numbers are below 2

/** Parameters and moments between updates. */
struct State {
  State(const Optimiser& optimiser, std::span<const float> start)
      : w(start.begin(), start.end()), moments(static_cast<size_t>(optimiser.moments()), std::vector<float>(start.size())) {}

  void update(const Optimiser& optimiser, std::span<const float> gradients, double rate, std::span<const float> decayed = {}) {
    Update u{.parameters = w, .gradients = gradients, .moments = {}, .rate = rate, .step = ++steps, .decayed = decayed};
    for (auto& m : moments) u.moments.emplace_back(m);
    optimiser.update(u);
  }

  std::vector<float> w;
  std::vector<std::vector<float>> moments;
  int64_t steps = 0;
};

std::vector<float> numbers(size_t count, std::string_view name) {
  const RandomStream random(kSeed, name);
  std::vector<float> all(count);
  for (size_t i = 0; i < count; ++i) all[i] = 2 * random.uniform(i) - 1;
  return all;
}

const std::vector<std::string> kEveryRule{"sgd",
                                          "sgd,momentum=0.9,weight_decay=5e-4",
                                          "sgd,momentum=0.9,nesterov=true,weight_decay=5e-4",
                                          "sgd,momentum=0.9,scale_first=true",
                                          "adam",
                                          "adam,weight_decay=0.01",
                                          "adamw",
                                          "rmsprop",
                                          "rmsprop,momentum=0.9,weight_decay=0.01",
                                          "rmsprop,rho=0.95,eps=1e-7,eps_inside_root=true"};

TEST(Optimisers, GiveWhatPyTorchGives) {
  const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "optimisers.safetensors");
  for (const Json& c : parse_json(file.metadata.at("cases"), "optimisers.safetensors")) {
    const std::string name = c["name"];
    SCOPED_TRACE(name);
    Json options = c["options"];
    const double rate = options["lr"];
    options.erase("lr");
    if (options.contains("betas")) {
      options["beta1"] = options["betas"][0];
      options["beta2"] = options["betas"][1];
      options.erase("betas");
    }
    if (options.contains("alpha")) {
      options["rho"] = options["alpha"];
      options.erase("alpha");
    }
    const auto optimiser = optimisers().make(c["optimiser"].get<std::string>(), options);
    State state(*optimiser, file.tensors.at(name + "/param0").span());
    for (int step = 1; step <= c["steps"]; ++step) {
      state.update(*optimiser, file.tensors.at(fmt::format("{}/grad{}", name, step)).span(), rate);
      const Tensor& wanted = file.tensors.at(fmt::format("{}/param{}", name, step));
      EXPECT_LE(max_difference(Tensor(wanted.shape(), state.w), wanted), kSteps) << "step " << step;
    }
  }
}

TEST(Optimisers, LeavePaddingAtZero) {
  constexpr size_t kNumbers = 1000;
  for (const std::string& rule : kEveryRule) {
    const auto optimiser = optimisers().make(parse_choice(rule));
    std::vector<float> start = numbers(kNumbers, "start");
    for (size_t i = 0; i < kNumbers; i += 3) start[i] = 0;
    State state(*optimiser, start);
    for (int step = 0; step < 20; ++step) {
      std::vector<float> g = numbers(kNumbers, fmt::format("g{}", step));
      for (size_t i = 0; i < kNumbers; i += 3) g[i] = 0;
      state.update(*optimiser, g, 0.1);
    }
    for (size_t i = 0; i < kNumbers; ++i) EXPECT_EQ(state.w[i] == 0, i % 3 == 0) << rule << " at " << i;
  }
}

TEST(Optimisers, TreatANumberAlikeWhereverItLiesAndHoweverManyThreadsThereAre) {
  constexpr size_t kLong = 100'003;  // several pieces, and a last vector that is not full
  const int usual = threads();
  const std::vector<float> start = numbers(kLong, "start"), g0 = numbers(kLong, "g0"), g1 = numbers(kLong, "g1");
  for (const std::string& rule : kEveryRule) {
    const auto optimiser = optimisers().make(parse_choice(rule));
    const auto after = [&](size_t from, size_t count) {
      State state(*optimiser, std::span(start).subspan(from, count));
      for (const auto* g : {&g0, &g1}) state.update(*optimiser, std::span(*g).subspan(from, count), 0.1);
      return state.w;
    };
    set_threads(1);
    const std::vector<float> one = after(0, kLong);
    set_threads(3);
    EXPECT_EQ(after(0, kLong), one) << rule;
    set_threads(usual);
    for (size_t from : {size_t{0}, size_t{5}, kLong - 40})
      for (size_t count = 0; count <= 35; ++count) {
        const auto part = one.begin() + static_cast<std::ptrdiff_t>(from);
        EXPECT_EQ(after(from, count), std::vector<float>(part, part + static_cast<std::ptrdiff_t>(count))) << rule << ", " << count;
      }
  }
}

TEST(Optimisers, DecayOnlyTheBlocksThatAreSaid) {
  constexpr size_t kNumbers = 5 * kDecayBlock + 3;
  const std::vector<float> blocks{1, 0, 0, 1, 0, 1}, start = numbers(kNumbers, "start"), g = numbers(kNumbers, "g");
  for (const std::string rule : {"sgd", "adam", "adamw", "rmsprop"}) {
    const auto after = [&](double decay, std::span<const float> decayed) {
      const auto optimiser = optimisers().make(rule, {{"weight_decay", decay}});
      State state(*optimiser, start);
      for (int step = 0; step < 3; ++step) state.update(*optimiser, g, 0.1, decayed);
      return state.w;
    };
    const std::vector<float> with = after(0.1, {}), without = after(0, {}), some = after(0.1, blocks);
    for (size_t i = 0; i < kNumbers; ++i) EXPECT_EQ(some[i], blocks[i / kDecayBlock] > 0 ? with[i] : without[i]) << rule << " at " << i;
    EXPECT_NE(with, without) << rule;
  }
}

TEST(Optimisers, TakeDecayOffTheWeightsAloneInAdamW) {
  const auto rule = optimisers().make("adamw", {{"weight_decay", 0.5}});
  State state(*rule, std::vector<float>{2, -4});
  state.update(*rule, std::vector<float>{0, 0}, 0.1);
  EXPECT_FLOAT_EQ(state.w[0], 1.9f);
  EXPECT_FLOAT_EQ(state.w[1], -3.8f);
}

TEST(Optimisers, KeepAMomentOnlyWhereTheyUseIt) {
  EXPECT_EQ(optimisers().make("sgd")->moments(), 0);
  EXPECT_EQ(optimisers().make("sgd", {{"momentum", 0.9}})->moments(), 1);
  EXPECT_EQ(optimisers().make("adam")->moments(), 2);
  EXPECT_EQ(optimisers().make("rmsprop")->moments(), 1);
  EXPECT_EQ(optimisers().make("rmsprop", {{"momentum", 0.9}})->moments(), 2);
}

TEST(Optimisers, MoveByTheRateInAdamsFirstStepWhateverTheGradient) {
  const auto adam = optimisers().make("adam");
  State state(*adam, std::vector<float>(3));
  state.update(*adam, std::vector<float>{1e-3f, -1, 1000}, 0.01);
  EXPECT_NEAR(state.w[0], -0.01, 1e-6);  // eps is 1e-5 of this gradient
  EXPECT_NEAR(state.w[1], 0.01, 1e-8);
  EXPECT_NEAR(state.w[2], -0.01, 1e-8);
}

TEST(Optimisers, AnswerWrongOptionsWithWhatIsRight) {
  EXPECT_THROW_SAYING(optimisers().make("adma"), "no optimiser 'adma'; did you mean 'adam'?; known: sgd, adam, adamw, rmsprop");
  EXPECT_THROW_SAYING(optimisers().make("sgd", {{"momentun", 0.9}}), "sgd: no option 'momentun'; did you mean 'momentum'?");
  EXPECT_THROW_SAYING(optimisers().make("sgd", {{"momentum", 1}}), "'momentum' is 1; a number from 0 to below 1");
  EXPECT_THROW_SAYING(optimisers().make("sgd", {{"weight_decay", -1}}), "'weight_decay' is -1; a number from 0 on");
  EXPECT_THROW_SAYING(optimisers().make("sgd", {{"nesterov", true}}), "say momentum=0.9");
  EXPECT_THROW_SAYING(optimisers().make("adam", {{"beta2", 1}}), "'beta2' is 1; a number from 0 to below 1");
  EXPECT_THROW_SAYING(optimisers().make("adam", {{"eps", 1e-60}}), "'eps' is 1e-60; a number above 0");
  EXPECT_THROW_SAYING(optimisers().make("adamw", {{"weight_decay", -1}}), "adamw: option 'weight_decay' is -1");
  EXPECT_THROW_SAYING(optimisers().make("rmsprop", {{"alpha", 0.9}}), "rmsprop: no option 'alpha'");
  EXPECT_THROW_SAYING(optimisers().make("rmsprop", {{"rho", 1}}), "'rho' is 1; a number from 0 to below 1");
  EXPECT_THROW_SAYING(optimisers().make("rmsprop", {{"eps", 0}}), "'eps' is 0; a number above 0");
}

/** One number through steps of changing rates, by Keras's own rules in double. */
TEST(Optimisers, TakeTheStepsOfKerasWhereAsked) {
  const std::vector<double> rates{0.1, 0.01, 0.05}, slopes{1, -0.5, 2};
  for (const bool nesterov : {false, true}) {
    const auto sgd = optimisers().make("sgd", {{"momentum", 0.9}, {"nesterov", nesterov}, {"scale_first", true}});
    State state(*sgd, std::vector<float>{0.5f});
    double w = 0.5, v = 0;
    for (size_t i = 0; i < rates.size(); ++i) {
      state.update(*sgd, std::vector<float>{static_cast<float>(slopes[i])}, rates[i]);
      v = 0.9 * v - rates[i] * slopes[i];
      w += nesterov ? 0.9 * v - rates[i] * slopes[i] : v;
    }
    EXPECT_NEAR(state.w[0], w, kSteps);
  }
  constexpr double kEps = 0.1;  // large, so that where it is added counts
  const auto adam = optimisers().make("adam", {{"eps", kEps}, {"eps_first", true}});
  State state(*adam, std::vector<float>{0.5f});
  double w = 0.5, m = 0, v = 0;
  for (size_t i = 0; i < rates.size(); ++i) {
    state.update(*adam, std::vector<float>{static_cast<float>(slopes[i])}, rates[i]);
    const double t = static_cast<double>(i) + 1;
    m = 0.9 * m + 0.1 * slopes[i];
    v = 0.999 * v + 0.001 * slopes[i] * slopes[i];
    w -= rates[i] * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t)) * m / (std::sqrt(v) + kEps);
  }
  EXPECT_NEAR(state.w[0], w, kSteps);
}

/** Singular values are those of a diagonal matrix: the iteration treats each by itself. */
TEST(Orthogonalise, TakesEachSingularValueThroughThePolynomial) {
  constexpr int64_t kRows = 5, kColumns = 7, kIterations = 3;
  const std::vector<double> singular{3, 1, 0.5, 0.1, 0};
  double norm = 0;
  for (const double s : singular) norm += s * s;
  std::vector<float> wide(kRows * kColumns), high(kRows * kColumns);
  for (size_t i = 0; i < kRows; ++i) wide[i * kColumns + i] = high[i * kRows + i] = static_cast<float>(singular[i]);
  orthogonalise(kRows, kColumns, wide.data(), kIterations);
  orthogonalise(kColumns, kRows, high.data(), kIterations);
  for (size_t i = 0; i < kRows; ++i)
    for (size_t j = 0; j < kColumns; ++j) {
      double s = i == j ? singular[i] / std::sqrt(norm) : 0;
      for (int64_t k = 0; k < kIterations; ++k) s = 3.4445 * s - 4.7750 * std::pow(s, 3) + 2.0315 * std::pow(s, 5);
      EXPECT_NEAR(wide[i * kColumns + j], s, 1e-5) << i << ", " << j;
      EXPECT_EQ(wide[i * kColumns + j], high[j * kRows + i]) << i << ", " << j;
    }
}

/** The definition, in double and in plain loops. */
std::vector<double> slowly_orthogonal(int64_t rows, int64_t columns, std::span<const float> x, int64_t iterations) {
  const auto product = [](const std::vector<double>& a, const std::vector<double>& b, int64_t m, int64_t k, int64_t n) {
    std::vector<double> c(static_cast<size_t>(m * n));
    for (int64_t i = 0; i < m; ++i)
      for (int64_t l = 0; l < k; ++l)
        for (int64_t j = 0; j < n; ++j)
          c[static_cast<size_t>(i * n + j)] += a[static_cast<size_t>(i * k + l)] * b[static_cast<size_t>(l * n + j)];
    return c;
  };
  std::vector<double> now(x.begin(), x.end());
  double squares = 0;
  for (const double v : now) squares += v * v;
  for (double& v : now) v /= std::sqrt(squares);
  for (int64_t it = 0; it < iterations; ++it) {
    std::vector<double> turned(now.size());
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) turned[static_cast<size_t>(j * rows + i)] = now[static_cast<size_t>(i * columns + j)];
    const std::vector<double> a = product(now, turned, rows, columns, rows), a2 = product(a, a, rows, rows, rows);
    std::vector<double> b(a.size());
    for (size_t i = 0; i < b.size(); ++i) b[i] = -4.7750 * a[i] + 2.0315 * a2[i];
    const std::vector<double> bx = product(b, now, rows, rows, columns);
    for (size_t i = 0; i < now.size(); ++i) now[i] = 3.4445 * now[i] + bx[i];
  }
  return now;
}

TEST(Orthogonalise, GivesWhatPlainLoopsGiveWithAnyCountOfThreads) {
  const int usual = threads();
  for (const auto& [rows, columns] : {std::pair(24, 108), std::pair(33, 70), std::pair(1, 9), std::pair(6, 6)}) {
    const std::vector<float> x = numbers(static_cast<size_t>(rows * columns), "matrix");
    const std::vector<double> wanted = slowly_orthogonal(rows, columns, x, 4);
    std::vector<float> one = x, three = x;
    set_threads(1);
    orthogonalise(rows, columns, one.data(), 4);
    set_threads(3);
    orthogonalise(rows, columns, three.data(), 4);
    set_threads(usual);
    EXPECT_EQ(one, three);
    for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(one[i], wanted[i], 2e-5) << rows << "×" << columns << " at " << i;
  }
  std::vector<float> zeros(12, 0.0f);
  orthogonalise(3, 4, zeros.data(), 3);
  EXPECT_EQ(zeros, std::vector<float>(12, 0.0f));
}

/** A kernel [3, 2, 1, 2], a weight [2, 3] and a bias [2] in a store of blocks. */
std::vector<Weights::Entry> entries_of_three_kinds() {
  return {{"kernel", {3, 2, 1, 2}, true, 0, 12, nullptr}, {"dense", {2, 3}, true, 16, 6, nullptr}, {"bias", {2}, true, 32, 2, nullptr}};
}

TEST(Muon, StepsOrthogonallyInKernelsAndBySgdElsewhere) {
  const auto muon =
      optimisers().make(parse_choice("muon,momentum=0.6,iterations=3,dense_rate=0.5,vector_rate=2,other_momentum=0.85,weight_decay=0.1"));
  const std::vector<Weights::Entry> entries = entries_of_three_kinds();
  constexpr size_t kNumbers = 48, kKernel = 12;
  std::vector<float> w = numbers(kNumbers, "start"), m(kNumbers, 0.0f);
  const auto outside = [](size_t i) { return (i >= 12 && i < 16) || (i >= 22 && i < 32) || i >= 34; };
  for (size_t i = 0; i < kNumbers; ++i)
    if (outside(i)) w[i] = 0;
  std::vector<double> kernel(w.begin(), w.begin() + kKernel), moment(kKernel);
  const auto sgd = [](double decay) { return optimisers().make("sgd", {{"momentum", 0.85}, {"nesterov", true}, {"weight_decay", decay}}); };
  State dense(*sgd(0.2), std::span(w).subspan(16, 6)), bias(*sgd(0.05), std::span(w).subspan(32, 2));
  for (int step = 1; step <= 3; ++step) {
    std::vector<float> g = numbers(kNumbers, fmt::format("g{}", step));
    for (size_t i = 0; i < kNumbers; ++i)
      if (outside(i)) g[i] = 0;
    const double rate = 0.1 / step;
    muon->update({.parameters = w, .gradients = g, .moments = {m}, .rate = rate, .step = step, .decayed = {}, .entries = entries});

    std::vector<float> direction(kKernel);
    double squares = 0;
    for (size_t i = 0; i < kKernel; ++i) {
      moment[i] = 0.6 * moment[i] + g[i];
      direction[i] = static_cast<float>(g[i] + 0.6 * moment[i]);
      squares += kernel[i] * kernel[i];
    }
    const std::vector<double> orthogonal = slowly_orthogonal(3, 4, direction, 3);
    for (size_t i = 0; i < kKernel; ++i) kernel[i] = kernel[i] * std::sqrt(3 / squares) - rate * orthogonal[i];
    dense.update(*sgd(0.2), std::span(g).subspan(16, 6), 0.5 * rate);
    bias.update(*sgd(0.05), std::span(g).subspan(32, 2), 2 * rate);

    for (size_t i = 0; i < kKernel; ++i) EXPECT_NEAR(w[i], kernel[i], 1e-5) << "kernel, step " << step;
    for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(w[16 + i], dense.w[i], kSteps) << "dense, step " << step;
    for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(w[32 + i], bias.w[i], kSteps) << "bias, step " << step;
    for (size_t i = 0; i < kNumbers; ++i) EXPECT_TRUE(!outside(i) || w[i] == 0) << "padding stays zero";
  }
}

TEST(Muon, LeavesAloneWhatHasNoRate) {
  const auto muon = optimisers().make(parse_choice("muon,vector_rate=0"));
  const std::vector<Weights::Entry> entries = entries_of_three_kinds();
  std::vector<float> w = numbers(48, "start"), m(48, 0.0f);
  const std::vector<float> before = w, g = numbers(48, "g");
  muon->update({.parameters = w, .gradients = g, .moments = {m}, .rate = 0.1, .step = 1, .decayed = {}, .entries = entries});
  EXPECT_TRUE(std::equal(w.begin() + 32, w.end(), before.begin() + 32));
  EXPECT_NE(w[0], before[0]);
  EXPECT_NE(w[16], before[16]);
  EXPECT_THROW_SAYING(optimisers().make(parse_choice("muon,momentum=1")), "muon: option 'momentum' is 1");
}

}  // namespace
}  // namespace convscope
