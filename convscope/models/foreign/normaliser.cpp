#include "convscope/models/foreign/normaliser.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/json.h"

namespace convscope {

namespace {

struct Pair {
  std::string_view mean, std;
};
constexpr Pair kPairs[] = {{"mean", "std"}, {"new_mean", "new_std"}, {"mu", "sigma"}, {"means", "sds"}, {"pixel_mean", "pixel_std"}};
constexpr int64_t kMostChannels = 4;

/** The name of the other one, where `name` is that of a mean. */
std::string partner(const std::string& name) {
  const size_t dot = name.rfind('.');
  const std::string_view last = std::string_view(name).substr(dot == std::string::npos ? 0 : dot + 1);
  for (const Pair& pair : kPairs)
    if (last == pair.mean) return name.substr(0, name.size() - last.size()) + std::string(pair.std);
  return "";
}

std::vector<double> numbers(const Tensor& t) {
  std::vector<double> all;
  for (int64_t i = 0; i < t.size(); ++i) all.push_back(t[i]);
  return all;
}

/** For pixels in [0, 1]. A mean above 1 is one of pixels in 0 … 255. */
Normalization values_of(const Tensor& mean, const Tensor& deviation) {
  Normalization n{numbers(mean), numbers(deviation)};
  if (std::none_of(n.mean.begin(), n.mean.end(), [](double m) { return std::abs(m) > 1; })) return n;
  for (std::vector<double>* list : {&n.mean, &n.std})
    for (double& v : *list) v /= 255;
  return n;
}

}  // namespace

bool alike(const Normalization& a, const Normalization& b) {
  constexpr double kRounding = 1e-4;
  const auto near = [](const std::vector<double>& x, const std::vector<double>& y) {
    if (x.empty() || y.empty()) return x.empty() && y.empty();
    if (x.size() != 1 && y.size() != 1 && x.size() != y.size()) return false;
    for (size_t i = 0; i < std::max(x.size(), y.size()); ++i)
      if (std::abs(x[x.size() == 1 ? 0 : i] - y[y.size() == 1 ? 0 : i]) > kRounding) return false;
    return true;
  };
  return near(a.mean, b.mean) && near(a.std, b.std);
}

std::optional<Normaliser> take_normaliser(std::map<std::string, Tensor>& tensors, std::string_view whose) {
  std::optional<Normaliser> found;
  for (auto it = tensors.begin(); it != tensors.end();) {
    const std::string mean = it->first, deviation = partner(mean);
    const auto other = deviation.empty() ? tensors.end() : tensors.find(deviation);
    const int64_t channels = it->second.size();
    if (other == tensors.end() || other->second.size() != channels || channels < 1 || channels > kMostChannels) {
      ++it;
      continue;
    }
    const Normalization values = values_of(it->second, other->second);
    require(all_finite(it->second.span()) && all_finite(other->second.span()) &&
                std::all_of(values.std.begin(), values.std.end(), [](double s) { return s > 0; }),
            "{}: {} and {} are no mean and deviation of pixels", whose, shown(Json(mean)), shown(Json(deviation)));
    require(!found || (found->values.mean == values.mean && found->values.std == values.std),
            "{}: two layers that prepare pixels, {} and {}, of other numbers; one becomes the first node", whose,
            shown(Json(found ? found->mean : "")), shown(Json(mean)));
    if (!found) found = Normaliser{mean, deviation, values};
    tensors.erase(other);
    it = tensors.erase(it);
  }
  return found;
}

}  // namespace convscope
