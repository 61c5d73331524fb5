# voltage_module(NAME [target…]): a static library from every .cpp in the calling folder (and its
# sub-folders), linked to the modules and libraries that it names.
function(voltage_module name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cpp")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${ARGN})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} INTERFACE ${ARGN})
  endif()
endfunction()

# voltage_tests(NAME [target…]): one test program from every *_test.cpp in the calling folder.
function(voltage_tests name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*_test.cpp")
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE ${ARGN} GTest::gmock GTest::gtest_main)
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name}_tests PRIVATE VOLTAGE_BINARY="$<TARGET_FILE:voltage>"
                             VOLTAGE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name}_tests DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 900 SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()
