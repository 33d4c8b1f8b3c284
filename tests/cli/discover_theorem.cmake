# Writes the list of a theorem program's tests for CTest, by what the program says of itself:
# cmake -DPROGRAM=... -DTESTER=test_theorem -DREFERENCE=reference -DREFERENCES=folder -DRUNS=folder
# -DWHOLE_RUNS=ON|OFF -DLIST=... -DENVIRONMENT=... -P discover_theorem.cmake

get_filename_component(name ${PROGRAM} NAME)
execute_process(COMMAND ${PROGRAM} --describe RESULT_VARIABLE status OUTPUT_VARIABLE about
  ERROR_VARIABLE error)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --describe failed (${status}): ${error}")
endif()

set(text "")
function(add test labels properties)
  list(TRANSFORM ARGN REPLACE "(.+)" "[=[\\1]=]" OUTPUT_VARIABLE quoted)
  list(JOIN quoted " " command)
  string(APPEND text
    "add_test([=[${test}]=] ${command})\n"
    "set_tests_properties([=[${test}]=] PROPERTIES LABELS [=[${labels}]=] TIMEOUT 1200\n"
    "  ENVIRONMENT [=[${ENVIRONMENT}]=] ${properties})\n")
  set(text "${text}" PARENT_SCOPE)
endfunction()

set(options --color_output=no --log_level=message)
foreach(suite describe help bad_usage)
  add(cli.${name}.${suite} cli "" ${TESTER} --run_test=${suite} ${options} -- ${PROGRAM})
endforeach()

string(JSON count LENGTH "${about}" sabotages)
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
  string(JSON sabotage GET "${about}" sabotages ${index} name)
  add(cli.${name}.sabotage.${sabotage} cli "COST 50"
    ${TESTER} --run_test=sabotage ${options} -- ${PROGRAM} ${sabotage})
endforeach()

# The quick preset once, started first; two tests read its results.
if(WHOLE_RUNS)
  add(run.${name} rates "COST 100 FIXTURES_SETUP quick.${name}"
    ${PROGRAM} --preset quick --threads 2 --device cpu --out ${RUNS})
  add(rates.${name} rates "FIXTURES_REQUIRED quick.${name}"
    ${REFERENCE} check --runs ${RUNS} --reference ${REFERENCES} ${name})
  add(cli.${name}.interruption "cli;slow" "COST 90 FIXTURES_REQUIRED quick.${name}"
    ${TESTER} --run_test=interruption ${options} -- ${PROGRAM} ${RUNS})
  add(cli.${name}.runs cli "COST 60" ${TESTER} --run_test=runs ${options} -- ${PROGRAM})
endif()
file(WRITE ${LIST} "${text}")
