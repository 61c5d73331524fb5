// The Kraken feed against the virtual Kraken in virtual time: whatever happens to the socket, the bars are
// those of an uninterrupted run, and nothing is called healthy that is not.
#include "venue/kraken/feed.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "venue/virtual/kraken_api.hpp"

namespace voltage::venue::kraken {
namespace {

using namespace literals;

// A day in steps of one second: the tape trades, the socket is up or cut, REST answers after a second.
class Rig {
 public:
  explicit Rig(FeedRules rules, std::uint64_t seed = 5) : tape_{seed, 15}, feed_{rules, seed}, version_{rules.v1} {}

  // Before the feed starts: the venue's past.
  void past(Duration length) {
    for (const Time start = now_ + length; now_ < start;) trade();
  }
  void second() {
    trade();
    if (!feed_started_) {
      feed_started_ = true;
      feed_.start(now_);
    }
    if (now_ < cut_until_ && session_) drop();
    if (session_) {
      session_->on_time(now_);
      deliver();
    }
    if (answer_) {
      const auto [request, target] = *answer_;
      answer_.reset();
      if (now_ < cut_until_) {
        feed_.rest_failed(request, "no network", now_);
      } else {
        feed_.rest_answer(request, virtual_kraken::rest(tape_, {"GET", target, "", {}}, now_).body, now_);
      }
    }
    feed_.tick(now_);
    carry_out();
    for (const auto& e : feed_.take_events()) {
      if (const auto* health = std::get_if<event::StreamHealth>(&e); health && health->health != event::Health::healthy)
        ++troubles[health->why];
      const auto* bar = std::get_if<event::CandleClosed>(&e);
      if (bar == nullptr) continue;
      told.push_back(*bar);
      if (bar->interval == 1_min) bars[bar->candle.begin] = bar->candle;
    }
  }
  void seconds(std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) second();
  }
  // The network is gone for this long. Silent: the client is not told.
  void cut(Duration length, bool silent) {
    cut_until_ = now_ + length;
    if (!silent) {
      drop();
    } else {
      session_.reset();
    }
  }

  Feed& feed() { return feed_; }
  Time now() const { return now_; }
  const virtual_kraken::Tape& tape() const { return tape_; }
  std::map<Time, market::Candle> bars;    // of one minute, as last told
  std::vector<event::CandleClosed> told;  // in order
  std::map<std::string, int> troubles;    // why the stream was not healthy, how often
  std::vector<std::string> requests;
  bool mute_candles{false}, mute_updates{false}, mute_five{false}, mute_trades{false};
  // What the network makes of a frame.
  std::function<void(std::string&)> tamper;

 private:
  void trade() {
    now_ = now_ + 1_s;
    price_ *= std::exp(2e-4 * rng_.normal());
    tape_.second(now_, price_, 1.0);
  }
  void drop() {
    session_.reset();
    feed_.closed(feed_.supervisor().generation(), "cut", now_);
  }
  void deliver() {
    const auto generation = generation_;
    for (auto& frame : session_->take_frames()) {
      const bool data = frame.find("\"data\"") != std::string::npos;
      const bool candles = data && frame.find("\"ohlc\"") != std::string::npos;
      const bool five = candles && frame.find("\"interval\":5,") != std::string::npos;
      if (mute_candles && candles && !five) continue;
      if (mute_updates && candles && !five && frame.find("\"update\"") != std::string::npos) continue;
      if (mute_five && five) continue;
      if (mute_trades && data && frame.find("\"trade\"") != std::string::npos) continue;
      if (tamper && data) tamper(frame);
      feed_.text(generation, frame, now_);
    }
  }
  void carry_out() {
    for (const auto& action : feed_.take_actions()) {
      if (const auto* connect = std::get_if<out::Connect>(&action)) {
        generation_ = connect->generation;
        if (now_ < cut_until_) {
          feed_.closed(generation_, "no network", now_);
          continue;
        }
        session_ = std::make_unique<virtual_kraken::KrakenSession>(
            tape_, version_ ? virtual_kraken::Version::v1 : virtual_kraken::Version::v2, now_, 1);
        feed_.opened(generation_, now_);
      } else if (const auto* send = std::get_if<out::Send>(&action)) {
        if (session_) session_->on_text(send->text, now_);
      } else if (std::holds_alternative<out::Close>(action)) {
        session_.reset();
      } else {
        const auto& get = std::get<out::Get>(action);
        answer_ = {get.request, get.target};
        requests.push_back(get.target);
      }
    }
    if (session_) deliver();
  }

  virtual_kraken::Tape tape_;
  Feed feed_;
  bool version_;
  Rng rng_{99};
  double price_{80'000};
  Time now_{1'790'000'000'000'000'000 / 60'000'000'000 * 60'000'000'000};
  Time cut_until_{};
  std::unique_ptr<virtual_kraken::KrakenSession> session_;
  std::uint64_t generation_{0};
  bool feed_started_{false};
  std::optional<std::pair<std::uint64_t, std::string>> answer_;
};

bool same_bits(const market::Candle& a, const market::Candle& b) {
  return a.begin == b.begin && a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close &&
         a.volume == b.volume && a.trades == b.trades && a.taker_buy == b.taker_buy;
}

void expect_equal_series(const std::map<Time, market::Candle>& a, const std::map<Time, market::Candle>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [begin, bar] : a) {
    const auto other = b.find(begin);
    ASSERT_NE(other, b.end());
    ASSERT_TRUE(same_bits(bar, other->second)) << begin.ms();
  }
}

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

TEST(KrakenFeed, silent_five_minute_bars_are_found_within_90_seconds_of_the_first_missing_one) {
  Rig rig{FeedRules{}};
  rig.seconds(299 + 5);
  rig.mute_five = true;
  const auto failures = rig.feed().supervisor().failures();
  // The bar that begins at 300 s is there still; the one of 600 s is due at 900 s.
  rig.seconds(960 - 304);
  EXPECT_GT(rig.feed().supervisor().failures(), failures);
  EXPECT_EQ(rig.troubles.count("the five-minute bars are silent"), 1U);
}

TEST(KrakenFeed, five_minutes_are_the_venues_own_five_minute_bar) {
  Rig rig{FeedRules{}};
  rig.seconds(7'200);
  EXPECT_EQ(rig.feed().differences(), 0);
  EXPECT_GT(rig.bars.size(), 100U);
}

TEST(KrakenFeed, a_trade_that_came_wrong_is_found_by_the_five_minute_bar_and_mended) {
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

TEST(KrakenFeed, a_venue_bar_that_is_not_its_own_trades_changes_none_of_ours) {
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

TEST(KrakenFeed, a_cold_start_has_its_week_in_seconds) {
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

TEST(KrakenFeed, a_cold_start_goes_on_without_what_the_venue_refuses) {
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
