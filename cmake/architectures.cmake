# convscope_architectures(<variable>): a source with the files of architectures/ in it, which the program finds by their names.
function(convscope_architectures out)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/architectures/*.json)
  set(rows "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND rows "    {\"${name}\", R\"json(${text})json\"},\n")
  endforeach()
  set(source ${PROJECT_BINARY_DIR}/architectures.cpp)
  set(content "// Made by cmake/architectures.cmake.
#include \"convscope/models/architecture/library.h\"

namespace convscope {

std::span<const ArchitectureText> architecture_texts() {
  static constexpr ArchitectureText texts[] = {
${rows}  };
  return texts;
}

}  // namespace convscope
")
  file(GENERATE OUTPUT ${source} CONTENT "${content}")
  set(${out} ${source} PARENT_SCOPE)
endfunction()
