#pragma once
// The season of Bitcoin's variance, mean 1 over the week. The hour of the week: a factor for every quarter of an
// hour, on New York's local clock, because the strongest edges of the day (the American open, its data releases)
// follow that clock through daylight saving. The minute of the hour: programs trade when a quarter of an hour
// begins, so its first minutes move about a third more than its last, and on the last the contracts settle.
// Plain tables; learnt by model/, kept in the bundle.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.hpp"
#include "features/releases.hpp"

namespace voltage::features {

inline constexpr std::size_t kWeekMinutes = 7 * 24 * 60;
inline constexpr std::size_t kSeasonBins = kWeekMinutes / 15;
inline constexpr std::size_t kHourMinutes = 60;

using MinuteProfile = std::array<double, kHourMinutes>;  // variance factors of the minutes of an hour
MinuteProfile flat_minutes();

inline constexpr std::int64_t kMinuteNs = 60'000'000'000;

// Minute of the week on New York's clock (Monday 00:00 is 0), in [0, kWeekMinutes).
std::size_t new_york_week_minute(Minute minute);
// Minutes by which New York's clock is behind UTC then: 240 or 300.
Minute new_york_behind(Minute minute);

class Season {
 public:
  Season();  // flat: 1 everywhere
  // Factors of the 672 quarter hours, all > 0, scaled to mean 1; those of the minutes, scaled to mean 1 in each
  // quarter.
  explicit Season(const std::vector<double>& factors, const ReleaseProfile& releases = flat_profile(),
                  const MinuteProfile& minutes = flat_minutes());

  double at(Minute minute) const {
    const std::size_t week_minute = new_york_week_minute(minute);
    return sums_[week_minute + 1] - sums_[week_minute];
  }
  // Mean factor over [begin, begin + minutes); minutes > 0, fractions of a minute allowed.
  double mean_over(Minute begin, double minutes) const;
  // Ln of how many times the ordinary variance of [begin, begin + minutes) there is with its releases; 0 without one.
  double log_release_factor(Minute begin, double minutes) const;
  const ReleaseProfile& release_profile() const { return releases_; }
  std::vector<double> factors() const { return {factors_.begin(), factors_.end()}; }
  const MinuteProfile& minutes() const { return minutes_; }

 private:
  double sum_to(double week_minutes) const;  // of the factors over the first minutes of an endless week

  std::array<double, kSeasonBins> factors_{};
  MinuteProfile minutes_{};
  std::vector<double> sums_;  // sums_[i]: of the first i minutes of the week
  ReleaseProfile releases_{};
};

}  // namespace voltage::features
