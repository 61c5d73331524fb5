#pragma once
// The hour-of-week season of Bitcoin's variance: a factor with mean 1 for every quarter of an hour of
// the week, on New York's local clock, because the strongest edges of the day (the American open, its
// data releases) follow that clock through daylight saving. A plain table; learnt by model/, kept in the bundle.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.hpp"
#include "features/releases.hpp"

namespace voltage::features {

inline constexpr std::size_t kWeekMinutes = 7 * 24 * 60;
inline constexpr std::size_t kSeasonBins = kWeekMinutes / 15;

inline constexpr std::int64_t kMinuteNs = 60'000'000'000;

// Minute of the week on New York's clock (Monday 00:00 is 0), in [0, kWeekMinutes).
std::size_t new_york_week_minute(Minute minute);
// Minutes by which New York's clock is behind UTC then: 240 or 300.
Minute new_york_behind(Minute minute);

class Season {
 public:
  Season();  // flat: 1 everywhere
  // Factors of the 672 quarter hours, all > 0; scaled to mean 1.
  explicit Season(const std::vector<double>& factors, const ReleaseProfile& releases = flat_profile());

  double at(Minute minute) const { return factors_[new_york_week_minute(minute) / 15]; }
  // Mean factor over [begin, begin + minutes); minutes > 0, fractions of a minute allowed.
  double mean_over(Minute begin, double minutes) const;
  // Ln of how many times the ordinary variance of [begin, begin + minutes) there is with its releases; 0 without one.
  double log_release_factor(Minute begin, double minutes) const;
  const ReleaseProfile& release_profile() const { return releases_; }
  std::vector<double> factors() const { return {factors_.begin(), factors_.end()}; }

 private:
  double sum_to(double week_minutes) const;  // of the factors over the first minutes of an endless week

  std::array<double, kSeasonBins> factors_{};
  std::array<double, kSeasonBins + 1> sums_{};
  ReleaseProfile releases_{};
};

}  // namespace voltage::features
