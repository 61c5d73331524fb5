#include "features/season.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace voltage::features {
namespace {

struct DaylightSpan {
  Minute begin;
  Minute end;
};

// New York keeps daylight time from the second Sunday of March, 07:00 UTC, to the first Sunday of
// November, 06:00 UTC (Energy Policy Act of 2005).
DaylightSpan daylight_span(int year) {
  using namespace std::chrono;
  const auto minutes_of = [](sys_days day) { return Minute{day.time_since_epoch().count()} * 24 * 60; };
  const sys_days begin{std::chrono::year{year} / March / Sunday[2]};
  const sys_days end{std::chrono::year{year} / November / Sunday[1]};
  return {minutes_of(begin) + 7 * 60, minutes_of(end) + 6 * 60};
}

constexpr std::size_t kQuarter = 15;  // minutes
constexpr int kFirstYear = 2010;
constexpr std::size_t kYears = 60;

const std::array<DaylightSpan, kYears>& daylight_spans() {
  static const auto spans = [] {
    std::array<DaylightSpan, kYears> out{};
    for (std::size_t i = 0; i < kYears; ++i) out[i] = daylight_span(kFirstYear + static_cast<int>(i));
    return out;
  }();
  return spans;
}

}  // namespace

Minute new_york_behind(Minute minute) {
  // 365.2425 days: the year is right but within hours of New Year, when no daylight span is near.
  const double years = static_cast<double>(minute) / (365.2425 * 24 * 60) + 1970 - kFirstYear;
  const auto index = static_cast<std::size_t>(std::clamp(years, 0.0, static_cast<double>(kYears - 1)));
  const DaylightSpan& span = daylight_spans()[index];
  return minute >= span.begin && minute < span.end ? 240 : 300;
}

std::size_t new_york_week_minute(Minute minute) {
  const Minute local = minute - new_york_behind(minute);
  constexpr Minute week = kWeekMinutes;
  const Minute since_monday = local - 4 * 24 * 60;  // the epoch was a Thursday; Monday came four days later
  return static_cast<std::size_t>(((since_monday % week) + week) % week);
}

Season::Season() : Season(std::vector<double>(kSeasonBins, 1.0)) {}

MinuteProfile flat_minutes() {
  MinuteProfile flat{};
  flat.fill(1);
  return flat;
}

Season::Season(const std::vector<double>& factors, const ReleaseProfile& releases, const MinuteProfile& minutes)
    : minutes_{minutes}, sums_(kWeekMinutes + 1, 0.0), releases_{releases} {
  CHECK(factors.size() == kSeasonBins);
  const auto sum = [](auto first, auto last) {
    CHECK(std::all_of(first, last, [](double f) { return std::isfinite(f) && f > 0; }));
    return std::accumulate(first, last, 0.0);
  };
  // What has a mean of one to rounding stays as it is, so that a season made of a season's own factors is the same.
  const auto even = [](double mean) { return std::abs(mean - 1) < 1e-12; };
  std::copy(factors.begin(), factors.end(), factors_.begin());
  const double level = sum(factors.begin(), factors.end()) / static_cast<double>(kSeasonBins);
  if (!even(level)) {
    for (double& f : factors_) f /= level;
  }
  for (std::size_t quarter = 0; quarter < kHourMinutes; quarter += kQuarter) {
    const auto first = minutes_.begin() + static_cast<std::ptrdiff_t>(quarter);
    const double mean = sum(first, first + kQuarter) / kQuarter;
    if (even(mean)) continue;
    std::for_each(first, first + kQuarter, [&](double& f) { f /= mean; });
  }
  for (std::size_t i = 0; i < kWeekMinutes; ++i) {
    sums_[i + 1] = sums_[i] + factors_[i / kQuarter] * minutes_[i % kHourMinutes];
  }
}

double Season::sum_to(double week_minutes) const {
  constexpr double week = kWeekMinutes;
  const double weeks = std::floor(week_minutes / week);
  const double inside = week_minutes - weeks * week;
  const auto whole = std::min(static_cast<std::size_t>(inside), kWeekMinutes - 1);
  return weeks * sums_.back() + sums_[whole] +
         (inside - static_cast<double>(whole)) * (sums_[whole + 1] - sums_[whole]);
}

double Season::mean_over(Minute begin, double minutes) const {
  CHECK(minutes > 0);
  const auto from = static_cast<double>(new_york_week_minute(begin));
  return (sum_to(from + minutes) - sum_to(from)) / minutes;
}

double Season::log_release_factor(Minute begin, double minutes) const {
  CHECK(minutes > 0);
  const auto all = voltage::features::releases();
  const auto first = std::lower_bound(all.begin(), all.end(), begin - kReleaseEdges.back(),
                                      [](const Release& r, Minute m) { return r.at < m; });
  double excess = 0;
  for (auto r = first; r != all.end(); ++r) {
    const auto from = static_cast<double>(begin - r->at);  // the window, counted from the release
    const double to = from + minutes;
    if (to <= kReleaseEdges.front()) break;
    const auto& profile = releases_[static_cast<std::size_t>(r->kind)];
    for (std::size_t k = 0; k < kReleaseBins; ++k) {
      const double overlap = std::min<double>(to, kReleaseEdges[k + 1]) - std::max<double>(from, kReleaseEdges[k]);
      if (overlap > 0) excess += overlap * (profile[k] - 1) * at(r->at + kReleaseEdges[k]);
    }
  }
  return excess > 0 ? std::log1p(excess / (minutes * mean_over(begin, minutes))) : 0;
}

}  // namespace voltage::features
