#include "convscope/models/onnx/onnx_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <onnx/onnx_pb.h>

#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "convscope/base/join.h"
#include "convscope/base/json.h"
#include "convscope/base/text.h"
#include "convscope/tensor/half.h"

static_assert(std::endian::native == std::endian::little, "an ONNX file's raw numbers are little-endian");

namespace convscope {

namespace {

using ::onnx::TensorProto;

/** Of each kind in a file: more than any network has, and few enough to be held. */
constexpr int64_t kMostParts = 1'000'000;

std::string in_quotes(const std::string& name) { return shown(Json(name)); }

/** The messages that parts can stand in, and which of their fields hold which others. */
enum class Holds {
  model,
  graph,
  function,
  node,
  attribute,
  tensor,
  sparse_tensor,
  annotation,
  value,
  type,
  tensor_type,
  list_type,
  map_type,
  shape
};
struct Inner {
  Holds message;
  uint32_t field;
  Holds inner;
};
constexpr Inner kInner[] = {
    {Holds::model, 7, Holds::graph},
    {Holds::model, 25, Holds::function},
    {Holds::function, 7, Holds::node},
    {Holds::function, 11, Holds::attribute},
    {Holds::graph, 1, Holds::node},
    {Holds::graph, 5, Holds::tensor},
    {Holds::graph, 11, Holds::value},
    {Holds::graph, 12, Holds::value},
    {Holds::graph, 13, Holds::value},
    {Holds::graph, 14, Holds::annotation},
    {Holds::graph, 15, Holds::sparse_tensor},
    {Holds::node, 5, Holds::attribute},
    {Holds::attribute, 5, Holds::tensor},
    {Holds::attribute, 6, Holds::graph},
    {Holds::attribute, 10, Holds::tensor},
    {Holds::attribute, 11, Holds::graph},
    {Holds::attribute, 14, Holds::type},
    {Holds::attribute, 15, Holds::type},
    {Holds::attribute, 22, Holds::sparse_tensor},
    {Holds::attribute, 23, Holds::sparse_tensor},
    {Holds::sparse_tensor, 1, Holds::tensor},
    {Holds::sparse_tensor, 2, Holds::tensor},
    {Holds::value, 2, Holds::type},
    {Holds::type, 1, Holds::tensor_type},
    {Holds::type, 4, Holds::list_type},  // a sequence
    {Holds::type, 5, Holds::map_type},
    {Holds::type, 8, Holds::tensor_type},  // a sparse one
    {Holds::type, 9, Holds::list_type},    // an optional one
    {Holds::tensor_type, 2, Holds::shape},
    {Holds::list_type, 1, Holds::type},
    {Holds::map_type, 2, Holds::type},
};

/** Parts of a model that are not read, and are refused before they are made. */
struct Refused {
  uint32_t field;
  std::string_view what;
};
constexpr Refused kRefused[] = {
    {20, "training information, which is not read; export the network for inference"},
};

/**
 * Protobuf takes some hundred bytes for a message of two, so a small file could ask for much memory: parts are counted before they are
 * made. Walks the fields of a message by their lengths alone.
 */
void count_parts(std::string_view bytes, Holds message, std::string_view whose, int depth, int64_t& parts) {
  constexpr int kDeepest = 32;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  while (const uint32_t tag = stream.ReadTag()) {
    uint64_t ignored = 0;
    uint32_t length = 0;
    bool good = depth < kDeepest;
    switch (tag & 7) {
      case 0:
        good = good && stream.ReadVarint64(&ignored);
        break;
      case 1:
        good = good && stream.Skip(8);
        break;
      case 5:
        good = good && stream.Skip(4);
        break;
      case 2: {
        good = good && stream.ReadVarint32(&length) && length <= bytes.size() - static_cast<size_t>(stream.CurrentPosition());
        if (!good) break;
        require(++parts <= kMostParts, "{}: more than {} parts; no network that convscope knows has so many", whose, kMostParts);
        for (const Refused& row : kRefused)
          require(message != Holds::model || row.field != tag >> 3 || length == 0, "{}: it holds {}", whose, row.what);
        const std::string_view inside = bytes.substr(static_cast<size_t>(stream.CurrentPosition()), length);
        for (const Inner& row : kInner)
          if (row.message == message && row.field == tag >> 3) count_parts(inside, row.inner, whose, depth + 1, parts);
        good = stream.Skip(static_cast<int>(length));
        break;
      }
      default:
        good = false;
    }
    require(good, "{}: not an ONNX file, or a damaged one: it breaks off, or holds what protobuf does not know", whose);
  }
}

template <typename Message>
Message parsed(std::string_view bytes, std::string_view whose) {
  require(bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max()),
          "{}: {} bytes; protobuf files end at 2 GiB (larger networks keep their numbers in other files)", whose, bytes.size());
  int64_t parts = 0;
  count_parts(bytes, std::is_same_v<Message, TensorProto> ? Holds::tensor : Holds::model, whose, 0, parts);
  Message message;
  require(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "{}: not an ONNX file, or a damaged one of {} bytes", whose,
          bytes.size());
  return message;
}

template <typename T>
void from_raw(const std::string& raw, int64_t count, auto&& put) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, raw.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    put(value);
  }
}

