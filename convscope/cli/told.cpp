#include "convscope/cli/told.h"

#include "convscope/cli/output.h"

namespace convscope {

Network told(Network network) {
  const std::string name = network.file.empty() ? network.name : network.file.filename().string();
  for (const std::string& remark : network.remarks) say_failure(fmt::format("{}: {}", name, remark));
  return network;
}

}  // namespace convscope
