#include "convscope/data/corruptions/noise.h"

namespace convscope {

void GaussianNoise::apply(int64_t severity, Chance& chance, Planes& x) const {
  constexpr std::array<double, kSeverities> kSigma = {0.04, 0.06, 0.08, 0.09, 0.10};
  for (double& v : x.values) v += at_severity(kSigma, severity) * chance.normal();
}

void ShotNoise::apply(int64_t severity, Chance& chance, Planes& x) const {
  constexpr std::array<double, kSeverities> kPhotons = {500, 250, 100, 75, 50};
  const double photons = at_severity(kPhotons, severity);
  for (double& v : x.values) v = chance.poisson(v * photons) / photons;
}

void ImpulseNoise::apply(int64_t severity, Chance& chance, Planes& x) const {
  constexpr std::array<double, kSeverities> kAmount = {0.01, 0.02, 0.03, 0.05, 0.07};
  const double amount = at_severity(kAmount, severity);
  for (double& v : x.values) {
    const double u = chance.uniform();
    if (u < amount) v = u < amount / 2 ? 1 : 0;
  }
}

void SpeckleNoise::apply(int64_t severity, Chance& chance, Planes& x) const {
  constexpr std::array<double, kSeverities> kSigma = {0.06, 0.1, 0.12, 0.16, 0.2};
  for (double& v : x.values) v += v * at_severity(kSigma, severity) * chance.normal();
}

}  // namespace convscope
