#include "convscope/ranks/in_order.h"

namespace convscope {

void in_order(Ranks& ranks, int64_t count, const std::function<std::string(int64_t)>& work,
              const std::function<void(int64_t, std::string_view)>& take) {
  for (int64_t piece = 0; piece < count; ++piece) {
    const int whose = static_cast<int>(piece % ranks.size());
    if (ranks.is_root())
      take(piece, whose == 0 ? work(piece) : ranks.receive(whose));
    else if (whose == ranks.rank())
      ranks.send(0, work(piece));
  }
}

}  // namespace convscope
