# Writes the list of a program's tests for CTest: cmake -DPROGRAM=... -DLIST=... -DPREFIX=...
# -DLABEL=... -DENVIRONMENT=... -P discover.cmake. One test per suite at the top level of the
# Boost.Test program (and per case outside any suite).

foreach(input PROGRAM LIST PREFIX LABEL)
  if(NOT ${input})
    message(FATAL_ERROR "discover.cmake: -D${input}=... is missing")
  endif()
endforeach()

execute_process(COMMAND ${PROGRAM} --list_content
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE tree)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list_content failed (${status}):\n${output}${tree}")
endif()

# The tree comes on stderr, four spaces a level; a star marks what is enabled.
string(REGEX MATCHALL "(^|\n)[A-Za-z_][A-Za-z_0-9]*\\*" names "${tree}")
set(text "")
foreach(name IN LISTS names)
  string(REGEX REPLACE "[\n*]" "" name "${name}")
  set(test "${PREFIX}.${name}")
  set(label ${LABEL})
  set(cost 1)
  if(name MATCHES "^slow_")
    list(APPEND label slow)
    set(cost 100) # CTest begins with it, lest it runs on alone
  endif()
  string(APPEND text
    "add_test([=[${test}]=] [=[${PROGRAM}]=] --run_test=${name} --color_output=no
  --log_level=message)\n"
    "set_tests_properties([=[${test}]=] PROPERTIES LABELS [=[${label}]=] TIMEOUT 600 COST ${cost}\n"
    "  ENVIRONMENT [=[${ENVIRONMENT}]=]\n"
    "  FAIL_REGULAR_EXPRESSION [=[did not check any assertions]=])\n")
endforeach()
if(text STREQUAL "")
  message(FATAL_ERROR "${PROGRAM} has no enabled test")
endif()
file(WRITE ${LIST} "${text}")
