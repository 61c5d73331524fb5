// Bars from trades: closed by the clock, flat where nothing traded, revised by what comes late.
#include "venue/kraken/candle_builder.hpp"

#include <gtest/gtest.h>

#include "venue/kraken/bar_audit.hpp"

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr Time kStart{1'790'000'100'000'000'000 / 300'000'000'000 * 300'000'000'000};

TradeRow trade(Duration after, std::int64_t dollars, std::int64_t id = 0) {
  return {"BTC/USD", kStart + after, {dollars * 100'000'000}, {1'000}, Taker::buyer, true, id};
}

TEST(CandleBuilder, a_bar_closes_by_the_clock_after_its_grace_and_not_before) {
  CandleBuilder builder;
  builder.add(trade(10_s, 100));
  builder.advance(kStart + 61_s);
  EXPECT_TRUE(builder.take().empty());
  builder.advance(kStart + 62_s);
  const auto bars = builder.take();
  ASSERT_EQ(bars.size(), 1U);
  EXPECT_EQ(bars[0].candle.close, 100);
  EXPECT_FALSE(bars[0].quiet);
}

TEST(CandleBuilder, quiet_minutes_are_flat_at_the_last_close_and_marked) {
  CandleBuilder builder;
  builder.add(trade(10_s, 100));
  builder.advance(kStart + 3_min + 2_s);
  const auto bars = builder.take();
  ASSERT_EQ(bars.size(), 3U);
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_TRUE(bars[i].quiet);
    EXPECT_EQ(bars[i].candle.open, 100);
    EXPECT_EQ(bars[i].candle.volume, 0);
    EXPECT_EQ(bars[i].candle.trades, 0);
  }
}

TEST(CandleBuilder, a_late_trade_revises_its_bar_and_the_flat_ones_behind_it) {
  CandleBuilder builder;
  builder.add(trade(10_s, 100));
  builder.advance(kStart + 3_min + 2_s);
  builder.take();
  builder.add(trade(50_s, 105));
  const auto bars = builder.take();
  ASSERT_EQ(bars.size(), 3U);
  for (const auto& bar : bars) EXPECT_TRUE(bar.revision);
  EXPECT_EQ(bars[0].candle.close, 105);
  EXPECT_EQ(bars[0].candle.trades, 2);
  EXPECT_EQ(bars[2].candle.close, 105);
}

TEST(CandleBuilder, minutes_before_the_first_trade_are_flat_at_the_close_it_was_opened_with) {
  CandleBuilder builder;
  builder.open_at(kStart, 99'00000000);
  builder.advance(kStart + 1_min + 2_s);
  const auto bars = builder.take();
  ASSERT_EQ(bars.size(), 1U);
  EXPECT_TRUE(bars[0].quiet);
  EXPECT_EQ(bars[0].candle.close, 99);
}

TEST(CandleBuilder, a_corrected_bar_is_told_again) {
  CandleBuilder builder;
  builder.add(trade(10_s, 100));
  builder.add(trade(70_s, 101));
  builder.advance(kStart + 2_min + 2_s);
  builder.take();
  builder.correct(kStart + 1_min, {});  // nothing traded there in truth
  const auto bars = builder.take();
  ASSERT_EQ(bars.size(), 1U);
  EXPECT_TRUE(bars[0].revision && bars[0].quiet);
  EXPECT_EQ(bars[0].candle.close, 100);
}

TEST(BarAudit, judges_only_what_the_venue_said_on_this_connection) {
  CandleBuilder builder;
  for (int minute = 0; minute < 10; ++minute) builder.add(trade(Duration{minute * 60'000'000'000}, 100));
  builder.advance(kStart + 11_min);
  BarAudit audit;
  audit.subscribed(kStart + 6_min);  // in the middle of the second block
  EXPECT_FALSE(audit.next(builder, kStart + 11_min));
  BarAudit heard;
  heard.subscribed(kStart - 1_min);
  heard.heard(
      {"BTC/USD", kStart, 5_min, {100'00000000}, {100'00000000}, {100'00000000}, {100'00000000}, {}, {5'000}, 5});
  const auto first = heard.next(builder, kStart + 11_min);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->verdict, BarAudit::Verdict::equal);
  const auto second = heard.next(builder, kStart + 11_min);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->verdict, BarAudit::Verdict::silent);
}

}  // namespace
}  // namespace voltage::venue::kraken
