#pragma once

#include "convscope/engine/program.h"

namespace convscope {

/** Programs on oneDNN's primitives and our own kernels, with layouts and memory planned over the whole graph. */
class OneDnnEngine : public Engine {
 public:
  struct Options {
    int64_t slice = 0;
    bool winograd = true, amx = true;
    void fields(auto&& field) {
      field("slice", slice,
            "images that one thread carries through the network at a time in predict and explain; 0 chooses by cache, -1 all at once");
      field("winograd", winograd,
            "3×3 convolutions by Winograd's algorithm where it is faster (bf16 only without AMX); its rounding error is 3 to 10 times that "
            "of direct ones in fp32");
      field("amx", amx,
            "3×3 and 1×1 convolutions by our own kernels for AMX where they are faster, those in fp32 by three bf16 parts of each number");
    }
  };
  explicit OneDnnEngine(Options options) : options_(options) {}
  std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const override;

 private:
  Options options_;
};

}  // namespace convscope
