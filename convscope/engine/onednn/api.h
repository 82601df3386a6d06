#pragma once

/** The calls that differ between oneDNN 2 and 3, and nothing else. */

#include <oneapi/dnnl/dnnl.hpp>

namespace convscope::onednn {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

struct Window {
  Dims strides, dilates, pad_before, pad_after;  // dilates as oneDNN counts: 0 is dense
};

#if DNNL_VERSION_MAJOR >= 3

inline Dims dims_of(const Desc& d) { return d.get_dims(); }
inline Type type_of(const Desc& d) { return d.get_data_type(); }
inline bool is_blocking(const Desc& d) { return d.get_format_kind() == dnnl::memory::format_kind::blocked; }
inline int inner_blocks(const Desc& d) { return d.get_inner_nblks(); }
inline int64_t inner_block(const Desc& d, int i) { return d.get_inner_blks()[static_cast<size_t>(i)]; }
inline int64_t inner_axis(const Desc& d, int i) { return d.get_inner_idxs()[static_cast<size_t>(i)]; }
inline int64_t stride_of(const Desc& d, int axis) { return d.get_strides()[static_cast<size_t>(axis)]; }

inline auto convolution_forward(const dnnl::engine& e, dnnl::prop_kind prop, const Desc& src, const Desc& weight, const Desc* bias,
                                const Desc& dst, const Window& w, const dnnl::primitive_attr& attr) {
  using Op = dnnl::convolution_forward;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  return bias ? Op::primitive_desc(e, prop, algorithm, src, weight, *bias, dst, w.strides, w.dilates, w.pad_before, w.pad_after, attr, true)
              : Op::primitive_desc(e, prop, algorithm, src, weight, dst, w.strides, w.dilates, w.pad_before, w.pad_after, attr, true);
}
inline auto convolution_backward_data(const dnnl::engine& e, const Desc& diff_src, const Desc& weight, const Desc& diff_dst,
                                      const Window& w, const dnnl::convolution_forward::primitive_desc& hint,
                                      const dnnl::primitive_attr& attr) {
  return dnnl::convolution_backward_data::primitive_desc(e, dnnl::algorithm::convolution_direct, diff_src, weight, diff_dst, w.strides,
                                                         w.dilates, w.pad_before, w.pad_after, hint, attr);
}
inline auto convolution_backward_weights(const dnnl::engine& e, const Desc& src, const Desc& diff_weight, const Desc* diff_bias,
                                         const Desc& diff_dst, const Window& w, const dnnl::convolution_forward::primitive_desc& hint,
                                         const dnnl::primitive_attr& attr) {
  using Op = dnnl::convolution_backward_weights;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  return diff_bias
             ? Op::primitive_desc(e, algorithm, src, diff_weight, *diff_bias, diff_dst, w.strides, w.dilates, w.pad_before, w.pad_after,
                                  hint, attr)
             : Op::primitive_desc(e, algorithm, src, diff_weight, diff_dst, w.strides, w.dilates, w.pad_before, w.pad_after, hint, attr);
}
inline auto linear_forward(const dnnl::engine& e, dnnl::prop_kind prop, const Desc& src, const Desc& weight, const Desc* bias,
                           const Desc& dst, const dnnl::primitive_attr& attr) {
  using Op = dnnl::inner_product_forward;
  return bias ? Op::primitive_desc(e, prop, src, weight, *bias, dst, attr) : Op::primitive_desc(e, prop, src, weight, dst, attr);
}
inline auto linear_backward_data(const dnnl::engine& e, const Desc& diff_src, const Desc& weight, const Desc& diff_dst,
                                 const dnnl::inner_product_forward::primitive_desc& hint, const dnnl::primitive_attr& attr) {
  return dnnl::inner_product_backward_data::primitive_desc(e, diff_src, weight, diff_dst, hint, attr);
}
inline auto linear_backward_weights(const dnnl::engine& e, const Desc& src, const Desc& diff_weight, const Desc* diff_bias,
                                    const Desc& diff_dst, const dnnl::inner_product_forward::primitive_desc& hint,
                                    const dnnl::primitive_attr& attr) {
  using Op = dnnl::inner_product_backward_weights;
  return diff_bias ? Op::primitive_desc(e, src, diff_weight, *diff_bias, diff_dst, hint, attr)
                   : Op::primitive_desc(e, src, diff_weight, diff_dst, hint, attr);
}
inline auto pool_forward(const dnnl::engine& e, dnnl::prop_kind prop, dnnl::algorithm algorithm, const Desc& src, const Desc& dst,
                         const Dims& kernel, const Window& w, const dnnl::primitive_attr& attr) {
  return dnnl::pooling_forward::primitive_desc(e, prop, algorithm, src, dst, w.strides, kernel, w.dilates, w.pad_before, w.pad_after, attr);
}
inline auto pool_backward(const dnnl::engine& e, dnnl::algorithm algorithm, const Desc& diff_src, const Desc& diff_dst, const Dims& kernel,
                          const Window& w, const dnnl::pooling_forward::primitive_desc& hint, const dnnl::primitive_attr& attr) {
  return dnnl::pooling_backward::primitive_desc(e, algorithm, diff_src, diff_dst, w.strides, kernel, w.dilates, w.pad_before, w.pad_after,
                                                hint, attr);
}
inline void append_eltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha, float beta) {
  ops.append_eltwise(algorithm, alpha, beta);
}

