#include "io/calendar_file.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "support/temp_folder.hpp"

namespace voltage::io {
namespace {

const std::string kHeader = "time_utc,name,before,after\n";

TEST(CalendarFile, gives_a_quiet_span_around_each_release) {
  const testing::TempFolder folder;
  const auto spans = quiet_times(folder.write(
      "c.csv", "# remark\n" + kHeader + "\n2027-03-09T19:00:00Z,speech,30m,1h30m\n2027-03-10T13:30:00Z,GDP,20m,0s\n"));
  ASSERT_TRUE(spans) << spans.error().message;
  const auto quiet = [&](const char* t) { return market::quiet_at(*spans, *parse_iso(t)); };
  EXPECT_FALSE(quiet("2027-03-09T18:29:59Z"));
  EXPECT_TRUE(quiet("2027-03-09T18:30:00Z"));
  EXPECT_TRUE(quiet("2027-03-09T20:30:00Z"));
  EXPECT_FALSE(quiet("2027-03-09T20:30:01Z"));
  EXPECT_TRUE(quiet("2027-03-10T13:30:00Z"));
  EXPECT_FALSE(quiet("2027-03-10T13:30:01Z"));
  EXPECT_TRUE(quiet("2026-12-09T19:00:00Z")) << "what the product knows stays";
}

TEST(CalendarFile, without_a_file_the_known_releases_are_quiet_and_with_none_no_time_is) {
  const auto known = quiet_times("");
  ASSERT_TRUE(known);
  const auto quiet = [&](const char* t) { return market::quiet_at(*known, *parse_iso(t)); };
  // The Federal Reserve of December 2026 at two in New York, and the employment report of July 2026 at half past eight.
  EXPECT_FALSE(quiet("2026-12-09T18:29:59Z"));
  EXPECT_TRUE(quiet("2026-12-09T20:30:00Z"));
  EXPECT_FALSE(quiet("2026-07-02T12:09:59Z"));
  EXPECT_TRUE(quiet("2026-07-02T12:10:00Z"));
  EXPECT_TRUE(quiet("2026-07-02T13:10:00Z"));
  EXPECT_FALSE(quiet("2026-07-02T13:10:01Z"));
  const auto none = quiet_times("none");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST(CalendarFile, refuses_what_it_can_not_read_by_line) {
  const testing::TempFolder folder;
  const auto error = [&](const std::string& text) {
    const auto read = read_calendar(folder.write("c.csv", text));
    return read ? std::string{"read"} : read.error().message.substr(folder.path().size() + 1);
  };
  EXPECT_EQ(error("when,what\n"), "c.csv:1: the header must be time_utc,name,before,after");
  EXPECT_EQ(error(kHeader), "c.csv: holds no release");
  EXPECT_EQ(error(kHeader + "2026-12-09T19:00:00Z,FOMC,30m\n"), "c.csv:2: 4 fields wanted: time_utc,name,before,after");
  EXPECT_EQ(error(kHeader + "2026-13-09T19:00:00Z,FOMC,30m,1h\n"),
            "c.csv:2: time_utc '2026-13-09T19:00:00Z' is no time (2026-12-09T19:00:00Z)");
  EXPECT_EQ(error(kHeader + "2026-12-09T19:00:00Z,,30m,1h\n"), "c.csv:2: name is empty");
  EXPECT_EQ(error(kHeader + "2026-12-09T19:00:00Z,FOMC,soon,1h\n"), "c.csv:2: before is no duration up to a day (30m)");
  EXPECT_EQ(error(kHeader + "2026-12-09T19:00:00Z,FOMC,30m,25h\n"), "c.csv:2: after is no duration up to a day (30m)");
  EXPECT_EQ(error(kHeader + "2026-12-09T19:00:00Z,B,30m,1h\n2026-12-08T19:00:00Z,A,30m,1h\n"),
            "c.csv:3: is earlier than the row before it");
}

TEST(CalendarFile, the_sample_that_is_shipped_can_be_read) {
  const auto read = read_calendar(std::string{VOLTAGE_SOURCE_DIR} + "/config/macro-calendar.csv");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size(), 2U);
}

}  // namespace
}  // namespace voltage::io
