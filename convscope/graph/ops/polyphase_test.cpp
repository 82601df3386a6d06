#include "convscope/graph/ops/polyphase.h"

#include <gtest/gtest.h>

#include "convscope/graph/ops/single_op_testing.h"

namespace convscope {
using namespace testing_graph;

TEST(PolyphaseTakeOp, KeepsWhatItsFormulaSaysAndGoesOnAtTheOtherEnd) {
  for (const int64_t rate : {2, 3}) {
    const int64_t ways = rate * rate, height = 5, width = 7;
    Tensor x({ways, 1, height, width}), choice({ways, 1, 1, 1});
    for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    for (int64_t p = 0; p < ways; ++p) choice[p] = static_cast<float>(p);
    const Tensor y = output_of(PolyphaseTakeOp({.rate = rate}), {x, choice});
    const int64_t rows = (height + rate - 1) / rate, columns = (width + rate - 1) / rate;
    ASSERT_EQ(y.shape(), (Shape{ways, 1, rows, columns}));
    for (int64_t p = 0; p < ways; ++p)
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          EXPECT_EQ(y.row(p)[static_cast<size_t>(i * columns + j)],
                    x.row(p)[static_cast<size_t>((rate * i + p % rate) % height * width + (rate * j + p / rate) % width)])
              << "rate " << rate << ", way " << p << ", row " << i << ", column " << j;
  }
}

}  // namespace convscope
