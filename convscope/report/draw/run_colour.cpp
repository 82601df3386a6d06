#include "convscope/report/draw/run_colour.h"

#include <iterator>

#include "convscope/report/draw/class_colour.h"

namespace convscope {

Colour run_colour(size_t n) {
  constexpr size_t kNamedClasses = 10;  // behind these, colours of classes are hues by the golden section
  return n < std::size(kRunColours) ? kRunColours[n] : class_colour(static_cast<int64_t>(n - std::size(kRunColours) + kNamedClasses));
}

}  // namespace convscope
