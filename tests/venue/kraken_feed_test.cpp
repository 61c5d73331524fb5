// The Kraken feed against the virtual Kraken in virtual time: whatever happens to the socket, the bars are
// those of an uninterrupted run, and nothing is called healthy that is not.
#include <set>

#include "venue/kraken_rig.hpp"

namespace voltage::venue::kraken {
namespace {

// Random cuts of 1 s to 2 h, half of them silent; returns how many there were.
int cut_at_random(Rig& rig, int cuts, std::uint64_t seed) {
  Rng rng{seed};
  for (int i = 0; i < cuts; ++i) {
    rig.seconds(static_cast<std::int64_t>(30 + rng.below(600)));
    const double seconds = std::exp(rng.uniform(0.0, std::log(7'200.0)));
    rig.cut(Duration{static_cast<std::int64_t>(seconds * 1e9)}, rng.chance(0.5));
    rig.seconds(static_cast<std::int64_t>(seconds) + 1);
  }
  rig.seconds(600);
  return cuts;
}

TEST(KrakenFeed, two_hundred_cuts_leave_the_same_bars_as_none) {
  Rig cut{FeedRules{}}, whole{FeedRules{}};
  cut_at_random(cut, 200, 7);
  while (whole.now() < cut.now()) whole.second();
  EXPECT_TRUE(cut.feed().healthy());
  EXPECT_GT(cut.bars.size(), 1'000U);
  expect_equal_series(cut.bars, whole.bars);
  EXPECT_EQ(cut.feed().last_trade_id(), whole.feed().last_trade_id());
}

TEST(KrakenFeed, the_frozen_v1_gives_the_same_bars) {
  FeedRules rules;
  rules.v1 = true;
  Rig v1{rules}, v2{FeedRules{}};
  cut_at_random(v1, 10, 3);
  while (v2.now() < v1.now()) v2.second();
  ASSERT_GT(v1.bars.size(), 60U);
  for (const auto& [begin, bar] : v1.bars) ASSERT_TRUE(same_bits(bar, v2.bars.at(begin)));
  EXPECT_GE(v1.bars.size() + 1, v2.bars.size());
}

TEST(KrakenFeed, bars_are_contiguous_and_are_those_of_the_tape) {
  Rig rig{FeedRules{}};
  rig.seconds(4'000);
  Time before{};
  for (const auto& [begin, bar] : rig.bars) {
    if (before.ns != 0) {
      EXPECT_EQ(begin - before, 1_min);
    }
    before = begin;
  }
  int compared = 0;
  for (const auto& minute : rig.tape().minutes()) {
    const auto bar = rig.bars.find(minute.begin);
    if (bar == rig.bars.end() || bar == rig.bars.begin()) continue;
    EXPECT_EQ(bar->second.close, static_cast<double>(minute.close_e8) / 1e8);
    EXPECT_EQ(bar->second.trades, static_cast<double>(minute.trades));
    ++compared;
  }
  EXPECT_GT(compared, 50);
}

TEST(KrakenFeed, a_silent_candle_subscription_is_found_within_90_seconds_of_its_first_missing_bar) {
  Rig rig{FeedRules{}};
  rig.seconds(300);
  ASSERT_TRUE(rig.feed().healthy());
  const auto failures = rig.feed().supervisor().failures();
  rig.mute_candles = true;
  int seconds = 0;
  while (rig.feed().supervisor().failures() == failures && seconds < 200) {
    rig.second();
    ++seconds;
  }
  EXPECT_LE(seconds, 90);
  rig.mute_candles = false;
  rig.seconds(120);
  EXPECT_TRUE(rig.feed().healthy());
}

TEST(KrakenFeed, a_candle_subscription_that_gives_only_its_snapshot_costs_the_connection) {
  Rig rig{FeedRules{}};
  rig.seconds(300);
  const auto generation = rig.feed().supervisor().generation();
  rig.mute_updates = true;
  rig.seconds(100);
  EXPECT_GT(rig.feed().supervisor().generation(), generation);
  EXPECT_EQ(rig.troubles.count("subscription silent, also the second one"), 1U);
}

TEST(KrakenFeed, heartbeats_alone_are_no_healthy_stream) {
  Rig rig{FeedRules{}};
  rig.seconds(300);
  ASSERT_TRUE(rig.feed().healthy());
  rig.mute_candles = rig.mute_five = rig.mute_trades = true;
  int seconds = 0;
  while (rig.feed().healthy() && seconds < 200) {
    rig.second();
    ++seconds;
  }
  EXPECT_LE(seconds, 90);
}

TEST(KrakenFeed, v1_subscribes_with_exactly_the_message_of_the_original_design) {
  FeedRules rules;
  rules.v1 = true;
  Feed feed{rules, 1};
  feed.start(Time{1});
  feed.opened(1, Time{2});
  std::set<std::string> sent;
  for (const auto& action : feed.take_actions()) {
    if (const auto* send = std::get_if<out::Send>(&action)) sent.insert(send->text);
  }
  EXPECT_EQ(sent.count(R"({"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"ohlc","interval":1}})"), 1U);
}

TEST(KrakenFeed, a_trade_channel_that_died_alone_is_found_by_its_sister) {
  Rig rig{FeedRules{}};
  rig.seconds(300);
  const auto failures = rig.feed().supervisor().failures();
  rig.mute_trades = true;
  rig.seconds(90);
  EXPECT_GT(rig.feed().supervisor().failures(), failures);
}

TEST(KrakenFeed, a_half_open_socket_is_found_within_ten_seconds) {
  Rig rig{FeedRules{}};
  rig.seconds(300);
  ASSERT_TRUE(rig.feed().healthy());
  rig.cut(1_min, true);
  int seconds = 0;
  while (rig.feed().healthy() && seconds < 60) {
    rig.second();
    ++seconds;
  }
  EXPECT_LE(seconds, 10);
}

TEST(KrakenFeed, a_refused_symbol_is_no_healthy_stream) {
  Feed feed{FeedRules{}, 1};
  feed.start(Time{1});
  feed.opened(1, Time{2});
  feed.text(
      1, R"({"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,"symbol":"XBT/USD"})",
      Time{3});
  EXPECT_FALSE(feed.healthy());
  EXPECT_EQ(feed.supervisor().phase(), StreamPhase::waiting);
}

TEST(KrakenFeed, an_old_connection_is_not_listened_to) {
  Feed feed{FeedRules{}, 1};
  feed.start(Time{1});
  feed.opened(1, Time{2});
  feed.closed(1, "cut", Time{3});
  feed.tick(Time{3} + 1_min);
  ASSERT_EQ(feed.supervisor().generation(), 2U);
  feed.text(
      1,
      R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":1.0,"qty":1.0,"ord_type":"limit","trade_id":1,"timestamp":"2026-08-22T17:30:53.355059Z"}]})",
      Time{4});
  EXPECT_EQ(feed.last_trade_id(), 0);
}

}  // namespace
}  // namespace voltage::venue::kraken
