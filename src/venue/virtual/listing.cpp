#include "venue/virtual/listing.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

constexpr std::array<const char*, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                 "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::int64_t kHourNs = (1_h).ns;

// The day of the n-th Sunday of a month.
int nth_sunday(int year, int month, int n) {
  const std::int64_t first = from_civil({year, month, 1}).ns / (24 * kHourNs);
  const auto weekday = static_cast<int>((first + 4) % 7);  // 0 is Sunday
  return 1 + (7 - weekday) % 7 + 7 * (n - 1);
}

market::IndexValue dollars(double usd) {
  return market::index_from_usd(usd);
}

Market base(Time open, Time close, std::string series, std::string event, std::string ticker) {
  Market m;
  m.contract.series = std::move(series);
  m.contract.event = std::move(event);
  m.contract.ticker = std::move(ticker);
  m.contract.open = open;
  m.contract.close = close;
  m.contract.exchange_index = static_cast<std::int32_t>(kCryptoShard);
  m.contract.ticks = market::TickGrid::linear_cent();
  m.settlement_timer = 60_s;
  m.title = "Bitcoin price at the close?";
  return m;
}

std::string rule(Time close, const std::string& is) {
  return fmt::format(
      "If the simple average of the sixty seconds of the index before {} is {}, then the market resolves to Yes.",
      format_iso(close), is);
}

}  // namespace

int eastern_offset_hours(Time t) {
  const int year = civil_date(t).year;
  const Time summer = from_civil({year, 3, nth_sunday(year, 3, 2)}) + 7_h;
  const Time winter = from_civil({year, 11, nth_sunday(year, 11, 1)}) + 6_h;
  return t >= summer && t < winter ? 4 : 5;
}

std::string eastern_stamp(Time close, bool with_minutes) {
  const Time local = close - Duration{kHourNs * eastern_offset_hours(close)};
  const CivilDate date = civil_date(local);
  const std::int64_t minutes = local.ns / (1_min).ns % (24 * 60);
  std::string stamp = fmt::format("{:02}{}{:02}{:02}", date.year % 100,
                                  kMonths[static_cast<std::size_t>(date.month - 1)], date.day, minutes / 60);
  if (with_minutes) stamp += fmt::format("{:02}", minutes % 60);
  return stamp;
}

std::string strike_text(market::IndexValue v) {
  std::string text = format_fixed(v.e8, 8);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

Market quarter_hour(Time open) {
  const Time close = open + 15_min;
  const std::string event = "KXBTC15M-" + eastern_stamp(close, true);
  const std::int64_t minute = close.ns / (1_min).ns % 60;
  Market m = base(open, close, "KXBTC15M", event, fmt::format("{}-{:02}", event, minute));
  m.contract.strike.type = market::StrikeType::greater_or_equal;
  m.contract.ticks = market::TickGrid::tapered_deci_cent();
  m.settlement_timer = 1_s;
  m.title = "BTC price up in next 15 mins?";
  m.yes_title = "Target Price: TBD";
  m.no_title = "Target Price: TBD";
  m.rules = rule(close, "at least that of the sixty seconds before " + format_iso(open));
  return m;
}

std::vector<Market> above_ladder(Time open, Time close, double around, const Ladder& ladder) {
  const std::string event = "KXBTCD-" + eastern_stamp(close, false);
  const double center = std::round(around / ladder.step) * ladder.step;
  std::vector<Market> all;
  for (int i = 0; i < ladder.rungs; ++i) {
    const double level = center + (i - ladder.rungs / 2) * ladder.step;
    if (level <= 0) continue;
    const auto floor = dollars(level - 0.01);
    Market m = base(open, close, "KXBTCD", event, event + "-T" + strike_text(floor));
    m.contract.strike = {market::StrikeType::greater, floor, {}};
    m.yes_title = m.no_title = fmt::format("${:.0f} or above", level);
    m.rules = rule(close, "above " + strike_text(floor));
    all.push_back(std::move(m));
  }
  return all;
}

std::vector<Market> range_ladder(Time open, Time close, double around, const Ladder& ladder) {
  const std::string event = "KXBTC-" + eastern_stamp(close, false);
  const double bottom = std::round(around / ladder.step) * ladder.step - ladder.rungs / 2 * ladder.step;
  const double top = bottom + ladder.rungs * ladder.step;
  std::vector<Market> all;
  Market below = base(open, close, "KXBTC", event, event + "-T" + strike_text(dollars(bottom)));
  below.contract.strike = {market::StrikeType::less, {}, dollars(bottom)};
  below.yes_title = below.no_title = fmt::format("${:.2f} or below", bottom - 0.01);
  below.rules = rule(close, "below " + strike_text(dollars(bottom)));
  all.push_back(std::move(below));
  for (int i = 0; i < ladder.rungs; ++i) {
    const double low = bottom + i * ladder.step;
    const auto cap = dollars(low + ladder.step - 0.01);
    Market m = base(open, close, "KXBTC", event, event + "-B" + strike_text(dollars(low + ladder.step / 2)));
    m.contract.strike = {market::StrikeType::between, dollars(low), cap};
    m.yes_title = m.no_title = fmt::format("${:.0f} to {}", low, strike_text(cap));
    m.rules = rule(close, fmt::format("between {} and {}", strike_text(dollars(low)), strike_text(cap)));
    all.push_back(std::move(m));
  }
  const auto edge = dollars(top - 0.01);
  Market above = base(open, close, "KXBTC", event, event + "-T" + strike_text(edge));
  above.contract.strike = {market::StrikeType::greater, edge, {}};
  above.yes_title = above.no_title = fmt::format("${:.0f} or above", top);
  above.rules = rule(close, "above " + strike_text(edge));
  all.push_back(std::move(above));
  return all;
}

}  // namespace voltage::venue::virtual_kalshi
