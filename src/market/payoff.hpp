#pragma once
// Which settlement values a contract pays for, as one half-open range of whole cents. The published value
// is the average rounded to cents, so the ranges of a ladder (75,700 to 75,799.99, then 75,800 …) meet
// without a gap, and every strike type is the same thing to pricing and to exposure.
#include <cstdint>
#include <limits>

#include "market/contract.hpp"

namespace voltage::market {

// low <= cents < high. An open end is the extreme of the type. Empty if high <= low.
struct CentRange {
  static constexpr std::int64_t kBelowAll = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kAboveAll = std::numeric_limits<std::int64_t>::max();
  std::int64_t low{kBelowAll};
  std::int64_t high{kAboveAll};
  auto operator<=>(const CentRange&) const = default;
  bool contains(std::int64_t cents) const { return low <= cents && cents < high; }
};

// strike.known() required.
CentRange paying_range(const Strike& strike);

}  // namespace voltage::market
