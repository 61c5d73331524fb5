#include "app/lifecycle/leak.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "features/schema.hpp"

namespace voltage::app::lifecycle {
namespace {

using namespace literals;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Duration kBefore = 24_h * 9;  // longer than the longest window
constexpr Duration kAfter = 24_h * 2;
constexpr std::array<double, 4> kMinutes{1, 15, 60, 1440};
constexpr std::array<double, 2> kMoves{0.0015, 0.006};

struct Number {
  std::string name;
  double value{};
};

market::CandleSeries between_times(const market::CandleSeries& series, Time from, Time to) {
  const auto first = std::lower_bound(series.bars.begin(), series.bars.end(), from,
                                      [](const market::Candle& c, Time t) { return c.begin < t; });
  const auto last =
      std::upper_bound(first, series.bars.end(), to, [](Time t, const market::Candle& c) { return t < c.begin; });
  return {series.interval, {first, last}};
}

// Everything that is known at the bar that begins at `at`.
Result<std::vector<Number>> all_numbers(const Contender& contender, const io::Candles& candles, Time at) {
  const auto forecasting = contender.over(candles);
  if (!forecasting) return tl::unexpected(forecasting.error());
  const Forecasting& f = **forecasting;
  const auto slot = f.slot_beginning(at);
  if (!slot) return fail("no bar begins at " + format_iso(at));
  const auto ask = f.ask();
  const auto moment = ask.look(f.past(), *slot);
  std::vector<Number> out{{"close", moment.close}, {"reference volatility", moment.reference}};
  const auto& schema = features::schema();
  for (std::size_t i = 0; i < schema.size(); ++i) out.push_back({"feature " + schema[i].name, moment.row[i]});
  for (const double v : moment.inputs.log_vol) out.push_back({"a realised volatility", v});
  for (const double v : moment.inputs.log_quick) out.push_back({"an exponential average", v});
  for (const double minutes : kMinutes) {
    const auto ahead = ask.ahead(moment, minutes);
    for (const double move : kMoves) {
      const auto answer = ask.answer(ahead, move);
      const auto question = fmt::format("P(|r| > {} in {:g} minutes) of ", move, minutes);
      for (std::size_t m = 0; m < forecast::kMembers; ++m) {
        out.push_back({question + forecast::kMemberNames[m], answer.member[m]});
      }
      out.push_back({question + "the ensemble", answer.ensemble});
    }
  }
  return out;
}

// Later bars as they never were.
void make_nonsense(market::CandleSeries& series, Time after) {
  for (auto& c : series.bars) {
    if (c.begin <= after) continue;
    const double middle = std::sqrt(c.high * c.low);
    c = {c.begin,           middle,
         middle * 1.07,     middle * 0.93,
         middle * 1.01,     50 * c.volume + 1,
         50 * c.trades + 1, 0.9 * (50 * c.volume + 1)};
  }
}

std::string difference(const std::vector<Number>& known, const std::vector<Number>& seen, Time at, const char* how) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    const double a = known[i].value, b = seen[i].value;
    if (std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b)))
      continue;
    return fmt::format("{} at {} is {} with the bars up to it and {} {}: it sees the future", known[i].name,
                       format_iso(at), a, b, how);
  }
  return {};
}

double correlation(const std::vector<double>& x, const std::vector<double>& y, std::ptrdiff_t lag) {
  double n = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  const auto size = static_cast<std::ptrdiff_t>(x.size());
  for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(0, -lag); i < size - std::max<std::ptrdiff_t>(0, lag); ++i) {
    const double a = x[static_cast<std::size_t>(i)], b = y[static_cast<std::size_t>(i + lag)];
    if (std::isnan(a) || std::isnan(b)) continue;
    n += 1, sx += a, sy += b, sxx += a * a, syy += b * b, sxy += a * b;
  }
  const double vx = sxx - sx * sx / n, vy = syy - sy * sy / n;
  return n > 2 && vx > 0 && vy > 0 ? (sxy - sx * sy / n) / std::sqrt(vx * vy) : 0;
}

