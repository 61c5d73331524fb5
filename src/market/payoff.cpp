#include "market/payoff.hpp"

#include "base/check.hpp"

namespace voltage::market {
namespace {

constexpr std::int64_t kCentE8 = 1'000'000;

std::int64_t cents_at_or_below(IndexValue v) {
  const std::int64_t q = v.e8 / kCentE8;
  return v.e8 % kCentE8 < 0 ? q - 1 : q;
}
std::int64_t cents_at_or_above(IndexValue v) {
  const std::int64_t q = v.e8 / kCentE8;
  return v.e8 % kCentE8 > 0 ? q + 1 : q;
}

}  // namespace

CentRange paying_range(const Strike& strike) {
  CHECK(strike.known());
  switch (strike.type) {
    case StrikeType::greater:
      return {.low = cents_at_or_below(*strike.floor) + 1};
    case StrikeType::greater_or_equal:
      return {.low = cents_at_or_above(*strike.floor)};
    case StrikeType::less:
      return {.high = cents_at_or_above(*strike.cap)};
    case StrikeType::less_or_equal:
      return {.high = cents_at_or_below(*strike.cap) + 1};
    case StrikeType::between:
      return {.low = cents_at_or_above(*strike.floor), .high = cents_at_or_below(*strike.cap) + 1};
  }
  return {0, 0};
}

}  // namespace voltage::market
