# Included by the root CMakeLists.txt after the target `moe` is defined: gives it build_info.cpp, which
# is written at build time, so that the git revision is that of the sources that were compiled. The
# file is touched, and what depends on it built again, only when its contents change.

find_package(Git QUIET)

set(build_info_folder ${PROJECT_BINARY_DIR}/build_info)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(moe_cuda false)
if(CMAKE_CUDA_COMPILER)
  set(moe_cuda true)
endif()

# Written when the build system is generated, which is when generator expressions have a value; once
# per language, since the flags differ.
file(GENERATE OUTPUT ${build_info_folder}/settings.$<COMPILE_LANGUAGE>.cmake CONTENT
"set(MOE_VERSION [==[${PROJECT_VERSION}]==])
set(MOE_COMPILER [==[${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}]==])
set(MOE_FLAGS [==[${CMAKE_CXX${CMAKE_CXX_STANDARD}_STANDARD_COMPILE_OPTION} ${CMAKE_CXX_FLAGS} \
${CMAKE_CXX_FLAGS_${build_type}} $<JOIN:$<TARGET_PROPERTY:COMPILE_OPTIONS>, >]==])
set(MOE_CUDA ${moe_cuda})
set(GIT [==[${GIT_EXECUTABLE}]==])
set(SOURCE_FOLDER [==[${PROJECT_SOURCE_DIR}]==])
set(TEMPLATE [==[${PROJECT_SOURCE_DIR}/common/program/build_info.cpp.in]==])
" TARGET moe)

add_custom_target(moe_build_info
  COMMAND ${CMAKE_COMMAND} -DSETTINGS=${build_info_folder}/settings.CXX.cmake
          -DOUTPUT=${build_info_folder}/build_info.cpp
          -P ${PROJECT_SOURCE_DIR}/common/program/write_build_info.cmake
  BYPRODUCTS ${build_info_folder}/build_info.cpp
  COMMENT "Asking git for the revision" VERBATIM)
target_sources(moe PRIVATE ${build_info_folder}/build_info.cpp)
add_dependencies(moe moe_build_info)
