// What the Kraken feed's bars are held against, and where they come from at a cold start.
#include "venue/kraken_rig.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace voltage::venue::kraken {
namespace {

TEST(KrakenContent, silent_five_minute_bars_are_found_within_90_seconds_of_the_first_missing_one) {
  Rig rig{FeedRules{}};
  rig.seconds(299 + 5);
  rig.mute_five = true;
  const auto failures = rig.feed().supervisor().failures();
  // The bar that begins at 300 s is there still; the one of 600 s is due at 900 s.
  rig.seconds(960 - 304);
  EXPECT_GT(rig.feed().supervisor().failures(), failures);
  EXPECT_EQ(rig.troubles.count("the five-minute bars are silent"), 1U);
}

TEST(KrakenContent, five_minutes_are_the_venues_own_five_minute_bar) {
  Rig rig{FeedRules{}};
  rig.seconds(7'200);
  EXPECT_EQ(rig.feed().differences(), 0);
  EXPECT_GT(rig.bars.size(), 100U);
}

TEST(KrakenContent, a_trade_that_came_wrong_is_found_by_the_five_minute_bar_and_mended) {
  Rig rig{FeedRules{}}, truth{FeedRules{}};
  rig.seconds(700);
  truth.seconds(700);
  bool spoiled = false;
  rig.tamper = [&](std::string& frame) {
    const auto at = frame.find("\"qty\":0.0");
    if (spoiled || at == std::string::npos) return;
    frame[at + 6] = '7';  // a size of another order
    spoiled = true;
  };
  rig.seconds(60);
  truth.seconds(60);
  ASSERT_TRUE(spoiled);
  rig.seconds(600);
  truth.seconds(600);
  const auto doubt = rig.troubles.lower_bound("the five minutes from");
  ASSERT_NE(doubt, rig.troubles.end());
  EXPECT_EQ(doubt->second, 2);  // told of both streams, once
  EXPECT_TRUE(rig.feed().healthy());
  EXPECT_EQ(rig.feed().differences(), 1);
  EXPECT_EQ(rig.feed().corrected(), 1);
  expect_equal_series(rig.bars, truth.bars);
}

TEST(KrakenContent, a_venue_bar_that_is_not_its_own_trades_changes_none_of_ours) {
  Rig rig{FeedRules{}}, truth{FeedRules{}};
  rig.tamper = [](std::string& frame) {
    const auto at = frame.find("\"trades\":");
    if (at != std::string::npos && frame.find("\"interval\":5,") != std::string::npos) frame.insert(at + 9, "9");
  };
  rig.seconds(1'300);
  truth.seconds(1'300);
  EXPECT_GE(rig.feed().differences(), 3);
  EXPECT_EQ(rig.feed().corrected(), 0);
  EXPECT_TRUE(rig.feed().healthy());
  expect_equal_series(rig.bars, truth.bars);
}

TEST(KrakenContent, a_cold_start_has_its_week_in_seconds) {
  FeedRules rules;
  rules.history = 30_min;
  Rig rig{rules};
  rig.past(24_h * 8);
  rig.seconds(12);
  EXPECT_TRUE(rig.feed().healthy());
  std::map<Duration, int> of;
  Time end{};
  for (const auto& bar : rig.told) {
    ++of[bar.interval];
    if (end.ns != 0) {
      ASSERT_EQ(bar.candle.begin, end) << "a hole or an overlap";
    }
    end = bar.candle.begin + bar.interval;
  }
  EXPECT_GE((rig.told.back().candle.begin - rig.told.front().candle.begin).seconds(), 7.45 * 86'400);
  EXPECT_GE(of[1_min], 700);
  EXPECT_GE(of[5_min], 570);
  EXPECT_GE(of[15_min], 470);
  EXPECT_EQ(rig.requests[0], "/0/public/OHLC?pair=XBTUSD&interval=1");
  EXPECT_LE(rig.requests.size(), 6U);
  // The bars of /OHLC do not know who took: missing, not zero. Those made of trades do.
  EXPECT_TRUE(std::isnan(rig.told.front().candle.taker_buy));
  EXPECT_FALSE(std::isnan(rig.told.back().candle.taker_buy));
  const auto five = rig.tape().candles(5, rig.told.front().candle.begin);
  std::map<Time, double> closes;
  for (const auto& c : five) closes[c.begin] = static_cast<double>(c.close_e8) / 1e8;
  int compared = 0;
  for (const auto& bar : rig.told) {
    const auto at = closes.find(bar.candle.begin);
    if (bar.interval != 5_min || at == closes.end()) continue;
    EXPECT_EQ(bar.candle.close, at->second);
    ++compared;
  }
  EXPECT_GT(compared, 400);
}

// The minutes as they are made of the venue's own tape, without the feed.
std::map<Time, market::Candle> minutes_of(const virtual_kraken::Tape& tape, Time until) {
  CandleBuilder builder{Duration{0}};
  std::map<Time, market::Candle> out;
  for (const auto& t : tape.trades()) {
    if (t.at >= until) break;
    builder.advance(t.at);
    builder.add({"BTC/USD", t.at, {t.price_e8}, {t.qty_e8}, t.buyer ? Taker::buyer : Taker::seller, false, t.id});
    for (const auto& built : builder.take()) out[built.candle.begin] = built.candle;
  }
  builder.advance(until);
  for (const auto& built : builder.take()) out[built.candle.begin] = built.candle;
  return out;
}

struct Filled {
  std::map<Time, market::Candle> minutes;  // given for the time before the start
  std::vector<Time> firsts;                // where each piece begins, as they came
  std::optional<Filling> last;
  std::vector<double> done;
};

// Runs until the past is filled in, or for the given seconds.
Filled fill(Rig& rig, Time start, int seconds) {
  Filled out;
  std::size_t told = rig.told.size();
  for (int s = 0; s < seconds && !(out.last && out.last->over); ++s) {
    rig.second();
    if (const auto filling = rig.feed().take_filling()) {
      out.last = filling;
      out.done.push_back(filling->done);
    }
    Time before{};
    for (; told < rig.told.size(); ++told) {
      const auto& bar = rig.told[told];
      if (bar.interval != 1_min || bar.candle.begin >= start || bar.candle.begin == Time{}) continue;
      if (out.minutes.empty() && std::isnan(bar.candle.taker_buy)) continue;  // of /OHLC
      if (bar.candle.begin != before + 1_min) out.firsts.push_back(bar.candle.begin);
      before = bar.candle.begin;
      out.minutes[bar.candle.begin] = bar.candle;
    }
  }
  return out;
}

TEST(KrakenContent, the_week_before_the_start_is_filled_in_with_minutes_made_of_trades) {
  Rig rig{FeedRules{}};
  rig.past(24_h * 8);
  const Time start{rig.now().ns / (1_min).ns * (1_min).ns};
  const auto filled = fill(rig, start, 1'200);
  ASSERT_TRUE(filled.last && filled.last->over);
  EXPECT_EQ(filled.last->given_up, 0) << filled.last->why;
  EXPECT_GT(filled.last->bars, 7 * 1'440);
  EXPECT_LT(filled.last->requests, 400);
  EXPECT_TRUE(std::is_sorted(filled.done.begin(), filled.done.end()));
  // The newest hours first.
  ASSERT_GT(filled.firsts.size(), 25U);
  EXPECT_TRUE(std::is_sorted(filled.firsts.rbegin(), filled.firsts.rend()));
  auto truth = minutes_of(rig.tape(), start);
  truth.erase(truth.begin(), truth.lower_bound(filled.last->from));
  expect_equal_series(filled.minutes, truth);
  EXPECT_TRUE(rig.feed().healthy());
}

TEST(KrakenContent, filling_in_the_past_waits_for_what_is_missed_now) {
  Rig rig{FeedRules{}};
  rig.past(24_h * 2);
  const Time start{rig.now().ns / (1_min).ns * (1_min).ns};
  auto filled = fill(rig, start, 20);
  ASSERT_TRUE(filled.last && !filled.last->over);
  EXPECT_TRUE(filled.last->left.has_value());
  rig.cut(90_s, false);
  rig.seconds(300);
  EXPECT_TRUE(rig.feed().healthy());
  const auto rest = fill(rig, start, 600);
  ASSERT_TRUE(rest.last && rest.last->over);
  EXPECT_EQ(rest.last->given_up, 0) << rest.last->why;
  auto truth = minutes_of(rig.tape(), start);
  truth.erase(truth.begin(), truth.lower_bound(rest.last->from));
  std::map<Time, market::Candle> given{rig.bars};
  given.erase(given.lower_bound(start), given.end());
  given.erase(given.begin(), given.lower_bound(rest.last->from));
  expect_equal_series(given, truth);
}

TEST(KrakenContent, hours_whose_trades_are_not_contiguous_stay_as_they_are) {
  Rig rig{FeedRules{}};
  rig.past(24_h * 2);
  const Time start{rig.now().ns / (1_min).ns * (1_min).ns};
  // One trade of yesterday, in the middle of six hours, is never told.
  const auto& trades = rig.tape().trades();
  const auto& lost = *std::lower_bound(trades.begin(), trades.end(), start - 27_h,
                                       [](const virtual_kraken::Trade& t, Time at) { return t.at < at; });
  rig.lose_trade = lost.id;
  const auto filled = fill(rig, start, 600);
  ASSERT_TRUE(filled.last && filled.last->over);
  EXPECT_EQ(filled.last->given_up, 1);
  EXPECT_THAT(filled.last->why, ::testing::HasSubstr("not contiguous"));
  EXPECT_FALSE(filled.minutes.contains(Time{lost.at.ns / (1_min).ns * (1_min).ns}));
  EXPECT_GT(filled.last->bars, 40 * 60);
}

TEST(KrakenContent, a_cold_start_goes_on_without_what_the_venue_refuses) {
  Feed feed{FeedRules{}, 1};
  Time now{1'790'000'000'000'000'000};
  feed.start(now);
  feed.opened(1, now);
  int histories = 0, trades = 0;
  for (int i = 0; i < 200; ++i) {
    now = now + 1_s;
    feed.text(1, R"({"channel":"heartbeat"})", now);
    feed.tick(now);
    for (const auto& action : feed.take_actions()) {
      const auto* get = std::get_if<out::Get>(&action);
      if (get == nullptr) continue;
      const bool history = get->target.find("OHLC") != std::string::npos;
      ++(history ? histories : trades);
      feed.rest_answer(get->request, R"({"error":["EGeneral:Too many requests"]})", now);
    }
    if (feed.supervisor().phase() == StreamPhase::subscribing) {
      for (int ack = 0; ack < 4; ++ack)
        feed.text(feed.supervisor().generation(),
                  R"({"method":"subscribe","result":{"channel":"x","symbol":"BTC/USD"},"success":true})", now);
    }
  }
  EXPECT_EQ(histories, 9);
  EXPECT_GT(trades, 0);
  EXPECT_FALSE(feed.healthy());
}

}  // namespace
}  // namespace voltage::venue::kraken
