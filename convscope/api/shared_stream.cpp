#include "convscope/api/shared_stream.h"

#include <algorithm>
#include <cstring>

#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"

namespace convscope {

void stream_on_ranks(Ranks& ranks, NetworkSubject& subject, const std::string& node, const Pictures& pictures, const Subject::Take& take) {
  const int64_t batch = subject.batch(), size = pictures.size();
  if (ranks.is_alone())
    return subject.stream(
        node, size, [&](int64_t first, std::span<float> x) { pictures.fill(first, x); }, take);
  const Shape one = subject.shape(node);
  const auto count_of = [&](int64_t piece) { return std::min(batch, size - piece * batch); };
  const auto look = [&](int64_t piece) {
    std::string given;
    subject.stream(
        node, count_of(piece), [&](int64_t first, std::span<float> x) { pictures.fill(piece * batch + first, x); },
        [&](int64_t, int64_t count, const Tensor& y) { given += text_of(y.span().first(static_cast<size_t>(count * one.size()))); });
    return given;
  };
  in_order(ranks, (size + batch - 1) / batch, look, [&](int64_t piece, std::string_view given) {
    Tensor y({count_of(piece), one.size()});
    std::memcpy(y.data(), given.data(), given.size());
    take(piece * batch, count_of(piece), y);
  });
}

}  // namespace convscope
