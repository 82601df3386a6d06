#pragma once

/** ONNX files for tests, field by field as protobuf writes them. Not installed. */

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace convscope::testing_onnx {

inline std::string varint(uint64_t v) {
  std::string bytes;
  for (; v >= 128; v >>= 7) bytes += static_cast<char>((v & 127) | 128);
  return bytes + static_cast<char>(v);
}
inline std::string number(uint64_t field, int64_t v) { return varint(field << 3) + varint(static_cast<uint64_t>(v)); }
inline std::string part(uint64_t field, std::string_view bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

/** A TensorProto of F32, raw. */
inline std::string tensor(std::string_view name, std::span<const int64_t> dims, std::span<const float> values) {
  std::string bytes;
  for (const int64_t d : dims) bytes += number(1, d);
  std::string raw(values.size() * sizeof(float), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  return bytes + number(2, 1) + part(8, name) + part(9, raw);
}
/** A TensorProto of whole numbers in one row. */
inline std::string whole(std::string_view name, const std::vector<int64_t>& values) {
  std::string bytes = number(1, static_cast<int64_t>(values.size())) + number(2, 7) + part(8, name);
  for (const int64_t v : values) bytes += number(7, v);
  return bytes;
}
inline std::string integer(std::string_view name, int64_t value) { return part(5, part(1, name) + number(3, value) + number(20, 2)); }
inline std::string reals(std::string_view name, std::span<const float> values) {
  std::string raw(values.size() * sizeof(float), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  return part(5, part(1, name) + part(7, raw) + number(20, 6));
}
inline std::string integers(std::string_view name, std::vector<int64_t> values) {
  std::string bytes;
  for (const int64_t v : values) bytes += number(8, v);
  return part(5, part(1, name) + bytes + number(20, 7));
}
inline std::string node(std::string_view op, std::vector<std::string_view> inputs, std::string_view output,
                        std::string_view attributes = "", std::string_view domain = "") {
  std::string bytes;
  for (const std::string_view name : inputs) bytes += part(1, name);
  return part(1, bytes + part(2, output) + part(4, op) + std::string(attributes) + (domain.empty() ? "" : part(7, domain)));
}
/** A ValueInfoProto of F32; −1: an open extent. */
inline std::string value(std::string_view name, std::vector<int64_t> dims) {
  std::string shape;
  for (const int64_t d : dims) shape += part(1, d < 0 ? part(2, "N") : number(1, d));
  return part(1, name) + part(2, part(1, number(1, 1) + part(2, shape)));
}
inline std::string model(std::string_view graph, int64_t opset = 13) { return number(1, 7) + part(7, graph) + part(8, number(2, opset)); }

/** conv 3 × 3 to two channels, relu, mean, matrix to three classes, softmax. */
inline std::string small(std::string_view last = "Softmax") {
  std::vector<float> weight(2 * 1 * 9), matrix(6);
  for (size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i % 5) * 0.25f - 0.5f;
  for (size_t i = 0; i < matrix.size(); ++i) matrix[i] = static_cast<float>(i) * 0.5f - 1;
  return model(node("Conv", {"x", "w"}, "c", integers("pads", {1, 0, 1, 0})) + node("Relu", {"c"}, "r") +
               node("GlobalAveragePool", {"r"}, "g") + node("Flatten", {"g"}, "f") + node("MatMul", {"f", "m"}, "y") +
               node(last, {"y"}, "p") + part(5, tensor("w", std::vector<int64_t>{2, 1, 3, 3}, weight)) +
               part(5, tensor("m", std::vector<int64_t>{2, 3}, matrix)) + part(11, value("x", {-1, 1, 6, 5})) +
               part(12, value("p", {-1, 3})));
}

}  // namespace convscope::testing_onnx
