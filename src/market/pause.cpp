#include "market/pause.hpp"

#include "base/time.hpp"

namespace voltage::market {
namespace {

using namespace literals;

constexpr std::int64_t kDay = (24_h).ns;

// 0: Sunday. 1970-01-01 was a Thursday.
std::int64_t weekday(Time t) {
  return (t.ns / kDay + 4) % 7;
}

// Midnight of the nth Sunday of a month, n from 1.
Time nth_sunday(int year, int month, int n) {
  const Time first = from_civil({year, month, 1});
  const std::int64_t days = (7 - weekday(first)) % 7 + 7 * (n - 1);
  return first + Duration{days * kDay};
}

}  // namespace

Duration new_york_offset(Time t) {
  const int year = civil_date(t).year;
  const Time summer = nth_sunday(year, 3, 2) + 7_h;   // 2:00 at UTC−5
  const Time winter = nth_sunday(year, 11, 1) + 6_h;  // 2:00 at UTC−4
  return summer <= t && t < winter ? Duration{} - 4_h : Duration{} - 5_h;
}

bool exchange_paused(Time t) {
  constexpr std::int64_t kThursday = 4;
  const Time local = t + new_york_offset(t);
  const Duration of_day{local.ns % kDay};
  return weekday(local) == kThursday && of_day >= 2_h + 55_min && of_day < 5_h;
}

}  // namespace voltage::market