/** Bytes of one number in raw data; 0: a kind that is not read. */
size_t width(int32_t type) {
  switch (type) {
    case TensorProto::BOOL:
    case TensorProto::INT8:
    case TensorProto::UINT8:
      return 1;
    case TensorProto::INT16:
    case TensorProto::UINT16:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return 2;
    case TensorProto::INT32:
    case TensorProto::UINT32:
    case TensorProto::FLOAT:
      return 4;
    case TensorProto::INT64:
    case TensorProto::UINT64:
    case TensorProto::DOUBLE:
      return 8;
    default:
      return 0;
  }
}

bool is_real(int32_t type) {
  return type == TensorProto::FLOAT || type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16 || type == TensorProto::DOUBLE;
}

void read_raw(int32_t type, const std::string& raw, int64_t count, OnnxTensor& to) {
  const auto real = [&](double v) { to.reals.push_back(static_cast<float>(v)); };
  const auto integer = [&](auto v) { to.integers.push_back(static_cast<int64_t>(v)); };
  switch (type) {
    case TensorProto::FLOAT:
      return from_raw<float>(raw, count, [&](float v) { to.reals.push_back(v); });
    case TensorProto::DOUBLE:
      return from_raw<double>(raw, count, real);
    case TensorProto::FLOAT16:
      return from_raw<uint16_t>(raw, count, [&](uint16_t v) { to.reals.push_back(float_of_half(v)); });
    case TensorProto::BFLOAT16:
      return from_raw<uint16_t>(raw, count, [&](uint16_t v) { to.reals.push_back(float_of_bfloat(v)); });
    case TensorProto::INT8:
      return from_raw<int8_t>(raw, count, integer);
    case TensorProto::BOOL:
    case TensorProto::UINT8:
      return from_raw<uint8_t>(raw, count, integer);
    case TensorProto::INT16:
      return from_raw<int16_t>(raw, count, integer);
    case TensorProto::UINT16:
      return from_raw<uint16_t>(raw, count, integer);
    case TensorProto::INT32:
      return from_raw<int32_t>(raw, count, integer);
    case TensorProto::UINT32:
      return from_raw<uint32_t>(raw, count, integer);
    default:
      return from_raw<int64_t>(raw, count, integer);
  }
}

