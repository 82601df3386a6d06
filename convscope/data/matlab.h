#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace convscope {

/** A value of a MATLAB structure: text, or numbers. */
struct MatlabValue {
  std::string text;
  std::vector<double> numbers;
};

/** One element of an array of structures: its fields by their names. */
using MatlabStruct = std::map<std::string, MatlabValue>;

/**
 * The first array of structures called `name` in a MATLAB file of version 5 (MAT-File Format, MathWorks 2023, chapter 1), compressed or
 * not. Fields that are neither text nor numbers come out empty. `whose` opens the messages.
 */
std::vector<MatlabStruct> read_matlab_structs(std::string_view file, std::string_view name, std::string_view whose);

}  // namespace convscope
