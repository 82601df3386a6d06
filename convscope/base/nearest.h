#pragma once

#include <span>
#include <string>
#include <string_view>

namespace convscope {

/** Number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
int edit_distance(std::string_view a, std::string_view b);

/** The name that a person who typed `given` most likely meant; empty where none is near. */
std::string nearest(std::string_view given, std::span<const std::string> known);

/** "; did you mean 'x'?" or "", and then "; known: a, b, c": the tail of a message about an unknown name. */
std::string known_names(std::string_view given, std::span<const std::string> known);

}  // namespace convscope
