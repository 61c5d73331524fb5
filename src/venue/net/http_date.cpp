#include "venue/net/http_date.hpp"

#include <array>

#include <fmt/format.h>

#include "base/time.hpp"

namespace voltage::venue::net {
namespace {

using namespace literals;

constexpr std::array<const char*, 7> kDays{"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // from 1970-01-01
constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string format_http_date(Time t) {
  const auto date = civil_date(t);
  const std::int64_t day = t.ns / (24_h).ns, second = t.ns % (24_h).ns / (1_s).ns;
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(day % 7)], date.day,
                     kMonths[static_cast<std::size_t>(date.month - 1)], date.year, second / 3600, second / 60 % 60,
                     second % 60);
}

std::optional<Time> parse_http_date(std::string_view text) {
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size() || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto month_name = text.substr(8, 3);
  std::size_t month = 0;
  while (month < kMonths.size() && month_name != kMonths[month]) ++month;
  if (month == kMonths.size()) return std::nullopt;
  return parse_iso(
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month + 1, text.substr(5, 2), text.substr(17, 8)));
}

}  // namespace voltage::venue::net
