#pragma once

#include <string>
#include <utility>
#include <vector>

#include "convscope/models/model.h"

namespace convscope {

/** Every model of the table, the large files of architectures/ with fewer filters: the same layers, sooner. */
inline std::vector<std::string> every_model() {
  const std::pair<const char*, const char*> smaller[] = {
      {"vgg11", ",width=8,hidden=32"},       {"vgg16", ",width=8,hidden=32,batch_norm=true"},
      {"densenet121", ",growth=8,width=16"}, {"mobilenet-v2", ",width=16,last=160"},
      {"efficientnet-b0", ",width=16"},      {"convnext-tiny", ",width=16,scale=0.5"},
  };
  std::vector<std::string> all = models().names();
  for (std::string& name : all)
    for (const auto& [of, options] : smaller)
      if (name == of) name += options;
  return all;
}

/** A test's name may hold letters, digits and '_'. */
inline std::string test_name(std::string name) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

}  // namespace convscope
