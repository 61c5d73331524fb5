#include "features/weeks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "features/view.hpp"

namespace voltage::features {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kDay = 1440;
constexpr std::size_t kWeekDays = 7;
constexpr std::size_t kWeekdays = 4;  // how many of the same weekday

// Variance of some minutes, season out.
struct Part {
  double range{};
  double season{};
  std::size_t minutes{};
  std::size_t known{};

  void add(const Sums& from, const Sums& to, std::size_t length) {
    range += to.range5 - from.range5;
    season += to.season5 - from.season5;
    known += static_cast<std::size_t>(to.n5 - from.n5);
    minutes += length;
  }
  double log_volatility() const {
    return season > 0 && 2 * known >= minutes ? 0.5 * std::log(range / season + kVarianceFloor)
                                              : std::numeric_limits<double>::quiet_NaN();
  }
};

float spread_of(const std::vector<Sums>& sums, std::size_t days) {
  const std::size_t now = sums.size() - 1;
  if (now < days * kDay) return kMissing;
  double sum = 0, squares = 0, n = 0;
  for (std::size_t day = 0; day < days; ++day) {
    Part part;
    part.add(sums[now - (day + 1) * kDay], sums[now - day * kDay], kDay);
    const double v = part.log_volatility();
    if (std::isnan(v)) continue;
    sum += v;
    squares += v * v;
    n += 1;
  }
  if (2 * n < static_cast<double>(days)) return kMissing;
  return static_cast<float>(std::sqrt(std::max(0.0, squares / n - sum * sum / (n * n))));
}

// Of `count` days, every `step` days back.
float clock_of(const std::vector<Sums>& sums, std::size_t minutes, std::size_t count, std::size_t step) {
  const std::size_t now = sums.size() - 1, back = count * step * kDay;
  if (now < back) return kMissing;
  Part part, whole;
  whole.add(sums[now - back], sums[now], back);
  for (std::size_t i = 1; i <= count; ++i) {
    const std::size_t from = now - i * step * kDay;
    part.add(sums[from], sums[from + minutes], minutes);
  }
  return static_cast<float>(part.log_volatility() - whole.log_volatility());
}

}  // namespace

Weeks look_back(const std::vector<Sums>& sums) {
  Weeks out;
  for (std::size_t i = 0; i < kSpreadDays.size(); ++i) out.spread[i] = spread_of(sums, kSpreadDays[i]);
  for (std::size_t w = 0; w < kClockMinutes.size(); ++w) {
    for (std::size_t k = 0; k < kClockDays.size(); ++k)
      out.clock[w][k] = clock_of(sums, kClockMinutes[w], kClockDays[k], 1);
    out.clock[w][kClockDays.size()] = clock_of(sums, kClockMinutes[w], kWeekdays, kWeekDays);
  }
  return out;
}

}  // namespace voltage::features
