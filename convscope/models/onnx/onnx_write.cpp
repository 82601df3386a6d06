#include <onnx/onnx_pb.h>

#include <cstring>

#include "convscope/base/version.h"
#include "convscope/models/onnx/onnx_file.h"

namespace convscope {

namespace {

using ::onnx::AttributeProto;
using ::onnx::TensorProto;

void write_tensor(const std::string& name, const OnnxTensor& from, TensorProto& to) {
  to.set_name(name);
  for (const int64_t d : from.dims) to.add_dims(d);
  to.set_data_type(from.whole ? TensorProto::INT64 : TensorProto::FLOAT);
  const auto raw = [&](const auto& numbers) {
    std::string bytes(numbers.size() * sizeof(numbers[0]), '\0');
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    to.set_raw_data(std::move(bytes));
  };
  from.whole ? raw(from.integers) : raw(from.reals);
}

void write_attribute(const std::string& name, const OnnxAttribute& from, AttributeProto& to) {
  to.set_name(name);
  switch (from.kind) {
    case OnnxAttribute::real:
      to.set_type(AttributeProto::FLOAT);
      return to.set_f(from.number);
    case OnnxAttribute::integer:
      to.set_type(AttributeProto::INT);
      return to.set_i(from.count);
    case OnnxAttribute::text:
      to.set_type(AttributeProto::STRING);
      return to.set_s(from.words);
    case OnnxAttribute::integers:
      to.set_type(AttributeProto::INTS);
      for (const int64_t v : from.counts) to.add_ints(v);
      return;
    case OnnxAttribute::reals:
      to.set_type(AttributeProto::FLOATS);
      for (const float v : from.numbers) to.add_floats(v);
      return;
    case OnnxAttribute::tensor:
      to.set_type(AttributeProto::TENSOR);
      return write_tensor(name, from.value, *to.mutable_t());
    case OnnxAttribute::other:
      break;
  }
  fail("attribute '{}' of no kind that is written", name);
}

void write_value(const std::string& name, const std::vector<int64_t>& dims, ::onnx::ValueInfoProto& to) {
  to.set_name(name);
  auto& type = *to.mutable_type()->mutable_tensor_type();
  type.set_elem_type(TensorProto::FLOAT);
  for (const int64_t d : dims) {
    auto& dim = *type.mutable_shape()->add_dim();
    d == OnnxInput::kOpen ? dim.set_dim_param("N") : dim.set_dim_value(d);
  }
}

}  // namespace

std::string onnx_bytes(const OnnxModel& from) {
  ::onnx::ModelProto to;
  // What runtimes of the operators' own time read: 1.8 of ONNX for version 13, 1.12 for 17 and 18.
  to.set_ir_version(from.opset < 15 ? 7 : 8);
  to.set_producer_name(from.producer);
  to.set_producer_version(std::string(version()));
  auto& set = *to.add_opset_import();
  set.set_domain("");
  set.set_version(from.opset);
  auto& graph = *to.mutable_graph();
  graph.set_name(from.producer);
  for (const OnnxNode& node : from.nodes) {
    auto& written = *graph.add_node();
    written.set_name(node.name);
    written.set_op_type(node.op);
    for (const std::string& input : node.inputs) written.add_input(input);
    for (const std::string& output : node.outputs) written.add_output(output);
    for (const auto& [name, attribute] : node.attributes) write_attribute(name, attribute, *written.add_attribute());
  }
  for (const auto& [name, constant] : from.constants) write_tensor(name, constant, *graph.add_initializer());
  for (const OnnxInput& input : from.inputs) write_value(input.name, input.dims, *graph.add_input());
  for (const std::string& output : from.outputs) write_value(output, from.output_dims.at(output), *graph.add_output());
  for (const auto& [key, text] : from.metadata) {
    auto& entry = *to.add_metadata_props();
    entry.set_key(key);
    entry.set_value(text);
  }
  constexpr size_t kMost = (size_t{1} << 31) - (size_t{1} << 16);
  require(to.ByteSizeLong() <= kMost, "the network takes {} bytes; an ONNX file holds 2 GiB", to.ByteSizeLong());
  std::string bytes;
  require(to.SerializeToString(&bytes), "the network cannot be written as ONNX");
  return bytes;
}

}  // namespace convscope
