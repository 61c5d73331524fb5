#pragma once
// How much of a large property is run: a part that keeps the suite quick, all of it with VOLTAGE_FULL=1.
#include <cstdint>
#include <cstdlib>

namespace voltage::tests {

inline std::int64_t cases(std::int64_t quick, std::int64_t full) {
  const char* wish = std::getenv("VOLTAGE_FULL");
  return wish != nullptr && *wish == '1' ? full : quick;
}

}  // namespace voltage::tests
