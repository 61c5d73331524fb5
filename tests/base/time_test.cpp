// Times as people write them.
#include "base/time.hpp"

#include <gtest/gtest.h>

namespace voltage {
namespace {

using namespace literals;

TEST(Time, reads_iso_and_unix_milliseconds) {
  EXPECT_EQ(parse_time("2026-05-11T05:45:00Z"), Time::from_ms(1778478300000));
  EXPECT_EQ(parse_time("1778478300000"), Time::from_ms(1778478300000));
  EXPECT_EQ(parse_time("2026-05-11T05:37:43.762565Z"), Time{1778477863762565000});
  EXPECT_EQ(parse_time("2026-05-11T01:45:00-04:00"), Time::from_ms(1778478300000));
  EXPECT_EQ(parse_time("2026-05-11"), Time::from_ms(1778457600000));
}

TEST(Time, refuses_what_is_no_time) {
  for (const char* text :
       {"", "yesterday", "2026-02-30", "2026-05-11T25:00:00Z", "2026-05-11T05:45:00ZZ", "-5", "2026-5-1"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, iso_round_trips) {
  for (const char* text : {"2026-05-11T05:45:00Z", "2024-02-29T23:59:59.000000001Z", "1999-12-31T00:00:00.5Z"}) {
    EXPECT_EQ(format_iso(*parse_iso(text)), text);
  }
}

TEST(Time, durations) {
  EXPECT_EQ(parse_duration("1h30m"), 90_min);
  EXPECT_EQ(parse_duration("7d"), 168_h);
  EXPECT_EQ(parse_duration("250ms"), 250_ms);
  EXPECT_FALSE(parse_duration("15"));
  EXPECT_FALSE(parse_duration("m"));
  EXPECT_FALSE(parse_duration("5 m"));
  EXPECT_EQ(format_duration(90_s), "1m30s");
}

}  // namespace
}  // namespace voltage
