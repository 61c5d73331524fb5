// The calendar of releases and what is learnt of it: New York's clock, the share of a window, a planted profile.
#include <gtest/gtest.h>

#include <cmath>

#include "base/time.hpp"
#include "features/assemble.hpp"
#include "features/paths.hpp"

namespace voltage::features {
namespace {

Minute minute_of(const char* iso) {
  return parse_iso(iso)->ns / kMinuteNs;
}

ReleaseProfile only(ReleaseKind kind, std::size_t bin, double factor) {
  auto profile = flat_profile();
  profile[static_cast<std::size_t>(kind)][bin] = factor;
  return profile;
}

constexpr std::size_t kFirstMinute = 1;  // the bin [0, 1)

TEST(Releases, stand_on_new_yorks_clock_in_summer_and_in_winter) {
  const auto kind_at = [](const char* iso) {
    const Release* r = release_before(minute_of(iso));
    return r != nullptr && r->at == minute_of(iso) ? static_cast<int>(r->kind) : -1;
  };
  EXPECT_EQ(kind_at("2025-05-13T12:30:00Z"), static_cast<int>(ReleaseKind::prices));
  EXPECT_EQ(kind_at("2025-01-15T13:30:00Z"), static_cast<int>(ReleaseKind::prices));
  EXPECT_EQ(kind_at("2025-03-19T18:00:00Z"), static_cast<int>(ReleaseKind::rates));
  EXPECT_EQ(kind_at("2024-12-18T19:00:00Z"), static_cast<int>(ReleaseKind::rates));
  EXPECT_EQ(kind_at("2026-04-03T12:30:00Z"), static_cast<int>(ReleaseKind::jobs));
  EXPECT_EQ(release_before(minute_of("2020-12-31T00:00:00Z")), nullptr);
}

TEST(Releases, are_in_order_a_dozen_a_year_of_each_report_and_on_working_days) {
  std::array<int, kReleaseKinds> count{};
  Minute before = 0;
  for (const Release& r : releases()) {
    EXPECT_GT(r.at, before);
    before = r.at;
    ++count[static_cast<std::size_t>(r.kind)];
    EXPECT_LT(new_york_week_minute(r.at), 5U * 1440) << r.at;
  }
  EXPECT_EQ(count, (std::array<int, kReleaseKinds>{71, 71, 48}));
}

TEST(Releases, a_window_pays_for_the_part_of_a_release_that_falls_into_it) {
  const Minute at = minute_of("2025-05-13T12:30:00Z");
  const Season season{std::vector<double>(kSeasonBins, 1.0), only(ReleaseKind::prices, kFirstMinute, 61)};
  EXPECT_EQ(Season{}.log_release_factor(at - 10, 60), 0);
  EXPECT_NEAR(season.log_release_factor(at - 10, 60), std::log(2.0), 1e-12);
  EXPECT_NEAR(season.log_release_factor(at, 1), std::log(61.0), 1e-12);
  EXPECT_NEAR(season.log_release_factor(at, 0.5), std::log(61.0), 1e-12);
  EXPECT_EQ(season.log_release_factor(at - 60, 60), 0);
  EXPECT_EQ(season.log_release_factor(at + 1, 1'440), 0);
  const Season jobs{std::vector<double>(kSeasonBins, 1.0), only(ReleaseKind::jobs, kFirstMinute, 61)};
  EXPECT_EQ(jobs.log_release_factor(at - 10, 60), 0) << "another kind's day";
}

TEST(Releases, the_variance_ahead_never_falls_as_the_window_grows) {
  ReleaseProfile profile = flat_profile();
  for (auto& kind : profile) kind.fill(7);
  const Season season{std::vector<double>(kSeasonBins, 1.0), profile};
  for (const char* from : {"2025-05-13T12:00:00Z", "2025-05-07T17:58:00Z", "2025-05-13T13:10:00Z"}) {
    double before = 0;
    for (double h = 0.5; h <= 1440; h *= 1.1) {
      const double variance = h * std::exp(season.log_release_factor(minute_of(from), h));
      EXPECT_GT(variance, before) << from << " " << h;
      before = variance;
    }
  }
}

TEST(Releases, a_planted_jump_is_learnt_and_a_quiet_kind_stays_at_one) {
  constexpr std::size_t minutes = 330 * 1440;
  auto bars = testing::walk(minutes, 21, 3e-4, 1);
  constexpr double times = 5;  // of the return in the first minute
  double shift = 0;
  for (auto& b : bars.bars) {
    const Minute minute = b.begin.ns / kMinuteNs;
    const Release* r = release_before(minute);
    const bool hit = r != nullptr && r->kind == ReleaseKind::prices && r->at == minute;
    const double r1 = std::log(b.close / b.open);
    b.open *= std::exp(shift);
    if (hit) shift += (times - 1) * r1;
    b.close *= std::exp(shift);
    b.high = std::max(b.open, b.close);
    b.low = std::min(b.open, b.close);
    if (!hit) b.close = b.open * std::exp(r1);
  }
  const auto history = assemble(bars, {}, Season{});
  ASSERT_TRUE(history.has_value());
  const auto profile = learn_releases(*history, history->size());
  const auto& prices = profile[static_cast<std::size_t>(ReleaseKind::prices)];
  EXPECT_GT(prices[kFirstMinute], 6);  // eleven days tell 25 to within a factor of four
  EXPECT_LT(prices[kFirstMinute], 100);
  EXPECT_LT(prices[9], 2.5);
  EXPECT_LT(profile[static_cast<std::size_t>(ReleaseKind::jobs)][9], 2.5);
  const auto none = learn_releases(*history, 30 * 1440);
  EXPECT_EQ(none, flat_profile()) << "a month has too few of them to learn from";
}

}  // namespace
}  // namespace voltage::features
