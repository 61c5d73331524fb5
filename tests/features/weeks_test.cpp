// What days and weeks were like: the same from both kinds of bar, missing while the days are not there.
#include "features/weeks.hpp"

#include <gtest/gtest.h>

#include "features/assemble.hpp"
#include "features/paths.hpp"
#include "features/view.hpp"

namespace voltage::features {
namespace {

constexpr std::size_t kDay = 1440;
enum Days : std::size_t { yesterday, five, fourteen, same_weekday };

// Moves of each minute times k(days before the end, minute of the day counted from the end).
template <class K>
market::CandleSeries shaped(std::size_t days, const K& k) {
  auto bars = testing::walk(days * kDay, 31, 5e-4, 6);
  double last = std::log(bars.bars.front().open);
  for (std::size_t i = 0; i < bars.bars.size(); ++i) {
    auto& bar = bars.bars[i];
    const double factor = k(days - 1 - i / kDay, i % kDay);
    const double open = std::log(bar.open), from = last;
    for (double* p : {&bar.open, &bar.high, &bar.low, &bar.close}) *p = std::exp(from + factor * (std::log(*p) - open));
    last = std::log(bar.close);
  }
  return bars;
}

View last_of(const History& history) {
  return View{history, history.size() - 1};
}

TEST(Weeks, an_hour_that_was_wild_on_the_last_days_is_told_by_how_many_they_were) {
  // The first hour of each of the last five days moved three times as far.
  const auto bars = shaped(30, [](std::size_t ago, std::size_t minute) { return ago < 5 && minute < 60 ? 3.0 : 1.0; });
  const auto fine = assemble(bars, {}, Season{});
  const auto coarse = assemble({}, coarsen(bars), Season{});
  ASSERT_TRUE(fine && coarse);
  for (const auto* history : {&*fine, &*coarse}) {
    const View now = last_of(*history);
    // Against whole days that are a little wilder too: ln 3 less half of ln(1 + 8/24), and what the walk adds.
    EXPECT_NEAR(now.at_this_hour(0, yesterday), 0.95, 0.25);
    EXPECT_NEAR(now.at_this_hour(0, five), 0.95, 0.2);
    // Five of fourteen: 0.5 · ln(1 + 8 · 5/14), less the days' own.
    EXPECT_NEAR(now.at_this_hour(0, fourteen), 0.62, 0.2);
    // Of the same weekday none was wild.
    EXPECT_NEAR(now.at_this_hour(0, same_weekday), 0, 0.25);
    // Four hours hold one wild one.
    EXPECT_NEAR(now.at_this_hour(1, five), 0.5 * std::log(3) - 0.14, 0.2);
  }
}

TEST(Weeks, days_that_differ_are_told_from_days_that_are_alike) {
  const auto spread = [](double wild) {
    const auto history =
        assemble(shaped(29, [&](std::size_t ago, std::size_t) { return ago % 2 == 0 ? wild : 1.0; }), {}, Season{});
    return std::pair{last_of(*history).day_spread(0), last_of(*history).day_spread(1)};
  };
  const auto alike = spread(1), apart = spread(4);
  EXPECT_LT(alike.second, 0.45);
  EXPECT_GT(apart.first, alike.first + 0.3);
  EXPECT_NEAR(apart.second, std::hypot(std::log(4) / 2, alike.second), 0.15);
}

TEST(Weeks, a_week_of_history_knows_no_month) {
  const auto history = assemble(testing::walk(8 * kDay, 32), {}, Season{});
  ASSERT_TRUE(history);
  const View now = last_of(*history);
  EXPECT_FALSE(std::isnan(now.day_spread(0)));
  EXPECT_TRUE(std::isnan(now.day_spread(1)));
  EXPECT_FALSE(std::isnan(now.at_this_hour(0, five)));
  EXPECT_TRUE(std::isnan(now.at_this_hour(0, fourteen)));
  EXPECT_TRUE(std::isnan(now.at_this_hour(1, same_weekday)));
  const auto young = assemble(testing::walk(10, 32), {}, Season{});
  EXPECT_TRUE(std::isnan(last_of(*young).day_spread(0)));
}

TEST(Weeks, a_longer_history_can_be_hidden_as_a_cold_start_hides_it) {
  const auto history = assemble(testing::walk(30 * kDay, 33), {}, Season{});
  ASSERT_TRUE(history);
  Blank blank;
  blank.minutes = kWeekMinutes;
  const View now{*history, history->size() - 1, blank};
  EXPECT_FALSE(std::isnan(now.day_spread(0)));
  EXPECT_TRUE(std::isnan(now.day_spread(1)));
  EXPECT_TRUE(std::isnan(now.at_this_hour(0, fourteen)));
  EXPECT_FALSE(std::isnan(last_of(*history).at_this_hour(0, fourteen)));
}

TEST(Weeks, they_change_when_a_quarter_of_an_hour_ends_and_not_between) {
  const auto history = assemble(testing::walk(3 * kDay, 34), {}, Season{});
  ASSERT_TRUE(history);
  std::size_t changes = 0;
  for (std::size_t slot = 2 * kDay; slot < 2 * kDay + 60; ++slot) {
    const double before = View(*history, slot - 1).at_this_hour(0, yesterday);
    const double now = View(*history, slot).at_this_hour(0, yesterday);
    const bool ended = (history->minute_of(slot) + 1) % 15 == 0;
    EXPECT_EQ(now != before, ended) << slot;
    changes += now != before ? 1 : 0;
  }
  EXPECT_EQ(changes, 4U);
}

}  // namespace
}  // namespace voltage::features
