#pragma once

#include <span>

#include "convscope/base/fields.h"

namespace convscope {

/**
 * A choice with numbers where its options take numbers and people wrote a fraction or a share, epsilon=8/255, most_lost=20%, and with texts
 * where they take texts and people wrote a number, fill=0.5.
 */
Choice with_numbers(Choice choice, std::span<const FieldHelp> options);

}  // namespace convscope
