#include "features/history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace voltage::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kNaNf = std::numeric_limits<float>::quiet_NaN();
constexpr double kParkinson = 0.36067376022224085;  // 1 / (4 ln 2)
constexpr double kBipower = 1.5707963267948966;     // pi / 2
constexpr double kLogFloor = 1e-9;                  // variance per minute of a dead-quiet market: 0.3 bp
constexpr std::size_t kCoarse = 5;
constexpr std::size_t kQuarter = 15;

double decay(double half_life) {
  return std::exp2(-1.0 / half_life);
}

double square(double x) {
  return x * x;
}

}  // namespace

void History::reserve(std::size_t minutes) {
  points_.reserve(minutes);
  sums_.reserve(minutes + 1);
}

std::ptrdiff_t History::slot_of(Minute minute) const {
  const auto slot = static_cast<std::ptrdiff_t>(minute - origin_);
  if (slot < 0 || slot >= std::ssize(points_)) return -1;
  return std::isnan(points_[static_cast<std::size_t>(slot)].log_close) ? -1 : slot;
}

Status History::append(const market::Candle& bar, Duration interval) {
  const std::int64_t minutes = interval.ns / kMinuteNs;
  if (interval.ns % kMinuteNs != 0 || (minutes != 1 && minutes != 5 && minutes != 15)) {
    return fail(fmt::format("a bar of {} s; features stand on bars of 1, 5 or 15 minutes", interval.seconds()));
  }
  if (bar.begin.ns % interval.ns != 0) return fail(fmt::format("bar at {} ms is not aligned", bar.begin.ms()));
  const Minute begin = bar.begin.ns / kMinuteNs;
  if (points_.empty()) {
    origin_ = begin;
    sums_.emplace_back();
  }
  const Minute next = minute_of(points_.size());
  if (begin < next) return fail(fmt::format("bar at {} ms does not come after the ones before it", bar.begin.ms()));
  constexpr Minute gap_max = 20LL * 366 * 24 * 60;
  if (begin - next > gap_max) return fail(fmt::format("bar at {} ms lies decades after the last", bar.begin.ms()));
  for (Minute m = next; m < begin; ++m) add_gap();
  if (minutes == 1) {
    add_fine(bar);
  } else {
    add_coarse(bar, static_cast<std::size_t>(minutes));
  }
  return {};
}

Standing History::standing(std::size_t slot, std::size_t minutes) const {
  const std::size_t from = slot + 1 > minutes ? slot + 1 - minutes : 0;
  const Sums &before = sums_[from], &now = sums_[slot + 1];
  const std::int32_t covered = now.covered - before.covered;
  Standing s;
  s.one = now.fine - before.fine;
  s.fifteen = now.quarters - before.quarters;
  s.five = covered - s.one - s.fifteen;
  s.none = static_cast<std::int32_t>(minutes) - covered;
  return s;
}

const Weeks* History::weeks(std::size_t slot) const {
  constexpr Minute quarter = kQuarter;
  const Minute first = origin_ / quarter + 1;  // the quarter that ends after the first minute
  const Minute at = (minute_of(slot) + 1) / quarter - first;
  return at < 0 ? nullptr : &weeks_[static_cast<std::size_t>(at)];
}

void History::add_gap() {
  Point point;
  point.log_close = kNaN;
  point.return1 = kNaNf;
  finish_slot(sums_.back(), point, nullptr);
}

