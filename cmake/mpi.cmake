# convscope_mpi_module(<name> <package of pkg-config>): the module convscope_<name>.so of an MPI, where that is installed; without it the
# program is built all the same and says what is missing when it is started by that MPI's launcher. The binary interfaces of MPIs differ, so
# each has its own, and the program itself links none.
function(convscope_mpi_module name package)
  pkg_check_modules(${name} QUIET IMPORTED_TARGET ${package})
  if(NOT ${name}_FOUND)
    message(STATUS "Without ${name}: pkg-config does not know ${package}")
    return()
  endif()
  add_library(convscope_${name} MODULE ranks/mpi_module.cpp)
  get_target_property(includes PkgConfig::${name} INTERFACE_INCLUDE_DIRECTORIES)
  if(includes)
    target_include_directories(convscope_${name} SYSTEM PRIVATE ${includes})
  endif()
  target_include_directories(convscope_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(convscope_${name} PRIVATE PkgConfig::${name} convscope_warnings)
  # Where the program looks: beside its own folder, as installed.
  set_target_properties(convscope_${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/convscope)
  add_dependencies(convscope_ranks convscope_${name})
  install(TARGETS convscope_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/convscope)
endfunction()
