// Goal: the channels are free of scale, honest about what is missing, and depend on the last day alone.
#include "forecast/patchtst_channels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

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

float at(const PatchTstChannels& c, std::size_t bar, std::size_t series) {
  return c.rows[bar * kPatchTstSeries + series];
}

TEST(PatchTstChannels, another_price_and_activity_give_the_same_rows) {
  auto bars = random_bars(3'000);
  const auto one = patchtst_channels(bars);
  for (auto& c : bars) {
    for (double* p : {&c.open, &c.high, &c.low, &c.close}) *p *= 0.1;
    c.volume *= 7;
    c.taker_buy *= 7;
  }
  const auto other = patchtst_channels(bars);
  for (std::size_t i = 60; i < bars.size(); ++i) {
    for (std::size_t s = 0; s < kPatchTstSeries; ++s) ASSERT_NEAR(at(one, i, s), at(other, i, s), 1e-5);
    ASSERT_NEAR(one.log_level[i], other.log_level[i], 1e-5);
  }
}

TEST(PatchTstChannels, where_the_file_begins_changes_no_bit_after_a_day) {
  const auto bars = random_bars(5'000);
  const auto whole = patchtst_channels(bars);
  const std::size_t skip = 1'234;
  const auto part = patchtst_channels(std::span{bars}.subspan(skip));
  for (std::size_t i = skip + 25 * 60; i < bars.size(); ++i) {
    for (std::size_t s = 0; s < kPatchTstSeries; ++s) ASSERT_EQ(at(whole, i, s), at(part, i - skip, s));
    ASSERT_EQ(whole.log_level[i], part.log_level[i - skip]);
  }
}

TEST(PatchTstChannels, later_bars_change_nothing) {
  const auto bars = random_bars(2'000);
  const auto whole = patchtst_channels(bars);
  const auto part = patchtst_channels(std::span{bars}.first(1'500));
  for (std::size_t i = 60; i < 1'500; ++i) {
    for (std::size_t s = 0; s < kPatchTstSeries; ++s) ASSERT_EQ(at(whole, i, s), at(part, i, s));
  }
}

TEST(PatchTstChannels, the_bar_after_a_gap_has_no_return) {
  auto bars = random_bars(400);
  bars.erase(bars.begin() + 300, bars.begin() + 302);
  const auto c = patchtst_channels(bars);
  EXPECT_TRUE(std::isnan(at(c, 300, 0)));
  EXPECT_TRUE(std::isfinite(at(c, 301, 0)));
  EXPECT_TRUE(std::isfinite(at(c, 300, 1)));
}

TEST(PatchTstChannels, what_the_source_lacks_is_missing_and_a_quiet_minute_is_not) {
  auto bars = random_bars(200);
  bars[150].taker_buy = std::numeric_limits<double>::quiet_NaN();
  bars[160].volume = bars[160].taker_buy = 0;
  bars[160].high = bars[160].low = bars[160].open = bars[160].close;
  const auto c = patchtst_channels(bars);
  EXPECT_TRUE(std::isnan(at(c, 150, 3)));
  EXPECT_TRUE(std::isfinite(at(c, 150, 2)));
  EXPECT_EQ(at(c, 160, 3), 0);
  for (std::size_t s = 0; s < kPatchTstSeries; ++s) EXPECT_TRUE(std::isfinite(at(c, 160, s)));
  EXPECT_TRUE(std::isnan(c.log_level[30]));
}

}  // namespace
}  // namespace voltage::forecast
