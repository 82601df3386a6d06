#include "convscope/inspect/activations/stream.h"

#include "convscope/data/batches.h"

namespace convscope {

void stream(Subject& subject, const Dataset& data, std::span<const int64_t> indices, const std::string& node,
            const std::function<void(std::span<const int64_t> some, const Tensor& y)>& take) {
  const Shape wanted = subject.image(), came = data.image_shape();
  require(wanted == came, "the network takes pictures of {}, the data set has {}", wanted, came);
  const size_t image = static_cast<size_t>(came.size());
  subject.stream(
      node, std::ssize(indices),
      [&](int64_t first, std::span<float> x) {
        read_batch(data, indices.subspan(static_cast<size_t>(first), x.size() / image), 0, x, {}, {});
      },
      [&](int64_t first, int64_t count, const Tensor& y) {
        take(indices.subspan(static_cast<size_t>(first), static_cast<size_t>(count)), y);
      });
}

}  // namespace convscope