/** The list that holds the numbers of a type where they are not raw. */
void read_list(const TensorProto& from, int64_t count, OnnxTensor& to, const std::string& what) {
  const auto each = [&](const auto& list, auto&& put) {
    require(list.size() == count, "{}: {} numbers for extents [{}]; {} were wanted", what, list.size(), join(to.dims, ", "), count);
    for (const auto v : list) put(v);
  };
  const auto real = [&](auto v) { to.reals.push_back(static_cast<float>(v)); };
  const auto integer = [&](auto v) { to.integers.push_back(static_cast<int64_t>(v)); };
  switch (from.data_type()) {
    case TensorProto::FLOAT:
      return each(from.float_data(), real);
    case TensorProto::DOUBLE:
      return each(from.double_data(), real);
    case TensorProto::FLOAT16:
      return each(from.int32_data(), [&](int32_t v) { to.reals.push_back(float_of_half(static_cast<uint16_t>(v))); });
    case TensorProto::BFLOAT16:
      return each(from.int32_data(), [&](int32_t v) { to.reals.push_back(float_of_bfloat(static_cast<uint16_t>(v))); });
    case TensorProto::INT64:
      return each(from.int64_data(), integer);
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      return each(from.uint64_data(), integer);
    default:
      return each(from.int32_data(), integer);
  }
}

/** A whole number of an entry about external data; `otherwise` where it is left out. */
uint64_t external_number(const std::string& text, uint64_t otherwise, std::string_view key, std::string_view what) {
  if (text.empty()) return otherwise;
  const auto number = value_of<int64_t>(text);
  require(number && *number >= 0, "{}: {} {} of its numbers in another file", what, key, in_quotes(text));
  return static_cast<uint64_t>(*number);
}

/** The bytes of numbers that lie in another file: `wanted` of them, told by the extents. */
std::string external_bytes(const TensorProto& from, uint64_t wanted, const std::string& what, const OnnxBeside& beside) {
  require(beside != nullptr,
          "{}: its numbers lie in another file; save the network as one file (onnx.save_model with save_as_external_data=False)", what);
  std::map<std::string, std::string> entries;
  for (const auto& entry : from.external_data()) entries[entry.key()] = entry.value();
  const uint64_t offset = external_number(entries["offset"], 0, "offset", what);
  const uint64_t length = external_number(entries["length"], wanted, "length", what);
  require(length == wanted, "{}: {} bytes in another file for extents that take {}", what, length, wanted);
  if (wanted == 0) return "";
  try {
    return beside(entries["location"], offset, wanted);
  } catch (const Error& e) {
    fail("{}: {}", what, e.what());
  }
}

OnnxTensor tensor_of(const TensorProto& from, std::string_view whose, const OnnxBeside& beside = {}) {
  const std::string what = fmt::format("{}: tensor {}", whose, in_quotes(from.name()));
  require(!from.has_segment(), "{}: it comes in segments, which are not read", what);
  require(width(from.data_type()) > 0, "{}: of data type {}; real and whole numbers are read", what, from.data_type());
  require(static_cast<size_t>(from.dims_size()) <= kMostOnnxRank, "{}: {} extents; at most {} are read", what, from.dims_size(),
          kMostOnnxRank);

  OnnxTensor to;
  int64_t count = 1;
  for (const int64_t extent : from.dims()) {
    require(extent >= 0 && !__builtin_mul_overflow(count, extent, &count), "{}: extents [{}]", what, join(from.dims(), ", "));
    to.dims.push_back(extent);
  }
  to.whole = !is_real(from.data_type());
  to.type = from.data_type();
  if (from.data_location() == TensorProto::EXTERNAL || from.external_data_size() > 0) {
    uint64_t bytes = 0;
    require(!__builtin_mul_overflow(static_cast<uint64_t>(count), width(from.data_type()), &bytes), "{}: extents [{}]", what,
            join(to.dims, ", "));
    const std::string raw = external_bytes(from, bytes, what, beside);
    read_raw(from.data_type(), raw, count, to);
    return to;
  }
  if (from.has_raw_data() && !from.raw_data().empty()) {
    const size_t each = width(from.data_type()), came = from.raw_data().size();
    require(came % each == 0 && came / each == static_cast<size_t>(count), "{}: {} bytes for extents [{}] of {} bytes each", what, came,
            join(to.dims, ", "), each);
    to.whole ? to.integers.reserve(static_cast<size_t>(count)) : to.reals.reserve(static_cast<size_t>(count));
    read_raw(from.data_type(), from.raw_data(), count, to);
  } else {
    read_list(from, count, to, what);
  }
  return to;
}

