#pragma once

#include <string>

namespace convscope {

/**
 * Scripts that let a shell complete commands, flags and members of families. They are made from the same tables as the help, so they
 * are right for the program that printed them; a value with options (`resnet20,shortcut=…`) is completed up to its name.
 */
std::string bash_completion();
std::string zsh_completion();

}  // namespace convscope
