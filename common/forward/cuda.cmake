# Decides whether the CUDA parts are built and sets MOE_CUDA to ON or OFF. Included once from the root.

if(NOT CUDA MATCHES "^(auto|on|off)$")
  message(FATAL_ERROR "CUDA is '${CUDA}'; allowed are auto, on and off")
endif()

set(MOE_CUDA OFF)
if(NOT CUDA STREQUAL "off")
  # Only where this check succeeds is the language enabled: enable_language alone may still pick up a
  # toolkit that is not on PATH.
  include(CheckLanguage)
  check_language(CUDA)
  set(cuda_missing "no nvcc was found: put it on PATH or name it in CUDACXX")
  if(CMAKE_CUDA_COMPILER)
    execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --version OUTPUT_VARIABLE nvcc_version)
    if(nvcc_version MATCHES "release ([0-9.]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 12.0)
      set(MOE_CUDA ON)
    else()
      set(cuda_missing "${CMAKE_CUDA_COMPILER} is '${CMAKE_MATCH_1}', C++20 needs 12.0 or later")
    endif()
  endif()
  if(CUDA STREQUAL "on" AND NOT MOE_CUDA)
    message(FATAL_ERROR "CUDA is on, but ${cuda_missing} (or configure with CUDA=off)")
  endif()
endif()

if(MOE_CUDA)
  # CMake's own default is the compiler's oldest architecture. Code for A100 and H100, and an
  # intermediate form that later devices translate.
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 90-virtual)
  endif()
  enable_language(CUDA)
  # CMake 3.25.1 does not know nvcc's flag for C++20 (added in 3.25.2).
  if(NOT DEFINED CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  message(STATUS "CUDA parts: on, nvcc ${CMAKE_CUDA_COMPILER_VERSION}")
elseif(CMAKE_CUDA_COMPILER)
  # Nothing else may take a compiler that is not used for a sign of CUDA.
  unset(CMAKE_CUDA_COMPILER)
  unset(CMAKE_CUDA_COMPILER CACHE)
endif()

if(CUDA STREQUAL "off")
  message(STATUS "CUDA parts: off")
elseif(NOT MOE_CUDA)
  message(STATUS "CUDA parts: off, ${cuda_missing}")
endif()
