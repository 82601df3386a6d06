#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "convscope/graph/graph.h"
#include "convscope/models/onnx/fold.h"

namespace convscope {

/** What a name in an ONNX file stands for while it is read: a constant, or a value of the graph. */
struct OnnxThing {
  /** How ONNX's axes lie in ours. */
  enum Order {
    plain,
    channels_last,       // ONNX has [N, H, W, C], we [N, C, H, W]
    flat_channels_last,  // ONNX has [N, H W C], we [N, C, H, W]
    grouped,             // ONNX has [N, groups, C / groups, H, W], we [N, C, H, W]: channels are about to be shuffled
    one_row              // ONNX has [F] of the one image that the file is made for, we [N, F]
  };
  std::shared_ptr<const OnnxTensor> constant;
  Value value;
  Order order = plain;
  int64_t groups = 0;
};

/** The network that is being made, and what its names stand for. */
struct OnnxBuilding {
  Graph graph;
  std::map<std::string, Tensor> tensors;
  std::map<std::string, OnnxThing, std::less<>> things;
  std::map<std::string, Value> shared;                 // parameters that exist, by what they were made of
  std::map<std::string, const OnnxNode*> only_reader;  // of things that one node alone reads and that are no output
  std::map<std::string, int, std::less<>> times;       // how often a name was wanted: files may call all their nodes the same
  std::vector<std::string> notes;
  int64_t opset = 0;
  int64_t batch = 1;   // as the file says it; 1 where it leaves it open
  int64_t budget = 0;  // numbers that may still be made of constants
};

/** A node's place in the network that is being made: what it reads, and where it puts what it makes. */
class OnnxSite {
 public:
  OnnxSite(OnnxBuilding& building, const OnnxNode& node) : building_(building), node_(node) {}

  const OnnxNode& node() const { return node_; }
  /** Version of the operators that the node is written for: a function may have its own. */
  int64_t opset() const { return node_.opset > 0 ? node_.opset : building_.opset; }
  int64_t batch() const { return building_.batch; }
  /** What numbers of those extents cost, before they are made: an error where more is made of constants than the file bears out. */
  void charge(std::span<const int64_t> dims) { charge_onnx(building_.budget, dims); }
  void charge(const Shape& shape) { charge(shape.extents()); }

  size_t inputs() const { return node_.inputs.size(); }
  bool has(size_t i) const { return i < node_.inputs.size() && !node_.inputs[i].empty(); }
  const OnnxThing& thing(size_t i) const;
  bool is_constant(size_t i) const { return has(i) && thing(i).constant != nullptr; }
  /** An input that must be known beforehand; `what` names it in the message. */
  const OnnxTensor& constant(size_t i, std::string_view what) const;
  const OnnxTensor* constant_if_given(size_t i, std::string_view what) const { return has(i) ? &constant(i, what) : nullptr; }
  /** An input that is computed from the pictures, in whatever order. */
  const OnnxThing& seen(size_t i) const;
  /** The same; grouped channels are laid out, and a row without a batch is an error. */
  const OnnxThing& computed(size_t i);
  /** The same, with its axes as ours. */
  Value plain(size_t i);
  /** The same, [N, C, H, W]. */
  Value images(size_t i);

  const Graph& graph() const { return building_.graph; }
  const Shape& shape(Value v) const { return building_.graph.shape(v); }
  /** As ONNX sees it, with the file's batch in front. */
  std::vector<int64_t> dims(const OnnxThing& thing) const;
  std::string name() const;

  int64_t integer(std::string_view attribute, int64_t otherwise) const { return onnx_integer(node_, attribute, otherwise); }
  double real(std::string_view attribute, double otherwise) const { return onnx_real(node_, attribute, otherwise); }
  std::string text(std::string_view attribute, std::string_view otherwise) const { return onnx_text(node_, attribute, otherwise); }
  std::vector<int64_t> integers(std::string_view attribute) const { return onnx_integers(node_, attribute); }

  /** A node of the graph, `name` or `name/suffix`. */
  template <typename T>
  Value add(std::string_view suffix, typename T::Options options, std::vector<Value> inputs) {
    return add_op(suffix, std::make_shared<T>(std::move(options)), std::move(inputs));
  }
  /**
   * A parameter that is the file's constant, called as it is there; `form` tells apart what is made of one constant in several ways.
   * `numbers` are made if there is no such one yet: a few bytes can name a large constant again and again.
   */
  using Numbers = std::function<Tensor()>;
  Value parameter(size_t input, std::string_view form, const Shape& shape, const Numbers& numbers, bool trained);
  /** One that the file does not name. */
  Value parameter(std::string_view suffix, const Shape& shape, const Numbers& numbers, bool trained = false);

