#include "features/schema.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/hash.hpp"

namespace voltage::features {
namespace {

constexpr double kNaN = View::kNaN;

double half_log(double variance) {
  return 0.5 * std::log(variance + kVarianceFloor);
}

double log_ratio(double a, double b) {
  return a > 0 && b > 0 ? std::log(a / b) : kNaN;
}

// Standard deviation of the log 5-minute range over the window: how unsteady volatility has been.
double vol_of_vol(const View& v, std::size_t w) {
  const double mean = v.mean(w, &Sums::log_range5, &Sums::n5);
  const double square = v.mean(w, &Sums::log_range5_square, &Sums::n5);
  return std::sqrt(std::max(square - mean * mean, 0.0));
}

double or_nan(bool keep, double value) {
  return keep ? value : kNaN;
}

// One walk over all features of a moment, for the list of names and for the values alike, so that the
// two can't come apart. Sink: put(name, window, unit, group, value-function).
template <class Sink>
void walk_volatility(Sink& s, const View& v, double ref) {
  for (const std::size_t w : {15, 30, 60, 180, 360, 720, 4320, 10080}) {
    s.put("realised5", w, "ln ratio to the day", Group::price, [&] { return half_log(v.var5(w)) - ref; });
  }
  for (const std::size_t w : {5, 15, 30, 60, 180, 360, 1440, 4320}) {
    s.put("parkinson5", w, "ln ratio to the day", Group::price, [&] { return half_log(v.range5(w)) - ref; });
  }
  for (const std::size_t w : {5, 15, 30, 60, 180, 720, 1440}) {
    s.put("realised1", w, "ln ratio to the day", Group::fine, [&] { return half_log(v.var1(w)) - ref; });
    s.put("parkinson1", w, "ln ratio to the day", Group::fine, [&] { return half_log(v.range1(w)) - ref; });
  }
  for (std::size_t i = 0; i < kFineHalfLives.size(); ++i) {
    s.put("ewma1", static_cast<std::size_t>(kFineHalfLives[i]), "ln ratio to the day", Group::fine,
          [&] { return half_log(v.fine_ewma(i)) - ref; });
  }
  for (const std::size_t i : {0, 1, 2, 4, 5}) {
    s.put("ewma5", static_cast<std::size_t>(kCoarseHalfLives[i]), "ln ratio to the day", Group::price,
          [&] { return half_log(v.coarse_ewma(i)) - ref; });
  }
  s.put("day_level", 1440, "ln volatility per root minute", Group::price, [&] { return ref; });
  for (const std::size_t w : {60, 360, 1440}) {
    s.put("vol_of_vol", w, "sd of ln range", Group::price, [&] { return vol_of_vol(v, w); });
  }
  // Averages without an end, known from a week on; the number is their half-life.
  s.put("small_moves", 20160, "share of 5-minute moves under 0.3 volatilities", Group::price,
        [&] { return v.small_share(); });
  s.put("peak", 20160, "ln mean over root mean square of 5-minute moves", Group::price, [&] { return v.log_peak(); });
  for (const std::size_t w : {60, 1440}) {
    s.put("variance_ratio", w, "ln 5-minute over 1-minute", Group::fine,
          [&] { return half_log(v.var5(w)) - half_log(v.var1(w)); });
  }
  for (const std::size_t w : {15, 60, 1440}) {
    s.put("jump", w, "ln realised over bipower", Group::fine, [&] {
      return or_nan(v.fine(),
                    half_log(v.mean(w, &Sums::var1, &Sums::n1)) - half_log(v.mean(w, &Sums::bipower1, &Sums::n1)));
    });
  }
}

// A month: the level, how unsteady days are, and what this time of the day was like.
template <class Sink>
void walk_weeks(Sink& s, const View& v, double ref) {
  for (const std::size_t w : {20160, 43200}) {
    s.put("realised5", w, "ln ratio to the day", Group::price, [&] { return half_log(v.var5(w)) - ref; });
  }
  const double scale = std::exp(-ref);
  for (const std::size_t w : {4320, 10080, 43200}) {
    s.put("return", w, "day's volatilities", Group::price,
          [&] { return v.log_return(w) * scale / std::sqrt(static_cast<double>(w)); });
  }
  for (std::size_t i = 0; i < kSpreadDays.size(); ++i) {
    s.put("day_spread", kSpreadDays[i] * 1440, "sd of ln volatility", Group::price, [&] { return v.day_spread(i); });
  }
  static constexpr std::array<std::array<const char*, kClocks>, kClockMinutes.size()> names{
      {{"clock_hour", "clock_hour", "clock_hour", "clock_hour_weekday"},
       {"clock_four_hours", "clock_four_hours", "clock_four_hours", "clock_four_hours_weekday"}}};
  static constexpr std::array<std::size_t, kClocks> windows{1440, 7200, 20160, 40320};
  for (std::size_t w = 0; w < kClockMinutes.size(); ++w) {
    for (std::size_t k = 0; k < kClocks; ++k) {
      s.put(names[w][k], windows[k], "ln ratio to those days", Group::price, [&] { return v.at_this_hour(w, k); });
    }
  }
  s.put("volume", 10080, "ln ratio to the month", Group::volume, [&] {
    const auto mean = [&](std::size_t w) { return v.mean(w, &Sums::volume, &Sums::n_volume); };
    return or_nan(!v.blank().volume, log_ratio(mean(10080), mean(43200)));
  });
}

template <class Sink>
void walk_price(Sink& s, const View& v, double ref) {
  const double scale = std::exp(-ref);
  const auto move = [&](std::size_t w) { return v.log_return(w) * scale / std::sqrt(static_cast<double>(w)); };
  s.put("return", 1, "day's volatilities", Group::fine, [&] { return or_nan(v.fine(), move(1)); });
  for (const std::size_t w : {5, 15, 30, 60, 240, 1440}) {
    s.put("return", w, "day's volatilities", Group::price, [&] { return move(w); });
  }
  s.put("abs_return", 1, "day's volatilities", Group::fine, [&] { return or_nan(v.fine(), std::abs(move(1))); });
  for (const std::size_t w : {5, 15, 60, 240}) {
    s.put("abs_return", w, "day's volatilities", Group::price, [&] { return std::abs(move(w)); });
  }
  const Point& p = v.point();
  s.put("max_return", 15, "ln ratio to the day", Group::fine,
        [&] { return or_nan(v.fine() && v.covered(15, &Sums::n1), std::log(p.max_return15 + 1e-6) - ref); });
  s.put("max_return", 60, "ln ratio to the day", Group::fine,
        [&] { return or_nan(v.fine() && v.covered(60, &Sums::n1), std::log(p.max_return60 + 1e-6) - ref); });
  const auto range = [&](std::size_t w) -> std::pair<double, double> {
    if (!v.covered(w, &Sums::covered)) return {kNaN, kNaN};
    return w == 60 ? std::pair<double, double>{p.low60, p.high60} : std::pair<double, double>{p.low1440, p.high1440};
  };
  for (const std::size_t w : {60, 1440}) {
    s.put("range_position", w, "0 at the low, 1 at the high", Group::price, [&] {
      const auto [low, high] = range(w);
      return high > low ? -low / (high - low) : kNaN;
    });
    s.put("range_width", w, "ln ratio to the day", Group::price, [&] {
      const auto [low, high] = range(w);
      return std::log(high - low + 1e-6) - 0.5 * std::log(static_cast<double>(w)) - ref;
    });
  }
}

template <class Sink>
void walk_flow(Sink& s, const View& v) {
  const bool volume = !v.blank().volume;
  const bool trades = !v.blank().trades && v.fine();
  const bool taker = !v.blank().taker && v.fine();
  const auto mean_volume = [&](std::size_t w) { return v.mean(w, &Sums::volume, &Sums::n_volume); };
  const auto mean_trades = [&](std::size_t w) { return v.mean(w, &Sums::trades, &Sums::n_trades); };
  for (const std::size_t w : {5, 15, 60, 240}) {
    s.put("volume", w, "ln ratio to the day", Group::volume,
          [&] { return or_nan(volume, log_ratio(mean_volume(w), mean_volume(1440))); });
  }
  s.put("volume", 1440, "ln ratio to the week", Group::volume,
        [&] { return or_nan(volume, log_ratio(mean_volume(1440), mean_volume(10080))); });
  for (const std::size_t w : {5, 15, 60}) {
    s.put("trades", w, "ln ratio to the day", Group::trades,
          [&] { return or_nan(trades, log_ratio(mean_trades(w), mean_trades(1440))); });
  }
  s.put("trades", 1440, "ln ratio to the week", Group::trades,
        [&] { return or_nan(trades, log_ratio(mean_trades(1440), mean_trades(10080))); });
  s.put("trade_size", 15, "ln ratio to the day", Group::trades, [&] {
    const auto size = [&](std::size_t w) { return v.ratio(w, &Sums::trades_volume, &Sums::trades, &Sums::n_trades); };
    return or_nan(trades, log_ratio(size(15), size(1440)));
  });
  const auto flow = [&](std::size_t w) {
    return v.ratio(w, &Sums::signed_volume, &Sums::taker_volume, &Sums::n_taker);
  };
  for (const std::size_t w : {1, 5, 15, 60, 240}) {
    s.put("order_flow", w, "share of volume, -1 to 1", Group::taker, [&] { return or_nan(taker, flow(w)); });
  }
  for (const std::size_t w : {5, 15, 60}) {
    s.put("abs_order_flow", w, "share of volume", Group::taker, [&] { return or_nan(taker, std::abs(flow(w))); });
  }
  for (const std::size_t w : {15, 60}) {
    s.put("buy_led", w, "share of minutes", Group::taker,
          [&] { return or_nan(taker, v.fraction(w, &Sums::buy_led, &Sums::n_taker)); });
  }
}

template <class Sink>
void walk_calendar(Sink& s, const View& v) {
  // The moment that matters is the bar's end, where the window ahead begins.
  const Minute end = v.minute() + 1;
  const std::size_t local = new_york_week_minute(end);
  const auto of_day = [](std::size_t m) { return static_cast<double>(m % 1440); };
  s.put("season_now", 0, "ln factor", Group::calendar, [&] { return std::log(v.season().at(end)); });
  s.put("season_hour_ago", 60, "ln factor", Group::calendar,
        [&] { return std::log(v.season().mean_over(end - 60, 60)); });
  s.put("new_york_minute", 0, "minute of the day", Group::calendar, [&] { return of_day(local); });
  s.put("utc_minute", 0, "minute of the day", Group::calendar, [&] { return of_day(static_cast<std::size_t>(end)); });
  s.put("weekday", 0, "Monday 0, New York", Group::calendar, [&] { return static_cast<double>(local / 1440); });
  s.put("to_next_hour", 0, "minutes", Group::calendar, [&] { return static_cast<double>(60 - end % 60); });
  s.put("american_session", 0, "0 or 1", Group::calendar,
        [&] { return local / 1440 < 5 && of_day(local) >= 570 && of_day(local) < 960 ? 1.0 : 0.0; });
  for (const std::size_t w : {60, 1440}) {
    s.put("release_behind", w, "ln variance factor", Group::calendar,
          [&] { return v.season().log_release_factor(end - static_cast<Minute>(w), static_cast<double>(w)); });
  }
  s.put("since_release", 1440, "minutes, at most a day", Group::calendar, [&] {
    const Release* last = release_before(end);
    return last == nullptr ? 1440.0 : std::min(1440.0, static_cast<double>(end - last->at));
  });
  s.put("resolution", 0, "minutes", Group::fine, [&] { return v.resolution(); });
}

template <class Sink>
void walk(Sink& s, const View& v) {
  const double ref = v.reference();
  walk_volatility(s, v, ref);
  walk_weeks(s, v, ref);
  walk_price(s, v, ref);
  walk_flow(s, v);
  walk_calendar(s, v);
}

struct Names {
  std::vector<FeatureSpec> specs;
  template <class Value>
  void put(const char* name, std::size_t window, const char* unit, Group group, const Value&) {
    const std::string full = window == 0 ? name : fmt::format("{}_{}m", name, window);
    specs.push_back({full, unit, window, (window + 1) / 2, group});
  }
};

struct Values {
  float* out;
  template <class Value>
  void put(const char*, std::size_t, const char*, Group, const Value& value) {
    *out++ = static_cast<float>(value());
  }
};

std::vector<FeatureSpec> moment_specs() {
  History history{Season{}};
  market::Candle bar{Time{0}, 1, 1, 1, 1, 0, 0, 0};
  CHECK(history.append(bar, Duration{kMinuteNs}).has_value());
  const View view{history, 0};
  Names names;
  walk(names, view);
  return std::move(names.specs);
}

}  // namespace

const std::vector<FeatureSpec>& schema() {
  static const auto specs = [] {
    auto all = moment_specs();
    for (const auto& [name, unit] :
         {std::pair{"log_horizon", "ln minutes"}, std::pair{"season_ahead", "ln factor"},
          std::pair{"scale_ratio", "ln"}, std::pair{"scale_reference", "ln"},
          std::pair{"scale_level", "ln volatility per root minute"}, std::pair{"release_ahead", "ln variance factor"},
          std::pair{"log_move", "ln scaled move"}}) {
      all.push_back({name, unit, 0, 0, Group::horizon});
    }
    return all;
  }();
  return specs;
}

std::size_t moment_feature_count() {
  static const std::size_t count = schema().size() - kHorizonFeatures;
  return count;
}

const std::string& schema_hash() {
  static const std::string hash = [] {
    std::string text;
    for (const auto& f : schema()) text += fmt::format("{}|{}|{}\n", f.name, f.unit, f.window_minutes);
    return sha256_hex(text);
  }();
  return hash;
}

void moment_features(const View& view, std::span<float> out) {
  CHECK(out.size() >= moment_feature_count());
  Values values{out.data()};
  walk(values, view);
}

}  // namespace voltage::features
