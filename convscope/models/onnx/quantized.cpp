#include "convscope/base/join.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

// A network of 8-bit numbers is read as the real ones that these stand for: what is computed is cut to the range that 8 bits hold, which is
// where such networks keep their ReLU, and is not rounded.

constexpr int32_t kUint8 = 2, kInt8 = 3;  // ONNX's data types

void import_quantize(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const OnnxTensor& scale = site.constant(1, "scale");
  const OnnxTensor* zero = site.constant_if_given(2, "zero point");
  const auto said = static_cast<int32_t>(site.integer("output_dtype", 0));
  const int32_t type = zero ? zero->type : said != 0 ? said : kUint8;
  require(scale.size() == 1 && (!zero || zero->size() == 1) && (type == kUint8 || type == kInt8),
          "what is computed is quantised with {} scales to data type {}; one scale and 8 bits are read (export the network in float32)",
          scale.size(), type);
  const double least = type == kUint8 ? 0 : -128, at = zero ? zero->at(0) : 0, step = scale.at(0);
  require(step > 0, "a scale of {}", step);
  site.give(site.add<ClampOp>("", {(least - at) * step, (least + 255 - at) * step}, {x.value}), x.order);
}

void import_dequantize(OnnxSite& site) { site.give(site.computed(0)); }

[[noreturn]] void refuse(OnnxSite&) {
  fail(
      "it computes with 8-bit numbers, and convscope with real ones: export the network in float32, or quantised in the form of "
      "QuantizeLinear and DequantizeLinear (QDQ)");
}
void import_integers(OnnxSite& site) { refuse(site); }

}  // namespace

std::span<const OnnxOperator> onnx_quantized() {
  static constexpr OnnxOperator rows[] = {
      {"QuantizeLinear", import_quantize},
      {"DequantizeLinear", import_dequantize},
      {"QLinearConv", import_integers, false},
      {"QLinearMatMul", import_integers, false},
      {"ConvInteger", import_integers, false},
      {"MatMulInteger", import_integers, false},
      {"DynamicQuantizeLinear", import_integers, false},
  };
  return rows;
}

}  // namespace convscope
