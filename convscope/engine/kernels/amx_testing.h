#pragma once

/** What tests of kernels for AMX share. */

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>

#include "convscope/base/threads.h"
#include "convscope/engine/kernels/amx.h"

namespace convscope::kernels {

/** Numbers at an address that tiles may be loaded from, with nothing behind them that belongs to us. */
template <typename T>
class Aligned {
 public:
  explicit Aligned(int64_t count, T value = {}) : size_(count), memory_(new (std::align_val_t{64}) T[static_cast<size_t>(count)]) {
    std::fill_n(data(), count, value);
  }
  T* data() const { return memory_.get(); }
  T& operator[](int64_t i) const { return data()[i]; }
  int64_t size() const { return size_; }

 private:
  struct Delete {
    void operator()(T* p) const { operator delete[](p, std::align_val_t{64}); }
  };
  int64_t size_;
  std::unique_ptr<T[], Delete> memory_;
};

/** Tests that say where they are not run, and leave the count of threads as it was. */
class WithAmx : public testing::Test {
 protected:
  void SetUp() override {
    if (!amx_runs()) GTEST_SKIP() << "not run here: this processor has no AMX";
  }
  void TearDown() override { set_threads(before_); }

 private:
  int before_ = threads();
};

}  // namespace convscope::kernels
