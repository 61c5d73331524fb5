#pragma once
// Real recordings for tests: found through VOLTAGE_TEST_DATA, and a reason to skip without it.
#include <cstdlib>
#include <optional>
#include <string>

namespace voltage::testing {

inline std::optional<std::string> recordings() {
  const char* folder = std::getenv("VOLTAGE_TEST_DATA");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return std::string{folder};
}

}  // namespace voltage::testing

#define NEEDS_RECORDINGS(variable)                                                                   \
  const auto variable##_found = ::voltage::testing::recordings();                                    \
  if (!variable##_found) GTEST_SKIP() << "VOLTAGE_TEST_DATA is not set: no real recordings at hand"; \
  const std::string variable = *variable##_found