void History::fine_variances(std::size_t slot, const market::Candle& bar, Sums& sums, Point& point) {
  point.log_close = std::log(bar.close);
  point.return1 = kNaNf;
  point.fine = true;
  const double range1 = kParkinson * square(std::log(bar.high / bar.low));
  sums.fine += 1;
  sums.range1 += range1;
  const bool follows = slot > 0 && !std::isnan(points_[slot - 1].log_close);
  if (!follows) return;
  const double r = point.log_close - points_[slot - 1].log_close;
  point.return1 = static_cast<float>(r);
  sums.n1 += 1;
  sums.var1 += r * r;
  sums.season1 += season_.at(minute_of(slot));
  const float before = points_[slot - 1].return1;
  sums.bipower1 += std::isnan(before) ? r * r : kBipower * std::abs(r) * std::abs(static_cast<double>(before));

  // After coarse bars or a gap the close five minutes ago may be unknown: one minute stands in for it.
  double var5 = r * r;
  double range5 = range1;
  const bool five = slot >= kCoarse && !std::isnan(points_[slot - kCoarse].log_close);
  const bool ranges = slot + 1 >= kCoarse && sums.fine - sums_[slot + 1 - kCoarse].fine == kCoarse;
  if (five) var5 = square(point.log_close - points_[slot - kCoarse].log_close) / kCoarse;
  if (ranges) {
    double high = bar.high;
    double low = bar.low;
    for (std::size_t back = 1; back < kCoarse; ++back) {
      high = std::max(high, last_highs_[(slot - back) % kCoarse]);
      low = std::min(low, last_lows_[(slot - back) % kCoarse]);
    }
    range5 = kParkinson * square(std::log(high / low)) / kCoarse;
  }
  sums.n5 += 1;
  sums.var5 += var5;
  sums.range5 += range5;
  sums.season5 += season_.mean_over(minute_of(slot) - (kCoarse - 1), kCoarse);
  const double log_range = 0.5 * std::log(range5 + kLogFloor);
  sums.log_range5 += log_range;
  sums.log_range5_square += log_range * log_range;
}

namespace {

void add_volume(const market::Candle& bar, Sums& sums) {
  if (std::isnan(bar.volume)) return;
  sums.n_volume += 1;
  sums.volume += bar.volume;
  if (!std::isnan(bar.trades)) {
    sums.n_trades += 1;
    sums.trades += bar.trades;
    sums.trades_volume += bar.volume;
  }
  if (!std::isnan(bar.taker_buy)) {
    const double signed_volume = 2 * bar.taker_buy - bar.volume;
    sums.n_taker += 1;
    sums.signed_volume += signed_volume;
    sums.taker_volume += bar.volume;
    sums.buy_led += signed_volume > 0 ? 1 : 0;
  }
}

}  // namespace

void History::add_fine(const market::Candle& bar) {
  const std::size_t slot = points_.size();
  Sums sums = sums_.back();
  Point point;
  sums.covered += 1;
  add_volume(bar, sums);
  fine_variances(slot, bar, sums, point);
  last_highs_[slot % kCoarse] = bar.high;
  last_lows_[slot % kCoarse] = bar.low;
  finish_slot(sums, point, &bar);
}

void History::add_coarse(const market::Candle& bar, std::size_t minutes) {
  const std::size_t first = points_.size();
  const double before = first > 0 ? points_[first - 1].log_close : kNaN;
  const double log_close = std::log(bar.close);
  // Without a close right before it the bar's own open is where the price came from.
  const double from = std::isnan(before) ? std::log(bar.open) : before;
  const auto span = static_cast<double>(minutes);
  const double var5 = square(log_close - from) / span;
  const double range5 = kParkinson * square(std::log(bar.high / bar.low)) / span;
  const double log_range = 0.5 * std::log(range5 + kLogFloor);
  const double season = season_.mean_over(minute_of(first), span);
  for (std::size_t k = 0; k < minutes; ++k) {
    const bool last = k + 1 == minutes;
    Sums sums = sums_.back();
    Point point;
    sums.covered += 1;
    sums.quarters += minutes == kQuarter ? 1 : 0;
    sums.n5 += 1;
    sums.var5 += var5;
    sums.range5 += range5;
    sums.log_range5 += log_range;
    sums.log_range5_square += log_range * log_range;
    sums.season5 += season;
    if (!std::isnan(bar.volume)) {
      sums.n_volume += 1;
      sums.volume += bar.volume / span;
    }
    point.log_close = last ? log_close : kNaN;
    point.return1 = kNaNf;
    point.quarter = last && minutes == kQuarter;
    finish_slot(sums, point, last ? &bar : nullptr);
  }
}

void History::finish_slot(Sums sums, Point point, const market::Candle* bar) {
  const std::size_t slot = points_.size();
  fold_ewma(sums_.back(), sums, point);
  fold_rhythm(sums_.back(), sums, point);
  point.high60 = point.low60 = point.high1440 = point.low1440 = kNaNf;
  point.max_return15 = point.max_return60 = kNaNf;
  if (bar != nullptr) fold_extremes(slot, std::log(bar->high), std::log(bar->low), point);
  if (point.fine) {
    const double size = std::isnan(point.return1) ? 0 : std::abs(static_cast<double>(point.return1));
    const auto largest = [&](Extreme& e, std::size_t window) {
      e.add(slot, size, window);
      return static_cast<float>(e.highest());
    };
    point.max_return60 = largest(largest60_, 60);
    const float in15 = largest(largest15_, 15);
    if (slot >= 14) point.max_return15 = in15;
  }
  points_.push_back(point);
  sums_.push_back(sums);
  if ((minute_of(slot) + 1) % static_cast<Minute>(kQuarter) == 0) weeks_.push_back(look_back(sums_));
}

