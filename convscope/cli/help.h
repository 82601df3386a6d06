#pragma once

#include "convscope/cli/command.h"

namespace convscope {

std::string program_help();
std::string command_help(const Invocation& call);

/** The reference page in Markdown: commands, flags, families, JSON keys. */
std::string reference();

/** A member of a family as lists show it. */
struct Member {
  std::string name;
  std::string summary;
  std::vector<FieldHelp> options;
};
struct Family {
  std::string name;  // as typed: "models"
  std::string flag;  // whose value is a member: "model"; empty where there is none
  std::string summary;
  std::vector<Member> members;
};
/** Every table of the library. */
std::vector<Family> families();

}  // namespace convscope
