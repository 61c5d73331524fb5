#pragma once
// The candle history that features read: an append-only grid of minutes with running sums, so that the
// mean over any window costs two look-ups, live and in batch alike. What stands at a minute never
// changes when later bars come: a feature of minute t is a function of the bars up to t.
//
// Bars of 1 minute ("fine") and of 5 or 15 minutes ("coarse") may be mixed; a coarse bar is taken only where
// its minutes have no fine bar, and it is known only at its last minute. Volatility is kept twice:
// from 1-minute returns and ranges (fine bars only), and from 5-minute returns and ranges, which fine
// bars give too, overlapping; their expectation is the same from both kinds of bar, so a model that
// stands on them may change the resolution without a bias. Missing minutes stay missing.
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "features/rhythm.hpp"
#include "features/season.hpp"
#include "features/weeks.hpp"
#include "market/candle.hpp"

namespace voltage::features {

inline constexpr std::array<double, 4> kFineHalfLives{5, 15, 60, 240};                     // minutes
inline constexpr std::array<double, 6> kCoarseHalfLives{30, 120, 480, 1440, 5760, 20160};  // minutes

// Running sums of everything up to and including a minute. Variances are per minute.
struct Sums {
  double var5{};    // squared 5-minute returns / 5
  double range5{};  // Parkinson variance of 5-minute ranges / 5
  double log_range5{};
  double log_range5_square{};
  double var1{};
  double bipower1{};
  double range1{};
  double volume{};
  double trades{};
  double signed_volume{};  // 2·taker_buy − volume
  double taker_volume{};   // volume of the bars that have taker_buy
  double trades_volume{};  // volume of the bars that have a trade count
  double season5{};        // season factor of the minutes counted in n5
  double season1{};
  std::int32_t covered{};  // minutes with a bar of either kind
  std::int32_t n5{};
  std::int32_t n1{};
  std::int32_t fine{};
  std::int32_t n_volume{};
  std::int32_t n_trades{};
  std::int32_t n_taker{};
  std::int32_t buy_led{};   // minutes with more bought than sold by takers
  std::int32_t quarters{};  // minutes known from 15-minute bars alone
};

// What the last minutes stand on: how many come from bars of 1, 5 and 15 minutes, and how many have none.
struct Standing {
  std::int32_t one{}, five{}, fifteen{}, none{};
};

// What is known at one minute.
struct Point {
  double log_close{};  // NaN where no bar ends
  float return1{};     // NaN without a close a minute before
  float high60{}, low60{}, high1440{},
      low1440{};                         // log prices over the last minutes, relative to log_close; NaN at a gap
  float max_return15{}, max_return60{};  // largest |1-minute return|
  std::array<float, kFineHalfLives.size()> fine_ewma{};      // variance per minute, season taken out
  std::array<float, kCoarseHalfLives.size()> coarse_ewma{};  // the same from 5-minute returns
  // Of the last five-minute slot that ended: features/rhythm.
  float log_slot{};                 // its range over that of all slots, where one ends here; 0 elsewhere
  float small_share{}, log_peak{};  // the shape of five-minute moves
  bool fine{};                      // a 1-minute bar ends here
  bool quarter{};                   // a 15-minute bar ends here
};

class History {
 public:
  explicit History(Season season) : season_{std::move(season)} {}

  // Refuses a bar that does not come after all bars before it, is not aligned, or whose interval is
  // none of 1, 5 and 15 minutes. The bar must be sane (market::insanity).
  Status append(const market::Candle& bar, Duration interval);
  void reserve(std::size_t minutes);

  bool empty() const { return points_.empty(); }
  std::size_t size() const { return points_.size(); }
  Minute origin() const { return origin_; }
  // Slot of the minute that ends a bar beginning (for a coarse bar: ending) there; -1 if there is none.
  std::ptrdiff_t slot_of(Minute minute) const;
  Minute minute_of(std::size_t slot) const { return origin_ + static_cast<Minute>(slot); }
  const Point& point(std::size_t slot) const { return points_[slot]; }
  const Sums& sums_before(std::size_t slot) const { return sums_[slot]; }  // up to, not including slot
  const Season& season() const { return season_; }
  // As of the last quarter of an hour that ended by then; null before the first.
  const Weeks* weeks(std::size_t slot) const;
  // Of the `minutes` up to and including the slot; what lies before the first bar is none.
  Standing standing(std::size_t slot, std::size_t minutes) const;

 private:
  struct Ewma {
    double sum{};
    double weight{};
  };
  // The extreme of the last minutes: slots whose value no later one beats.
  struct Extreme {
    std::vector<std::pair<std::size_t, double>> queue;
    std::size_t head{};
    void add(std::size_t slot, double value, std::size_t window);  // slots ascending
    double highest() const { return queue[head].second; }
  };

  void add_gap();
  void add_fine(const market::Candle& bar);
  void add_coarse(const market::Candle& bar, std::size_t minutes);
  void finish_slot(Sums sums, Point point, const market::Candle* bar);
  void fine_variances(std::size_t slot, const market::Candle& bar, Sums& sums, Point& point);
  void fold_ewma(const Sums& before, const Sums& after, Point& point);
  void fold_rhythm(const Sums& before, const Sums& after, Point& point);
  void fold_extremes(std::size_t slot, double log_high, double log_low, Point& point);

  Season season_;
  Minute origin_{};
  std::vector<Point> points_;
  std::vector<Weeks> weeks_;  // at the end of each quarter of an hour
  std::vector<Sums> sums_;    // sums_[i] is before slot i; one more than points_
  std::array<Ewma, kFineHalfLives.size()> fine_{};
  std::array<Ewma, kCoarseHalfLives.size()> coarse_{};
  std::array<Extreme, 4> extremes_;  // high60 low60 high1440 low1440
  Rhythm rhythm_;
  Extreme largest15_, largest60_;  // |1-minute return|
  std::array<double, 5> last_highs_{};
  std::array<double, 5> last_lows_{};
};

}  // namespace voltage::features
