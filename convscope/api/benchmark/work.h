#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "convscope/api/benchmark.h"
#include "convscope/engine/program.h"

namespace convscope {

/** One kind of work on one batch of random pictures, again and again. */
class BenchmarkWork {
 public:
  virtual ~BenchmarkWork() = default;
  virtual void run() = 0;
  /** Each step alone; empty where the work is more than a program's. */
  virtual std::vector<StepTime> profile(int /*runs*/) { return {}; }
  /** Parts of the batch, one after the other. */
  virtual int64_t shards() const { return 1; }
};

/** Of options that go together. The network is given away: no program is compiled beside a second copy of its weights. */
std::unique_ptr<BenchmarkWork> make_work(std::string_view what, Network network, const BenchmarkOptions& options, const Setting& setting);

}  // namespace convscope
