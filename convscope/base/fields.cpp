#include "convscope/base/fields.h"

namespace convscope {

namespace {
Json value_of(const std::string& text) {
  Json j = Json::parse(text, nullptr, false);
  return j.is_number() || j.is_boolean() ? j : Json(text);
}
}  // namespace

Choice parse_choice(std::string_view text) {
  Choice choice;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string part(text.substr(begin, end - begin));
    if (begin == 0) {
      choice.name = part;
    } else {
      const size_t equals = part.find('=');
      require(equals != std::string::npos && equals > 0, "'{}': '{}' is not of the form option=value", text, part);
      const std::string option = part.substr(0, equals);
      require(!choice.options.contains(option), "'{}': '{}' is said twice", text, option);
      choice.options[option] = value_of(part.substr(equals + 1));
    }
    begin = end + 1;
  }
  require(!choice.name.empty(), "'{}': no name before the first comma", text);
  return choice;
}

}  // namespace convscope
