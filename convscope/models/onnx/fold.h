#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/models/onnx/onnx_file.h"

namespace convscope {

/**
 * Nodes that read constants alone are computed while a file is read: the arithmetic of shapes in PyTorch's exports, weights that are
 * transposed or reshaped first.
 */

/** What an attribute or an input that must be known says; attributes as ONNX names them. */
int64_t onnx_integer(const OnnxNode& node, std::string_view name, int64_t otherwise);
double onnx_real(const OnnxNode& node, std::string_view name, double otherwise);
std::string onnx_text(const OnnxNode& node, std::string_view name, std::string_view otherwise);
std::vector<int64_t> onnx_integers(const OnnxNode& node, std::string_view name, std::vector<int64_t> otherwise = {});

/** The numbers of a constant that holds whole ones: axes, shapes. */
std::vector<int64_t> whole_numbers(const OnnxTensor& tensor);
/** `axis` of something of `rank` axes, counted from behind where it is below 0; an error where there is no such one. */
int64_t onnx_axis(int64_t axis, size_t rank);

/** from, from + step, …; how many of an extent a slice takes, as ONNX and Python count. */
struct OnnxSlice {
  int64_t from = 0, step = 1, count = 0;
};
OnnxSlice onnx_slice(int64_t start, int64_t end, int64_t step, int64_t extent);
/** Of each axis, from a Slice node of any version; `input(i)` gives its constant inputs, null where left out. */
std::vector<OnnxSlice> onnx_slices(const OnnxNode& node, std::span<const int64_t> dims,
                                   const std::function<const OnnxTensor*(size_t)>& input);

/** The target of a Reshape with its 0 and −1 resolved. */
std::vector<int64_t> reshaped_dims(std::span<const int64_t> dims, std::vector<int64_t> target, bool keeps_zero);
std::vector<int64_t> squeezed_dims(std::vector<int64_t> dims, std::vector<int64_t> axes);
std::vector<int64_t> unsqueezed_dims(std::span<const int64_t> dims, std::vector<int64_t> axes);
/** The axes of a Squeeze, Unsqueeze or ReduceMean: an attribute in older versions, the second input in newer ones. */
std::vector<int64_t> onnx_axes(const OnnxNode& node, const OnnxTensor* input);

/** Takes what a constant of those extents costs from `budget`; an error where less is left. Nothing is made before it is paid for. */
void charge_onnx(int64_t& budget, std::span<const int64_t> dims);

/**
 * The result of a node whose inputs (null: left out) are all constants; empty for an op that is not computed here. `budget` is how many
 * more numbers may be made: a few nodes could otherwise ask for any amount of memory.
 */
std::optional<OnnxTensor> fold(const OnnxNode& node, int64_t opset, const std::vector<const OnnxTensor*>& inputs, int64_t& budget);

}  // namespace convscope