OnnxAttribute attribute_of(const ::onnx::AttributeProto& from, std::string_view whose, const OnnxBeside& beside) {
  OnnxAttribute to;
  to.refers = from.ref_attr_name();
  // Files older than IR version 2 do not say the type.
  using Proto = ::onnx::AttributeProto;
  const auto type = from.has_type() && from.type() != Proto::UNDEFINED ? from.type()
                    : from.has_f()                                     ? Proto::FLOAT
                    : from.has_i()                                     ? Proto::INT
                    : from.has_s()                                     ? Proto::STRING
                    : from.has_t()                                     ? Proto::TENSOR
                    : from.floats_size() > 0                           ? Proto::FLOATS
                    : from.ints_size() > 0                             ? Proto::INTS
                                                                       : Proto::UNDEFINED;
  switch (type) {
    case Proto::FLOAT:
      to.kind = OnnxAttribute::real;
      to.number = from.f();
      break;
    case Proto::INT:
      to.kind = OnnxAttribute::integer;
      to.count = from.i();
      break;
    case Proto::STRING:
      to.kind = OnnxAttribute::text;
      to.words = from.s();
      break;
    case Proto::TENSOR:
      to.kind = OnnxAttribute::tensor;
      to.value = tensor_of(from.t(), whose, beside);
      break;
    case Proto::FLOATS:
      to.kind = OnnxAttribute::reals;
      to.numbers.assign(from.floats().begin(), from.floats().end());
      break;
    case Proto::INTS:
      to.kind = OnnxAttribute::integers;
      to.counts.assign(from.ints().begin(), from.ints().end());
      break;
    default:
      break;
  }
  return to;
}

/** ONNX's own domain has two names. */
std::string domain_of(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

OnnxNode node_of(const ::onnx::NodeProto& from, std::string_view whose, const OnnxBeside& beside) {
  OnnxNode to{from.name(), from.op_type(), domain_of(from.domain()), {}, {}, {}};
  to.inputs.assign(from.input().begin(), from.input().end());
  to.outputs.assign(from.output().begin(), from.output().end());
  const std::string here = fmt::format("{}: node {}", whose, in_quotes(to.name.empty() && !to.outputs.empty() ? to.outputs[0] : to.name));
  for (const auto& attribute : from.attribute()) to.attributes[attribute.name()] = attribute_of(attribute, here, beside);
  return to;
}

/** Version of ONNX's own operators among the sets that a model or a function is written for; 0: it does not say. */
int64_t opset_of(const auto& sets) {
  int64_t version = 0;
  for (const auto& set : sets)
    if (domain_of(set.domain()).empty()) version = set.version();
  return version;
}

OnnxFunction function_of(const ::onnx::FunctionProto& from, std::string_view whose, const OnnxBeside& beside) {
  const std::string here = fmt::format("{}: function {}", whose, in_quotes(from.name()));
  OnnxFunction to{from.name(), domain_of(from.domain()), {}, {}, {}, {}};
  to.inputs.assign(from.input().begin(), from.input().end());
  to.outputs.assign(from.output().begin(), from.output().end());
  const int64_t opset = opset_of(from.opset_import());
  for (const auto& node : from.node()) {
    to.nodes.push_back(node_of(node, here, beside));
    to.nodes.back().opset = opset;
  }
  // What attributes are where the call does not say: field 11, which the libonnx of Debian 12 does not know yet.
  constexpr int kDefaults = 11;
  const auto& unknown = from.GetReflection()->GetUnknownFields(from);
  for (int i = 0; i < unknown.field_count(); ++i) {
    ::onnx::AttributeProto attribute;
    if (unknown.field(i).number() != kDefaults || unknown.field(i).type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      continue;
    require(attribute.ParseFromString(unknown.field(i).length_delimited()), "{}: a damaged attribute", here);
    to.defaults[attribute.name()] = attribute_of(attribute, here, beside);
  }
  const auto known = [&](const auto& f) {
    if constexpr (requires { f.attribute_proto(); })
      for (const auto& attribute : f.attribute_proto()) to.defaults[attribute.name()] = attribute_of(attribute, here, beside);
  };
  known(from);
  return to;
}

OnnxInput input_of(const ::onnx::ValueInfoProto& from, std::string_view whose) {
  OnnxInput to;
  to.name = from.name();
  require(from.type().has_tensor_type(), "{}: input {} is no tensor", whose, in_quotes(to.name));
  const auto& type = from.type().tensor_type();
  to.real = is_real(type.elem_type());
  to.levels = type.elem_type() == TensorProto::UINT8;
  require(static_cast<size_t>(type.shape().dim_size()) <= kMostOnnxRank, "{}: input {} has {} extents", whose, in_quotes(to.name),
          type.shape().dim_size());
  for (const auto& dim : type.shape().dim())
    to.dims.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : OnnxInput::kOpen);
  return to;
}

}  // namespace

