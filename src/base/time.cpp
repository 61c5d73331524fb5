#include "base/time.hpp"

#include <chrono>

#include "base/decimal.hpp"

namespace voltage {
namespace {

using namespace std::chrono;
using namespace literals;

constexpr std::int64_t kDayNs = 86'400'000'000'000;

// Reads exactly n digits at pos; -1 if they are not there.
int digits(std::string_view s, std::size_t pos, std::size_t n) {
  if (pos + n > s.size()) return -1;
  int v = 0;
  for (std::size_t i = pos; i < pos + n; ++i) {
    if (s[i] < '0' || s[i] > '9') return -1;
    v = v * 10 + (s[i] - '0');
  }
  return v;
}

std::optional<std::int64_t> days_of(int y, int m, int d) {
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (y < 1970 || y > 2200 || !date.ok()) return std::nullopt;
  return sys_days{date}.time_since_epoch().count();
}

struct Clock {
  std::int64_t ns;
  std::size_t end;
};

// hh:mm[:ss[.fraction]] at pos.
std::optional<Clock> clock_at(std::string_view s, std::size_t pos) {
  const int h = digits(s, pos, 2);
  if (h < 0 || h > 23 || pos + 2 >= s.size() || s[pos + 2] != ':') return std::nullopt;
  const int m = digits(s, pos + 3, 2);
  if (m < 0 || m > 59) return std::nullopt;
  pos += 5;
  std::int64_t ns = (h * 3600LL + m * 60LL) * 1'000'000'000;
  if (pos < s.size() && s[pos] == ':') {
    const int sec = digits(s, pos + 1, 2);
    if (sec < 0 || sec > 59) return std::nullopt;
    ns += sec * 1'000'000'000LL;
    pos += 3;
    if (pos < s.size() && s[pos] == '.') {
      std::int64_t unit = 100'000'000;
      std::size_t n = 0;
      for (++pos; pos < s.size() && s[pos] >= '0' && s[pos] <= '9'; ++pos, ++n, unit /= 10) ns += (s[pos] - '0') * unit;
      if (n == 0 || n > 9) return std::nullopt;
    }
  }
  return Clock{ns, pos};
}

}  // namespace

std::optional<Time> parse_iso(std::string_view s) {
  const int y = digits(s, 0, 4), m = digits(s, 5, 2), d = digits(s, 8, 2);
  if (y < 0 || m < 0 || d < 0 || s[4] != '-' || s[7] != '-') return std::nullopt;
  const auto days = days_of(y, m, d);
  if (!days) return std::nullopt;
  std::int64_t ns = *days * kDayNs;
  if (s.size() == 10) return Time{ns};
  if (s[10] != 'T' && s[10] != ' ') return std::nullopt;
  const auto clock = clock_at(s, 11);
  if (!clock) return std::nullopt;
  ns += clock->ns;
  const auto zone = s.substr(clock->end);
  if (zone.empty() || zone == "Z") return Time{ns};
  if ((zone[0] != '+' && zone[0] != '-') || zone.size() != 6) return std::nullopt;
  const auto offset = clock_at(zone, 1);
  if (!offset) return std::nullopt;
  return Time{zone[0] == '+' ? ns - offset->ns : ns + offset->ns};
}

std::optional<Time> parse_time(std::string_view text) {
  if (const auto iso = parse_iso(text)) return iso;
  const auto ms = parse_int(text);
  constexpr std::int64_t kMsMax = 7'258'118'400'000;  // year 2200
  if (!ms || *ms < 0 || *ms > kMsMax) return std::nullopt;
  return Time::from_ms(*ms);
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::size_t i = 0;
  if (text.empty()) return std::nullopt;
  while (i < text.size()) {
    std::size_t n = i;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    if (n == i || n - i > 9) return std::nullopt;
    const std::int64_t value = *parse_int(text.substr(i, n - i));
    std::size_t u = n;
    while (u < text.size() && (text[u] < '0' || text[u] > '9')) ++u;
    const auto unit = text.substr(n, u - n);
    std::int64_t ns = 0;
    if (unit == "ms")
      ns = (1_ms).ns;
    else if (unit == "s")
      ns = (1_s).ns;
    else if (unit == "m" || unit == "min")
      ns = (1_min).ns;
    else if (unit == "h")
      ns = (1_h).ns;
    else if (unit == "d")
      ns = kDayNs;
    else
      return std::nullopt;
    if (value > (std::int64_t{1} << 61) / ns) return std::nullopt;
    total += value * ns;
    i = u;
  }
  return Duration{total};
}

std::string format_iso(Time t) {
  const sys_time<nanoseconds> at{nanoseconds{t.ns}};
  const auto day_start = floor<days>(at);
  const year_month_day date{day_start};
  const hh_mm_ss<nanoseconds> clock{at - day_start};
  const auto two = [](std::int64_t v) { return (v < 10 ? "0" : "") + std::to_string(v); };
  std::string out = std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
                    "-" + two(static_cast<unsigned>(date.day())) + "T" + two(clock.hours().count()) + ":" +
                    two(clock.minutes().count()) + ":" + two(clock.seconds().count());
  if (clock.subseconds().count() != 0) {
    std::string fraction = format_fixed(clock.subseconds().count(), 9).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    out += fraction;
  }
  return out + "Z";
}

std::string format_duration(Duration d) {
  if (d.ns < 0) return "-" + format_duration(Duration{-d.ns});
  if (d.ns % (1_s).ns != 0) return std::to_string(d.ns / (1_ms).ns) + "ms";
  std::int64_t seconds = d.ns / (1_s).ns;
  std::string out;
  for (const auto& [unit, size] :
       {std::pair{"d", 86400}, std::pair{"h", 3600}, std::pair{"m", 60}, std::pair{"s", 1}}) {
    if (seconds >= size) out += std::to_string(seconds / size) + unit;
    seconds %= size;
  }
  return out.empty() ? "0s" : out;
}

CivilDate civil_date(Time t) {
  const year_month_day date{floor<days>(sys_time<nanoseconds>{nanoseconds{t.ns}})};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

Time from_civil(CivilDate date) {
  const auto days = days_of(date.year, date.month, date.day);
  CHECK(days.has_value());
  return Time{*days * kDayNs};
}

}  // namespace voltage
