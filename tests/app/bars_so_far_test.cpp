// The past of a model while it is filled in: what it says then is what it would have said had it known the minutes
// from the beginning.
#include "app/run/bars_so_far.hpp"

#include <limits>

#include <gmock/gmock.h>

#include "app/lifecycle_fixture.hpp"
#include "app/run/bundle_edge.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using ::testing::HasSubstr;

constexpr Time kStart{1'700'000'100'000'000'000};  // a whole quarter of an hour

event::CandleClosed bar(std::int64_t minute, Duration interval, double close,
                        event::SpotVenue venue = event::SpotVenue::kraken) {
  return {venue, interval, {kStart + 1_min * minute, close, close, close, close, 1, 1, 1}};
}

// Minute and interval of what stands.
std::vector<std::pair<std::int64_t, std::int64_t>> standing(const BarsSoFar& bars) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  bars.each([&](const event::CandleClosed& b) {
    out.emplace_back((b.candle.begin - kStart).ns / (1_min).ns, b.interval.ns / (1_min).ns);
  });
  return out;
}

using Rows = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST(BarsSoFar, a_coarse_bar_makes_room_when_finer_ones_cover_all_of_it) {
  BarsSoFar bars;
  bars.append(bar(0, 15_min, 100));
  bars.append(bar(15, 5_min, 101));
  bars.append(bar(20, 1_min, 102));
  for (std::int64_t m = 15; m < 19; ++m) EXPECT_FALSE(bars.revise(bar(m, 1_min, 7)));
  EXPECT_EQ(standing(bars), (Rows{{0, 15}, {15, 5}, {20, 1}}));
  EXPECT_TRUE(bars.revise(bar(19, 1_min, 7)));
  EXPECT_EQ(standing(bars), (Rows{{0, 15}, {15, 1}, {16, 1}, {17, 1}, {18, 1}, {19, 1}, {20, 1}}));
  EXPECT_FALSE(bars.revise(bar(0, 5_min, 7)));
  EXPECT_FALSE(bars.revise(bar(5, 5_min, 7)));
  EXPECT_TRUE(bars.revise(bar(10, 5_min, 7)));
  EXPECT_EQ(standing(bars).front(), (std::pair<std::int64_t, std::int64_t>{0, 5}));
}

TEST(BarsSoFar, a_bar_is_revised_by_its_own_venue_and_only_by_something_new) {
  BarsSoFar bars;
  auto first = bar(0, 1_min, 100);
  first.candle.taker_buy = std::numeric_limits<double>::quiet_NaN();
  bars.append(first);
  bars.append(bar(3, 1_min, 101));
  EXPECT_FALSE(bars.revise(first)) << "missing is equal to missing";
  EXPECT_TRUE(bars.revise(bar(0, 1_min, 100))) << "now it is known who took";
  EXPECT_FALSE(bars.revise(bar(0, 1_min, 99, event::SpotVenue::binance)));
  EXPECT_FALSE(bars.revise(bar(-1, 1_min, 99))) << "before everything";
  EXPECT_TRUE(bars.revise(bar(1, 1_min, 99))) << "a hole";
  EXPECT_FALSE(bars.revise(bar(0, 5_min, 99))) << "coarser than what stands";
  EXPECT_EQ(standing(bars), (Rows{{0, 1}, {1, 1}, {3, 1}}));
}

TEST(BarsSoFar, a_history_of_more_than_thirty_days_stays_as_it_is) {
  BarsSoFar bars;
  for (std::int64_t m = 0; m <= 43'200; ++m) bars.append(bar(m, 1_min, 100));
  EXPECT_FALSE(bars.revise(bar(7, 1_min, 99)));
}

// Coarse bars first, then the minutes in their place, the newest day first, while new bars come.
TEST(BarsSoFar, forecasts_on_a_past_filled_in_are_those_of_one_known_from_the_beginning) {
  const auto market = lifecycle::train_market(11, 96, 6);
  const auto bundle = std::make_shared<const forecast::Bundle>(market.bundle);
  const auto& bars = market.candles.fine.bars;
  const std::size_t from = bars.size() - 8 * 1440, until = bars.size() - 60;
  ASSERT_EQ(bars[from].begin.ns % (15_min).ns, 0);
  BundleEdge whole{bundle, "a"}, filled{bundle, "a"}, coarse{bundle, "a"};
  for (std::size_t i = from; i < until; ++i) whole.learn({event::SpotVenue::kraken, 1_min, bars[i]});
  for (std::size_t i = from; i < until; i += 15) {
    market::Candle c = bars[i];
    for (std::size_t k = i + 1; k < std::min(i + 15, until); ++k) {
      c.high = std::max(c.high, bars[k].high);
      c.low = std::min(c.low, bars[k].low);
      c.close = bars[k].close;
      c.volume += bars[k].volume;
    }
    c.taker_buy = c.trades = std::numeric_limits<double>::quiet_NaN();
    filled.learn({event::SpotVenue::kraken, 15_min, c});
    coarse.learn({event::SpotVenue::kraken, 15_min, c});
  }
  EXPECT_THAT(filled.standing(), HasSubstr("0 from 1-minute bars, 0 from 5-minute ones, 10080 from 15-minute ones"));
  std::size_t next = until;
  for (std::size_t day = until; day > from;) {
    const std::size_t begin = day - from > 1440 ? day - 1440 : from;
    for (std::size_t i = begin; i < day; ++i) filled.learn({event::SpotVenue::kraken, 1_min, bars[i]});
    for (auto* edge : {&whole, &filled, &coarse}) edge->learn({event::SpotVenue::kraken, 1_min, bars[next]});
    ++next;
    day = begin;
  }
  const event::RequestForecast request{1, bars[next - 1].begin + 1_min};
  const auto truth = whole.forecast(request), got = filled.forecast(request), rough = coarse.forecast(request);
  ASSERT_TRUE(truth) << truth.error().message;
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_THAT(filled.standing(), HasSubstr("10080 from 1-minute bars"));
  bool coarse_differs = !rough;
  for (std::size_t k = 0; k < truth->nodes.size(); ++k) {
    EXPECT_EQ(got->nodes[k].components, truth->nodes[k].components) << k;
    coarse_differs = coarse_differs || rough->nodes[k].components != truth->nodes[k].components;
  }
  EXPECT_TRUE(coarse_differs) << "else the test shows nothing";
}

}  // namespace
}  // namespace voltage::app
