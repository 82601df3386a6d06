#include "convscope/graph/op.h"

namespace convscope {

void Op::gradient(GradientSite&) const { fail("op '{}' has no gradient; ask for none through it, or pass a rule for it", kind()); }

void require_inputs(std::string_view kind, size_t came, size_t least, size_t most) {
  const std::string wanted = least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
  require(came >= least && came <= most, "{} takes {} {}, got {}; its options say which of them it reads", kind, wanted,
          most == 1 ? "input" : "inputs", came);
}

}  // namespace convscope