// The minutes ahead at which the column goes with the price more than it may: more than with its own bar, or in a spike
// above the minutes around it, where what is honest fades smoothly. 0: none.
std::ptrdiff_t knows_ahead(const std::vector<double>& column, const std::vector<double>& price) {
  constexpr std::ptrdiff_t kFarthest = 60;
  const auto known =
      static_cast<double>(std::count_if(column.begin(), column.end(), [](double v) { return !std::isnan(v); }));
  if (known < 1000) return 0;
  const double chance = 4 / std::sqrt(known);
  std::vector<double> with;
  for (std::ptrdiff_t lag = 0; lag <= kFarthest + 1; ++lag) with.push_back(std::abs(correlation(column, price, lag)));
  std::size_t worst = 0;
  double most = chance;
  for (std::size_t lag = 1; lag <= kFarthest; ++lag) {
    const double spike = lag == 1 ? 0 : with[lag] - std::max(with[lag - 1], with[lag + 1]) - 0.02;
    const double excess = std::max(with[lag] - with[0] - 0.002, spike);
    if (excess > most) {
      most = excess;
      worst = lag;
    }
  }
  return static_cast<std::ptrdiff_t>(worst);
}

}  // namespace

io::Candles bars_between(const io::Candles& candles, Time from, Time to) {
  return {between_times(candles.fine, from, to), between_times(candles.coarse, from, to), {}};
}

Result<std::string> truncation_leak(const Contender& contender, const io::Candles& candles, Time from, Time to,
                                    const LeakSearch& search) {
  const auto within = bars_between(candles, from, to);
  const auto& bars = within.fine.bars.empty() ? within.coarse.bars : within.fine.bars;
  if (bars.empty()) return fail("no bar to look for a leak at");
  Rng rng{search.seed};
  for (std::size_t i = 0; i < search.moments; ++i) {
    const Time at = bars[rng.below(bars.size())].begin;
    const auto whole = bars_between(candles, at - kBefore, at + kAfter);
    const auto known = all_numbers(contender, bars_between(candles, at - kBefore, at), at);
    if (!known) return tl::unexpected(known.error());
    const auto seen = all_numbers(contender, whole, at);
    if (!seen) return tl::unexpected(seen.error());
    if (auto found = difference(*known, *seen, at, "with the later ones"); !found.empty()) return found;
    auto nonsense = whole;
    make_nonsense(nonsense.fine, at);
    make_nonsense(nonsense.coarse, at);
    const auto fooled = all_numbers(contender, nonsense, at);
    if (!fooled) return tl::unexpected(fooled.error());
    if (auto found = difference(*known, *fooled, at, "with other later ones"); !found.empty()) return found;
  }
  return std::string{};
}

std::string column_leak(const io::Candles& candles, Time from, Time to) {
  const auto bars = between_times(candles.fine, from, to).bars;
  std::vector<double> range, change, volume, trades, lean, imbalance;
  for (const auto& c : bars) {
    range.push_back(std::log(std::log(c.high / c.low) + 1e-5));
    change.push_back(std::log(c.close / c.open));
    volume.push_back(std::log(c.volume + 1e-3));
    trades.push_back(std::log(c.trades + 1));
    imbalance.push_back(std::log(std::abs(2 * c.taker_buy - c.volume) + 1e-3));
    lean.push_back(c.volume > 0 ? 2 * c.taker_buy / c.volume - 1 : kNaN);
  }
  const auto say = [](const char* column, std::ptrdiff_t lag) {
    return fmt::format(
        "the column {} goes with the price of {} minutes later more than with its own bar's: it holds "
        "the future",
        column, lag);
  };
  if (const auto lag = knows_ahead(volume, range); lag > 0) return say("volume", lag);
  if (const auto lag = knows_ahead(trades, range); lag > 0) return say("trades", lag);
  if (const auto lag = knows_ahead(lean, change); lag > 0) return say("taker_buy_volume", lag);
  if (const auto lag = knows_ahead(imbalance, range); lag > 0) return say("taker_buy_volume", lag);
  return {};
}

}  // namespace voltage::app::lifecycle
