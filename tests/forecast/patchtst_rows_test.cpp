// Goal: the rows are free of scale, honest about what is missing, and depend on the last day alone.
#include "forecast/patchtst_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <span>

#include "base/rng.hpp"

namespace voltage::forecast {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;

std::vector<market::Candle> random_bars(std::size_t n, std::int64_t first_minute = 28'000'000) {
  Rng rng{17};
  std::vector<market::Candle> out;
  double price = 50'000;
  for (std::size_t i = 0; i < n; ++i) {
    market::Candle c;
    c.begin = Time{(first_minute + static_cast<std::int64_t>(i)) * kMinuteNs};
    c.open = price;
    c.close = price *= std::exp(5e-4 * rng.normal());
    c.high = std::max(c.open, c.close) * (1 + 1e-4 * rng.uniform());
    c.low = std::min(c.open, c.close) * (1 - 1e-4 * rng.uniform());
    c.volume = rng.exponential(20);
    c.taker_buy = c.volume * rng.uniform();
    out.push_back(c);
  }
  return out;
}

PatchTstRows rows_of(std::span<const market::Candle> bars) {
  PatchTstRows out;
  for (const auto& bar : bars) EXPECT_TRUE(out.append(bar));
  return out;
}

float at(const PatchTstRows& rows, std::size_t row, std::size_t series) {
  return rows.values()[row * kPatchTstSeries + series];
}

TEST(PatchTstRows, another_price_and_activity_give_the_same_rows) {
  auto bars = random_bars(3'000);
  const auto one = rows_of(bars);
  for (auto& c : bars) {
    for (double* p : {&c.open, &c.high, &c.low, &c.close}) *p *= 0.1;
    c.volume *= 7;
    c.taker_buy *= 7;
  }
  const auto other = rows_of(bars);
  for (std::size_t i = 60; i < bars.size(); ++i) {
    for (std::size_t s = 0; s < kPatchTstSeries; ++s) ASSERT_NEAR(at(one, i, s), at(other, i, s), 1e-5);
  }
}

TEST(PatchTstRows, where_the_file_begins_changes_no_bit_after_a_day) {
  const auto bars = random_bars(5'000);
  const auto whole = rows_of(bars);
  const std::size_t skip = 1'234;
  const auto part = rows_of(std::span{bars}.subspan(skip));
  for (std::size_t i = skip + 25 * 60; i < bars.size(); ++i) {
    for (std::size_t s = 0; s < kPatchTstSeries; ++s) ASSERT_EQ(at(whole, i, s), at(part, i - skip, s));
  }
}

TEST(PatchTstRows, later_bars_change_nothing) {
  const auto bars = random_bars(2'000);
  const auto whole = rows_of(bars);
  const auto part = rows_of(std::span{bars}.first(1'500));
  for (std::size_t i = 60; i < 1'500; ++i) {
    for (std::size_t s = 0; s < kPatchTstSeries; ++s) ASSERT_EQ(at(whole, i, s), at(part, i, s));
  }
}

TEST(PatchTstRows, a_gap_is_rows_of_nothing_and_the_bar_after_it_has_no_return) {
  auto bars = random_bars(400);
  bars.erase(bars.begin() + 300, bars.begin() + 302);
  const auto c = rows_of(bars);
  ASSERT_EQ(c.size(), 400U);
  for (std::size_t s = 0; s < kPatchTstSeries; ++s) EXPECT_TRUE(std::isnan(at(c, 300, s)) && std::isnan(at(c, 301, s)));
  EXPECT_TRUE(std::isnan(at(c, 302, 0)));
  EXPECT_TRUE(std::isfinite(at(c, 302, 1)));
  EXPECT_TRUE(std::isfinite(at(c, 303, 0)));
}

TEST(PatchTstRows, bars_out_of_order_are_refused) {
  const auto bars = random_bars(3);
  PatchTstRows rows;
  ASSERT_TRUE(rows.append(bars[1]));
  EXPECT_FALSE(rows.append(bars[1]));
  EXPECT_FALSE(rows.append(bars[0]));
  EXPECT_TRUE(rows.append(bars[2]));
}

TEST(PatchTstRows, a_window_ends_at_its_minute_and_none_reaches_over_an_end) {
  const auto bars = random_bars(200);
  const auto rows = rows_of(bars);
  const auto window = rows.window(rows.origin() + 150, 60);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->size(), 60 * kPatchTstSeries);
  EXPECT_EQ(window->back(), at(rows, 150, 3));
  EXPECT_TRUE(rows.window(rows.origin() + 59, 60));
  EXPECT_FALSE(rows.window(rows.origin() + 58, 60));
  EXPECT_TRUE(rows.window(rows.origin() + 199, 60));
  EXPECT_FALSE(rows.window(rows.origin() + 200, 60));
}

TEST(PatchTstRows, what_the_source_lacks_is_missing_and_a_quiet_minute_is_not) {
  auto bars = random_bars(200);
  bars[150].taker_buy = std::numeric_limits<double>::quiet_NaN();
  bars[160].volume = bars[160].taker_buy = 0;
  bars[160].high = bars[160].low = bars[160].open = bars[160].close;
  const auto c = rows_of(bars);
  EXPECT_TRUE(std::isnan(at(c, 150, 3)));
  EXPECT_TRUE(std::isfinite(at(c, 150, 2)));
  EXPECT_EQ(at(c, 160, 3), 0);
  for (std::size_t s = 0; s < kPatchTstSeries; ++s) EXPECT_TRUE(std::isfinite(at(c, 160, s)));
  EXPECT_TRUE(std::isnan(at(c, 30, 1)));
}

}  // namespace
}  // namespace voltage::forecast