void History::fold_ewma(const Sums& before, const Sums& after, Point& point) {
  static const auto fine_decay = [] {
    std::array<double, kFineHalfLives.size()> d{};
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = decay(kFineHalfLives[i]);
    return d;
  }();
  static const auto coarse_decay = [] {
    std::array<double, kCoarseHalfLives.size()> d{};
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = decay(kCoarseHalfLives[i]);
    return d;
  }();
  const auto fold = [](Ewma& ewma, double d, double value) {
    ewma.sum = d * ewma.sum + value;
    ewma.weight = d * ewma.weight + 1;
  };
  if (after.n1 > before.n1) {
    const double value = (after.var1 - before.var1) / (after.season1 - before.season1);
    for (std::size_t i = 0; i < fine_.size(); ++i) fold(fine_[i], fine_decay[i], value);
  }
  if (after.n5 > before.n5) {
    const double value = (after.var5 - before.var5) / (after.season5 - before.season5);
    for (std::size_t i = 0; i < coarse_.size(); ++i) fold(coarse_[i], coarse_decay[i], value);
  }
  for (std::size_t i = 0; i < fine_.size(); ++i) {
    point.fine_ewma[i] = fine_[i].weight > 0 ? static_cast<float>(fine_[i].sum / fine_[i].weight) : kNaNf;
  }
  for (std::size_t i = 0; i < coarse_.size(); ++i) {
    point.coarse_ewma[i] = coarse_[i].weight > 0 ? static_cast<float>(coarse_[i].sum / coarse_[i].weight) : kNaNf;
  }
}

// A quarter-hour bar says nothing of its five-minute slots, and a slot is measured only where the volatility at its
// begin is known.
void History::fold_rhythm(const Sums& before, const Sums& after, Point& point) {
  const std::size_t slot = points_.size();
  const Minute minute = minute_of(slot);
  const bool ends = (minute + 1) % kSlotMinutes == 0 && after.n5 > before.n5 && after.quarters == before.quarters;
  if (ends && slot >= kCoarse) {
    const double expected =
        static_cast<double>(points_[slot - kCoarse].coarse_ewma[0]) * (after.season5 - before.season5);
    if (expected > kLogFloor) {
      rhythm_.add(hour_slot(minute), std::sqrt((after.range5 - before.range5) / expected),
                  std::sqrt((after.var5 - before.var5) / expected));
    }
    point.log_slot = static_cast<float>(rhythm_.log_slot(hour_slot(minute)));
  }
  constexpr double known_from = 7 * 24 * static_cast<double>(kHourSlots) * 0.8;  // a week, and what has faded of it
  const bool known = rhythm_.slots_seen() > known_from;
  point.small_share = known ? static_cast<float>(rhythm_.small_share()) : kNaNf;
  point.log_peak = known ? static_cast<float>(rhythm_.log_peak()) : kNaNf;
}

void History::Extreme::add(std::size_t slot, double value, std::size_t window) {
  while (queue.size() > head && queue.back().second <= value) queue.pop_back();
  queue.emplace_back(slot, value);
  while (queue[head].first + window <= slot) ++head;
  if (head > 4096 && 2 * head > queue.size()) {
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(head));
    head = 0;
  }
}

void History::fold_extremes(std::size_t slot, double log_high, double log_low, Point& point) {
  static constexpr std::array<std::size_t, 4> windows{60, 60, 1440, 1440};
  std::array<float*, 4> out{&point.high60, &point.low60, &point.high1440, &point.low1440};
  for (std::size_t k = 0; k < extremes_.size(); ++k) {
    auto& e = extremes_[k];
    const double sign = k % 2 == 0 ? 1 : -1;  // lows are highs of the negated price
    const double value = sign * (k % 2 == 0 ? log_high : log_low);
    e.add(slot, value, windows[k]);
    if (slot + 1 >= windows[k]) *out[k] = static_cast<float>(sign * e.highest() - point.log_close);
  }
}

}  // namespace voltage::features
