# cmake -DSETTINGS=... -DOUTPUT=... -P write_build_info.cmake: fills build_info.cpp.in with the
# settings of the build and the git revision of the sources ("unknown" without git or .git).

include(${SETTINGS})

set(GIT_REVISION unknown)
set(GIT_DIRTY false)
# A source tree unpacked inside somebody else's checkout has no revision of its own, hence the
# test for .git (a file in a linked worktree).
if(GIT AND EXISTS ${SOURCE_FOLDER}/.git)
  execute_process(COMMAND ${GIT} rev-parse HEAD WORKING_DIRECTORY ${SOURCE_FOLDER}
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status ERROR_QUIET)
  if(status EQUAL 0)
    set(GIT_REVISION ${revision})
    execute_process(COMMAND ${GIT} --no-optional-locks status --porcelain --untracked-files=no
      WORKING_DIRECTORY ${SOURCE_FOLDER} OUTPUT_VARIABLE changes ERROR_QUIET)
    if(NOT changes STREQUAL "")
      set(GIT_DIRTY true)
    endif()
  endif()
endif()

# configure_file leaves an unchanged file alone.
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