OnnxModel parse_onnx(std::string_view bytes, std::string_view whose, const OnnxBeside& beside) {
  refuse_lfs_pointer(bytes, whose);
  ::onnx::ModelProto from = parsed<::onnx::ModelProto>(bytes, whose);
  require(from.has_graph() && from.graph().node_size() + from.graph().output_size() > 0, "{}: not an ONNX file: there is no network in it",
          whose);
  OnnxModel to;
  to.producer = from.producer_name();
  to.opset = opset_of(from.opset_import());
  for (const auto& entry : from.metadata_props()) to.metadata[entry.key()] = entry.value();
  auto& graph = *from.mutable_graph();
  require(graph.sparse_initializer_size() == 0, "{}: sparse weights, which are not read", whose);
  for (auto& tensor : *graph.mutable_initializer()) {
    require(!tensor.name().empty(), "{}: a weight without a name", whose);
    if (is_real(tensor.data_type()) && tensor.data_type() != TensorProto::FLOAT) to.narrow.insert(tensor.data_type());
    to.constants[tensor.name()] = tensor_of(tensor, whose, beside);
    tensor.Clear();  // the numbers are held once
  }
  std::vector<OnnxNode> nodes;
  for (const auto& node : graph.node()) nodes.push_back(node_of(node, whose, beside));
  std::vector<OnnxFunction> functions;
  for (const auto& function : from.functions()) functions.push_back(function_of(function, whose, beside));
  try {
    to.nodes = inlined(std::move(nodes), functions);
  } catch (const Error& e) {
    fail("{}: {}", whose, e.what());
  }
  for (const OnnxNode& node : to.nodes)
    for (const std::string& output : node.outputs)
      require(!to.constants.contains(output), "{}: {} is both a weight and what node {} makes (pytorch#168211); export it anew", whose,
              in_quotes(output), in_quotes(node.name));
  for (const auto& input : graph.input())
    if (!to.constants.contains(input.name())) to.inputs.push_back(input_of(input, whose));
  for (const auto& output : graph.output()) {
    to.outputs.push_back(output.name());
    if (!output.type().tensor_type().has_shape()) continue;
    auto& dims = to.output_dims[output.name()];
    for (const auto& dim : output.type().tensor_type().shape().dim())
      dims.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : OnnxInput::kOpen);
  }
  return to;
}

OnnxTensor parse_onnx_tensor(std::string_view bytes, std::string_view whose) { return tensor_of(parsed<TensorProto>(bytes, whose), whose); }

}  // namespace convscope
