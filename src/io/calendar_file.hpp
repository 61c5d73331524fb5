#pragma once
// Scheduled releases that move bitcoin: CSV `time_utc,name,before,after`, one release a row in order of time,
// `before` and `after` durations of at most a day ("30m") in which nothing new is risked. A line that begins
// with # is a remark. Anything else that can't be read refuses the file, by line: a calendar with a hole is
// worse than none, since it looks like one. config/macro-calendar.csv is a sample.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "market/quiet.hpp"

namespace voltage::io {

struct Release {
  Time at{};
  std::string name;
  market::QuietSpan quiet;
};

// Refuses a file without a release.
Result<std::vector<Release>> read_calendar(const std::string& path);

// What the core is told: the times around the releases that the product knows (features/releases.hpp) and around
// those of the file. Without a path the known ones alone; "none": no time is quiet.
Result<std::vector<market::QuietSpan>> quiet_times(const std::string& path);

}  // namespace voltage::io
