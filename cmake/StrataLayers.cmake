# Targets of the project. A layer is a folder with a list of sources; it links exactly the layers and libraries it names.

# strata_layer(NAME SOURCES ... USES LAYER... THIRD_PARTY TARGET...)
#   Target strata_NAME. Files of the layer are included as "NAME/file.h" (folder lib/ or the top folder on the path).
function(strata_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;THIRD_PARTY" ${ARGN})
  add_library(strata_${name} STATIC ${arg_SOURCES})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH parent)
  target_include_directories(strata_${name} PUBLIC ${parent})
  list(TRANSFORM arg_USES PREPEND strata_ OUTPUT_VARIABLE uses)
  target_link_libraries(strata_${name} PUBLIC ${uses} ${arg_THIRD_PARTY} nlohmann_json::nlohmann_json fmt::fmt-header-only)
  strata_use_torch_header(strata_${name} ${arg_THIRD_PARTY})
endfunction()

# Torch's headers cost 15 s a file; compiled once (StrataThirdParty.cmake), everything that links strata_torch shares them.
function(strata_use_torch_header target)
  if(strata_torch IN_LIST ARGN)
    target_link_libraries(${target} PRIVATE strata_torch_header)
    target_precompile_headers(${target} REUSE_FROM strata_torch_header)
  endif()
endfunction()

# strata_executable(NAME SOURCES ... USES LAYER... [THIRD_PARTY ...]): bin/NAME, installed.
function(strata_executable name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;THIRD_PARTY" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_USES PREPEND strata_ OUTPUT_VARIABLE uses)
  target_link_libraries(${name} PRIVATE ${uses} ${arg_THIRD_PARTY})
  strata_use_torch_header(${name} ${arg_THIRD_PARTY})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# strata_test(NAME SOURCES ... USES LAYER... [RANKS n...] [LABELS ...] [TIMEOUT seconds] [WHOLE [PROCESSORS n]] [THIRD_PARTY ...])
#   GoogleTest program NAME. Each of its tests is a ctest of its own, of one thread, as ctest fills the cores; with WHOLE
#   the program is one ctest (tests that share an expensive fixture) that runs alone, or with PROCESSORS beside others and
#   counts as so many of them (1 also for ranks that wait most of the time); with RANKS the program runs under mpirun once
#   per count. The program is told the count it must find, and fails where it is another (tests/support/mpi_main.cpp).
function(strata_test name)
  cmake_parse_arguments(arg "WHOLE" "TIMEOUT;PROCESSORS" "SOURCES;USES;THIRD_PARTY;RANKS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  list(TRANSFORM arg_USES PREPEND strata_ OUTPUT_VARIABLE uses)
  target_link_libraries(${name} PRIVATE ${uses} strata_test_support ${arg_THIRD_PARTY} GTest::gmock)
  strata_use_torch_header(${name} ${arg_THIRD_PARTY})
  if(arg_RANKS)
    target_link_libraries(${name} PRIVATE strata_test_mpi_main)
    foreach(ranks IN LISTS arg_RANKS)
      add_test(NAME ${name}.${ranks}_ranks COMMAND
               ${MPIEXEC_EXECUTABLE} -n ${ranks} --oversubscribe --bind-to none $<TARGET_FILE:${name}>)
      set_tests_properties(${name}.${ranks}_ranks PROPERTIES PROCESSORS ${ranks} TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
        ENVIRONMENT "STRATA_TEST_RANKS=${ranks};OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_mpi_yield_when_idle=1;OMP_NUM_THREADS=1")
    endforeach()
  elseif(arg_WHOLE)
    target_link_libraries(${name} PRIVATE GTest::gmock_main)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
    if(arg_PROCESSORS)
      set_tests_properties(${name} PROPERTIES PROCESSORS ${arg_PROCESSORS} ENVIRONMENT OMP_NUM_THREADS=1)
    else()
      set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
    endif()
  else()
    target_link_libraries(${name} PRIVATE GTest::gmock_main)
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 120
                         PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT OMP_NUM_THREADS=1 LABELS "${arg_LABELS}")
  endif()
endfunction()
