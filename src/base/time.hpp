#pragma once
// Times as people and venues write them. Pure text <-> Time: nothing here reads a clock.
#include <optional>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace voltage {

// "2026-05-11T05:45:00Z", with a space or T, optional fraction of up to 9 digits, optional Z or ±hh:mm;
// a bare date is midnight UTC. Empty on anything else, also on the 30th of February.
std::optional<Time> parse_iso(std::string_view text);

// What the command line accepts: ISO 8601 UTC, or Unix milliseconds.
std::optional<Time> parse_time(std::string_view text);

// "90s", "15m", "1h30m", "7d", "250ms"; empty on anything else.
std::optional<Duration> parse_duration(std::string_view text);

std::string format_iso(Time t);           // 2026-05-11T05:45:00Z, with a fraction only if there is one
std::string format_duration(Duration d);  // 1h30m, 90 s as 1m30s, 250ms

struct CivilDate {
  int year, month, day;
};
CivilDate civil_date(Time t);
Time from_civil(CivilDate date);

}  // namespace voltage
