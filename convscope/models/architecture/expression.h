#pragma once

#include <map>
#include <string>
#include <string_view>

#include "convscope/base/json.h"

namespace convscope {

/** What names stand for in an architecture file: numbers, truth values, words. */
using Variables = std::map<std::string, Json, std::less<>>;

/**
 * The value of what stands behind `=` in an architecture file: `=2*width`, `=stride > 1 or channels != filters`, `=act`.
 *
 *   numbers   1  0.5  1e-6
 *   names     of `known`; true, false
 *   + - * /   / gives a whole number where nothing is left over
 *   floor(a)  min(a, b)  max(a, b)  where(c, a, b)   a where c is true, b otherwise
 *   == != < <= > >=   of two numbers; == and != also of words
 *   or  and  not      of truth values
 *
 * A whole result is a whole number, so that an option which takes one takes it. Nothing else can be said: no loops, no calls.
 */
Json value_of_expression(std::string_view text, const Variables& known);

/** Text that begins with '=' by its value, within lists too; all else as it is. */
Json with_values(const Json& j, const Variables& known);

}  // namespace convscope
