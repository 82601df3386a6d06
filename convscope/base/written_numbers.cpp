#include "convscope/base/written_numbers.h"

#include "convscope/base/text.h"

namespace convscope {

Choice with_numbers(Choice choice, std::span<const FieldHelp> options) {
  for (const FieldHelp& field : options) {
    const auto it = choice.options.find(field.name);
    if (it == choice.options.end()) continue;
    if (it->is_number() && field.initial.is_string()) *it = it->dump();
    if (!it->is_string() || !field.initial.is_number()) continue;
    const auto text = it->get<std::string>();
    if (const auto number = number_of(text))
      *it = *number;
    else if (const auto share = share_of(text))
      *it = *share;
  }
  return choice;
}

}  // namespace convscope
