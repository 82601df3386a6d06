#include "convscope/base/fields.h"

#include "convscope/base/split.h"

namespace convscope {

namespace {
Json value_of(const std::string& text) {
  Json j = Json::parse(text, nullptr, false);
  return j.is_number() || j.is_boolean() ? j : Json(text);
}
}  // namespace

Choice parse_choice(std::string_view text) {
  Choice choice;
  const std::vector<std::string_view> parts = split(text, ',');
  choice.name = parts.front();
  for (const std::string_view part : std::span(parts).subspan(1)) {
    const size_t equals = part.find('=');
    require(equals != std::string_view::npos && equals > 0, "'{}': '{}' is not of the form option=value", text, part);
    const std::string option(part.substr(0, equals));
    require(!choice.options.contains(option), "'{}': '{}' is said twice", text, option);
    choice.options[option] = value_of(std::string(part.substr(equals + 1)));
  }
  require(!choice.name.empty(), "'{}': no name before the first comma", text);
  return choice;
}

}  // namespace convscope
