#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/report/draw/figure.h"
#include "convscope/report/draw/svg_canvas.h"

namespace convscope {

/**
 * A piece of markup. Text becomes markup in one place only, `html(…)`, which makes it harmless: class names and folders are foreign text.
 *
 *   html("<td class=\"name\">{}</td>", name)
 */
class Html {
 public:
  Html() = default;
  /** Markup as it is: for what we wrote ourselves. */
  explicit Html(std::string markup) : markup_(std::move(markup)) {}

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

 private:
  std::string markup_;
};

namespace detail {
template <typename T>
decltype(auto) harmless(const T& value) {
  if constexpr (std::same_as<T, Html>) {
    return (value.markup());
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    return escaped(value);
  } else {
    static_assert(std::is_arithmetic_v<T>);
    return (value);
  }
}
template <typename T>
using Harmless = std::remove_cvref_t<decltype(harmless(std::declval<const T&>()))>;
}  // namespace detail

/** Markup with texts, numbers and other markup in its places `{}`. */
template <typename... Args>
Html html(std::type_identity_t<fmt::format_string<detail::Harmless<Args>...>> form, const Args&... args) {
  return Html(fmt::format(fmt::runtime(fmt::string_view(form)), detail::harmless(args)...));
}

inline Html html_of(const Figure& figure) { return Html(figure.svg()); }

/** Longest side of a picture on the page, where nothing is said. */
inline constexpr int64_t kLongestSide = 128;

/** The picture itself, in the page. */
inline std::string data_address(const Image& image) { return "data:image/png;base64," + base64(encode_png(image)); }

/** A picture by its address, which no part of the page waits for; `kind` is its class. */
inline Html picture(std::string_view alt, std::string_view address, std::string_view kind = "") {
  const Html own = kind.empty() ? Html() : html(" class=\"{}\"", kind);
  return html("<img{} alt=\"{}\" decoding=\"async\" src=\"{}\">", own, alt, address);
}

}  // namespace convscope
