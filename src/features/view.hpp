#pragma once
// What a model may know at one minute: windows that end there. Every mean is NaN unless at least half of
// its window's minutes have a bar: an outage makes a number missing, never made up. (A stricter rule throws away what
// is known of the last half hour for a hole of a few minutes, and the next longer window stands in for it.)
#include <array>
#include <cmath>
#include <limits>

#include "features/history.hpp"

namespace voltage::features {

// Input taken away, as it goes missing when served: in training at random, in serving never.
struct Blank {
  bool fine{false};  // stand on 5-minute quantities alone
  bool volume{false};
  bool trades{false};
  bool taker{false};
  std::size_t minutes{std::numeric_limits<std::size_t>::max()};  // windows longer than this, as after a cold start
};

inline constexpr double kVarianceFloor = 1e-10;  // per minute: a tenth of a basis point

class View {
 public:
  // `slot` must be one at which a bar ends.
  View(const History& history, std::size_t slot, Blank blank = {})
      : history_{&history}, slot_{slot}, blank_{blank}, now_{&history.sums_before(slot + 1)} {
    fine_ = !blank.fine && point().fine;
    const double variance = point().coarse_ewma[3];
    reference_ = 0.5 * std::log((variance >= 0 ? variance : kNaN) + kVarianceFloor);
  }

  Minute minute() const { return history_->minute_of(slot_); }
  const Point& point() const { return history_->point(slot_); }
  const Season& season() const { return history_->season(); }
  bool fine() const { return fine_; }
  // Minutes of the bar that the moment stands on.
  double resolution() const { return fine_ ? 1 : !blank_.fine && point().quarter ? 15 : 5; }
  const Blank& blank() const { return blank_; }
  // Log of the day's volatility per root minute with the season taken out; NaN before the second bar.
  double reference() const { return reference_; }

  // Mean variance per minute with the season taken out (raw: with it), over the last w minutes.
  double var5(std::size_t w) const { return per_season(w, &Sums::var5, &Sums::n5, &Sums::season5); }
  double range5(std::size_t w) const { return per_season(w, &Sums::range5, &Sums::n5, &Sums::season5); }
  double var1(std::size_t w) const { return fine_ ? per_season(w, &Sums::var1, &Sums::n1, &Sums::season1) : kNaN; }
  double range1(std::size_t w) const { return fine_ ? per_season(w, &Sums::range1, &Sums::n1, &Sums::season1) : kNaN; }
  double mean(std::size_t w, double Sums::* sum, std::int32_t Sums::* count) const {
    const Sums* then = before(w);
    if (then == nullptr) return kNaN;
    const std::int32_t n = now_->*count - then->*count;
    return enough(n, w) ? (now_->*sum - then->*sum) / n : kNaN;
  }
  // Sum of one quantity over that of another, where `count` minutes have both.
  double ratio(std::size_t w, double Sums::* sum, double Sums::* over, std::int32_t Sums::* count) const {
    const Sums* then = before(w);
    if (then == nullptr || !enough(now_->*count - then->*count, w)) return kNaN;
    const double below = now_->*over - then->*over;
    return below > 0 ? (now_->*sum - then->*sum) / below : kNaN;
  }
  double fraction(std::size_t w, std::int32_t Sums::* part, std::int32_t Sums::* count) const {
    const Sums* then = before(w);
    if (then == nullptr) return kNaN;
    const std::int32_t n = now_->*count - then->*count;
    return enough(n, w) ? static_cast<double>(now_->*part - then->*part) / n : kNaN;
  }
  bool covered(std::size_t w, std::int32_t Sums::* count) const {
    const Sums* then = before(w);
    return then != nullptr && enough(now_->*count - then->*count, w);
  }
  // ln(C[t]/C[t-w]); NaN if no bar ends there.
  double log_return(std::size_t w) const {
    return slot_ >= w && w <= blank_.minutes ? point().log_close - history_->point(slot_ - w).log_close : kNaN;
  }
  // Exponentially weighted variance per minute, season out; NaN if two half-lives are not covered.
  double fine_ewma(std::size_t i) const {
    const auto w = static_cast<std::size_t>(2 * kFineHalfLives[i]);
    return fine_ && covered(w, &Sums::n1) ? point().fine_ewma[i] : kNaN;
  }
  double coarse_ewma(std::size_t i) const {
    const auto w = static_cast<std::size_t>(std::min(2 * kCoarseHalfLives[i], 10080.0));
    return covered(w, &Sums::n5) ? point().coarse_ewma[i] : kNaN;
  }

  // How peaked five-minute moves have been for weeks; NaN until a week is known.
  double small_share() const { return covered(10080, &Sums::n5) ? point().small_share : kNaN; }
  double log_peak() const { return covered(10080, &Sums::n5) ? point().log_peak : kNaN; }
  // features/weeks; NaN where the days are not known.
  double day_spread(std::size_t i) const {
    const Weeks* weeks = known_weeks(kSpreadDays[i]);
    return weeks == nullptr ? kNaN : static_cast<double>(weeks->spread[i]);
  }
  double at_this_hour(std::size_t minutes, std::size_t days) const {
    constexpr std::size_t weekdays = 28;
    const Weeks* weeks = known_weeks(days < kClockDays.size() ? kClockDays[days] : weekdays);
    return weeks == nullptr ? kNaN : static_cast<double>(weeks->clock[minutes][days]);
  }
  // Of the variance in each five minutes of the hour, what lately is beyond the bundle's profile: factor − 1, mean 0.
  std::array<double, kHourSlots> slot_excess() const;

  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

 private:
  const Sums* before(std::size_t w) const {
    return slot_ + 1 >= w && w <= blank_.minutes ? &history_->sums_before(slot_ + 1 - w) : nullptr;
  }
  const Weeks* known_weeks(std::size_t days) const {
    return days * 1440 <= blank_.minutes ? history_->weeks(slot_) : nullptr;
  }
  static bool enough(std::int32_t n, std::size_t w) { return 2 * static_cast<std::size_t>(n) >= w; }
  double per_season(std::size_t w, double Sums::* sum, std::int32_t Sums::* count, double Sums::* season) const {
    return ratio(w, sum, season, count);
  }

  const History* history_;
  std::size_t slot_;
  Blank blank_;
  const Sums* now_;
  bool fine_{};
  double reference_{};
};

}  // namespace voltage::features