#else

inline Dims dims_of(const Desc& d) { return d.dims(); }
inline Type type_of(const Desc& d) { return d.data_type(); }
inline bool is_blocking(const Desc& d) { return d.data.format_kind == dnnl_blocked; }
inline int inner_blocks(const Desc& d) { return d.data.format_desc.blocking.inner_nblks; }
inline int64_t inner_block(const Desc& d, int i) { return d.data.format_desc.blocking.inner_blks[i]; }
inline int64_t inner_axis(const Desc& d, int i) { return d.data.format_desc.blocking.inner_idxs[i]; }
inline int64_t stride_of(const Desc& d, int axis) { return d.data.format_desc.blocking.strides[axis]; }

inline auto convolution_forward(const dnnl::engine& e, dnnl::prop_kind prop, const Desc& src, const Desc& weight, const Desc* bias,
                                const Desc& dst, const Window& w, const dnnl::primitive_attr& attr) {
  using Op = dnnl::convolution_forward;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto desc = bias ? Op::desc(prop, algorithm, src, weight, *bias, dst, w.strides, w.dilates, w.pad_before, w.pad_after)
                         : Op::desc(prop, algorithm, src, weight, dst, w.strides, w.dilates, w.pad_before, w.pad_after);
  return Op::primitive_desc(desc, attr, e, true);
}
inline auto convolution_backward_data(const dnnl::engine& e, const Desc& diff_src, const Desc& weight, const Desc& diff_dst,
                                      const Window& w, const dnnl::convolution_forward::primitive_desc& hint,
                                      const dnnl::primitive_attr& attr) {
  using Op = dnnl::convolution_backward_data;
  return Op::primitive_desc(
      Op::desc(dnnl::algorithm::convolution_direct, diff_src, weight, diff_dst, w.strides, w.dilates, w.pad_before, w.pad_after), attr, e,
      hint);
}
inline auto convolution_backward_weights(const dnnl::engine& e, const Desc& src, const Desc& diff_weight, const Desc* diff_bias,
                                         const Desc& diff_dst, const Window& w, const dnnl::convolution_forward::primitive_desc& hint,
                                         const dnnl::primitive_attr& attr) {
  using Op = dnnl::convolution_backward_weights;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto desc = diff_bias ? Op::desc(algorithm, src, diff_weight, *diff_bias, diff_dst, w.strides, w.dilates, w.pad_before, w.pad_after)
                              : Op::desc(algorithm, src, diff_weight, diff_dst, w.strides, w.dilates, w.pad_before, w.pad_after);
  return Op::primitive_desc(desc, attr, e, hint);
}
inline auto linear_forward(const dnnl::engine& e, dnnl::prop_kind prop, const Desc& src, const Desc& weight, const Desc* bias,
                           const Desc& dst, const dnnl::primitive_attr& attr) {
  using Op = dnnl::inner_product_forward;
  return Op::primitive_desc(bias ? Op::desc(prop, src, weight, *bias, dst) : Op::desc(prop, src, weight, dst), attr, e);
}
inline auto linear_backward_data(const dnnl::engine& e, const Desc& diff_src, const Desc& weight, const Desc& diff_dst,
                                 const dnnl::inner_product_forward::primitive_desc& hint, const dnnl::primitive_attr& attr) {
  using Op = dnnl::inner_product_backward_data;
  return Op::primitive_desc(Op::desc(diff_src, weight, diff_dst), attr, e, hint);
}
inline auto linear_backward_weights(const dnnl::engine& e, const Desc& src, const Desc& diff_weight, const Desc* diff_bias,
                                    const Desc& diff_dst, const dnnl::inner_product_forward::primitive_desc& hint,
                                    const dnnl::primitive_attr& attr) {
  using Op = dnnl::inner_product_backward_weights;
  return Op::primitive_desc(diff_bias ? Op::desc(src, diff_weight, *diff_bias, diff_dst) : Op::desc(src, diff_weight, diff_dst), attr, e,
                            hint);
}
inline auto pool_forward(const dnnl::engine& e, dnnl::prop_kind prop, dnnl::algorithm algorithm, const Desc& src, const Desc& dst,
                         const Dims& kernel, const Window& w, const dnnl::primitive_attr& attr) {
  using Op = dnnl::pooling_forward;
  return Op::primitive_desc(Op::desc(prop, algorithm, src, dst, w.strides, kernel, w.pad_before, w.pad_after), attr, e);
}
inline auto pool_backward(const dnnl::engine& e, dnnl::algorithm algorithm, const Desc& diff_src, const Desc& diff_dst, const Dims& kernel,
                          const Window& w, const dnnl::pooling_forward::primitive_desc& hint, const dnnl::primitive_attr& attr) {
  using Op = dnnl::pooling_backward;
  return Op::primitive_desc(Op::desc(algorithm, diff_src, diff_dst, w.strides, kernel, w.pad_before, w.pad_after), attr, e, hint);
}
inline void append_eltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha, float beta) {
  ops.append_eltwise(1.0f, algorithm, alpha, beta);
}

#endif

}  // namespace convscope::onednn
