# Third-party libraries. docs/DEPENDENCIES.md says why each is here, who uses it and its licence.
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_path(TL_EXPECTED_INCLUDE tl/expected.hpp REQUIRED)
find_path(TOMLPP_INCLUDE toml++/toml.h REQUIRED)

# LightGBM: the official wheel's library with the source distribution's headers, fetched by
# tools/setup.sh, pinned by version and hash.
set(LIGHTGBM_ROOT "${PROJECT_SOURCE_DIR}/.deps/lightgbm-4.7.0" CACHE PATH "LightGBM prefix")
if(NOT EXISTS "${LIGHTGBM_ROOT}/lib/lib_lightgbm.so")
  message(FATAL_ERROR "LightGBM is not at ${LIGHTGBM_ROOT}: run tools/setup.sh first")
endif()
add_library(lightgbm SHARED IMPORTED)
set_target_properties(lightgbm PROPERTIES
  IMPORTED_LOCATION "${LIGHTGBM_ROOT}/lib/lib_lightgbm.so"
  INTERFACE_INCLUDE_DIRECTORIES "${LIGHTGBM_ROOT}/include")

if(VOLTAGE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
