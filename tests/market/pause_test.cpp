// The exchange's weekly pause, by New York's clock.
#include "market/pause.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace voltage::market {
namespace {

Time at(const char* iso) {
  return *parse_iso(iso);
}

TEST(Pause, is_thursday_morning_in_new_york) {
  EXPECT_FALSE(exchange_paused(at("2026-11-19T07:54:59Z")));  // winter: UTC−5
  EXPECT_TRUE(exchange_paused(at("2026-11-19T07:55:00Z")));
  EXPECT_TRUE(exchange_paused(at("2026-11-19T09:59:59Z")));
  EXPECT_FALSE(exchange_paused(at("2026-11-19T10:00:00Z")));
  EXPECT_TRUE(exchange_paused(at("2026-07-16T06:55:00Z")));  // summer: UTC−4
  EXPECT_FALSE(exchange_paused(at("2026-07-16T09:00:00Z")));
}

TEST(Pause, is_on_no_other_day) {
  for (int day = 0; day < 7; ++day) {
    const Time morning = at("2026-11-15T08:30:00Z") + Duration{day * (std::int64_t{86'400'000'000'000})};
    EXPECT_EQ(exchange_paused(morning), day == 4) << day;
  }
}

TEST(Pause, clocks_change_on_the_right_sundays) {
  EXPECT_EQ(new_york_offset(at("2026-03-08T06:59:59Z")).seconds(), -5 * 3'600);
  EXPECT_EQ(new_york_offset(at("2026-03-08T07:00:00Z")).seconds(), -4 * 3'600);
  EXPECT_EQ(new_york_offset(at("2026-11-01T05:59:59Z")).seconds(), -4 * 3'600);
  EXPECT_EQ(new_york_offset(at("2026-11-01T06:00:00Z")).seconds(), -5 * 3'600);
  EXPECT_EQ(new_york_offset(at("2025-11-02T06:00:00Z")).seconds(), -5 * 3'600);
  EXPECT_EQ(new_york_offset(at("2024-03-10T07:00:00Z")).seconds(), -4 * 3'600);
}

}  // namespace
}  // namespace voltage::market