  void give(Value value, OnnxThing::Order order = OnnxThing::plain, size_t output = 0) { give(OnnxThing{nullptr, value, order}, output); }
  void give(OnnxThing thing, size_t output = 0);
  void give(OnnxTensor constant);
  /** Of the first output, if one node alone reads it: what that node makes can be made here. */
  const OnnxNode* only_reader() const;
  const OnnxThing* thing_named(std::string_view name) const;
  void give_to(const std::string& name, Value value, OnnxThing::Order order = OnnxThing::plain) {
    building_.things[name] = {nullptr, value, order};
  }
  void note(std::string text) { building_.notes.push_back(std::move(text)); }

 private:
  Value add_op(std::string_view suffix, std::shared_ptr<const Op> op, std::vector<Value> inputs);
  std::string free_name(const std::string& name);
  Value make_parameter(const std::string& name, const Shape& shape, const Numbers& numbers, bool trained);

  OnnxBuilding& building_;
  const OnnxNode& node_;
};

/** A name from a file as nodes and tensors of ours may be called. */
std::string onnx_name(std::string_view name);
/** Numbers of a constant as a tensor of that shape, which has as many. */
Tensor tensor_of(const OnnxTensor& constant, const Shape& shape);

/** [N, …] as [N, C, H, W], and back to the extents of `like`. */
Value as_images(OnnxSite& site, Value x);
Value as_before(OnnxSite& site, Value images, const Shape& like, std::string_view suffix);
/** x · scale + shift with a number each, or one for all. */
Value uniform_affine(OnnxSite& site, std::string_view suffix, Value x, double scale, double shift);
/** x · scale + shift with [C] or [C, H, W] numbers each, row-major; x is [N, C, H, W]. */
Value affine_of(OnnxSite& site, std::string_view suffix, Value x, std::vector<float> scale, std::vector<float> shift);
/**
 * The constant's number at each place of an image of `x`, in our order; ONNX repeats extents of 1. One for each channel where it has no
 * others: what the constant costs does not grow with the picture.
 */
std::vector<float> spread(OnnxSite& site, const OnnxTensor& constant, const OnnxThing& x);
/** x · scale + shift, spread; the node's output. */
void give_affine(OnnxSite& site, const OnnxThing& x, std::vector<float> scale, std::vector<float> shift);
/** Which of our axes is ONNX's `axis` of a thing. */
int64_t our_axis(const OnnxThing& x, int64_t axis);
/** A matrix times each plane's rows, or each plane's columns times it, as resizing is written in older files. */
void give_axis_product(OnnxSite& site, Value x, const OnnxTensor& matrix, bool of_rows);
/** [N, C, H, W] → [N, C, 1, 1], the largest number of each plane. */
Value plane_max(OnnxSite& site, std::string_view suffix, Value x);
/** Some rows and columns of [N, C, H, W], in that order; empty: all. */
Value picked_places(OnnxSite& site, std::string_view suffix, Value x, std::vector<int64_t> rows, std::vector<int64_t> columns);
/** from, from + step, …, `count` of them. */
std::vector<int64_t> places(int64_t from, int64_t step, int64_t count);
/** The thing with extents of 1 repeated; `dims` as ONNX sees them. */
OnnxThing repeated(OnnxSite& site, std::string_view suffix, const OnnxThing& x, const std::vector<int64_t>& dims);
/** The thing with other extents behind the batch. */
void give_reshaped(OnnxSite& site, const OnnxThing& x, std::vector<int64_t> dims);

/** A row of the table of operators. */
struct OnnxOperator {
  std::string_view op;
  void (*import)(OnnxSite&);
  bool reads = true;  // false: it is known to refuse it in words
};
std::span<const OnnxOperator> onnx_layers();
std::span<const OnnxOperator> onnx_arithmetic();
std::span<const OnnxOperator> onnx_shapes();
std::span<const OnnxOperator> onnx_norms();
std::span<const OnnxOperator> onnx_resampling();
std::span<const OnnxOperator> onnx_reductions();
std::span<const OnnxOperator> onnx_quantized();

/** The same numbers as a value whose axes are ONNX's: grouped channels laid out under the name. */
OnnxThing ungrouped(Graph& graph, std::string_view name, const OnnxThing& x);

}  // namespace convscope
