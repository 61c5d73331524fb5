#pragma once
// The Kraken feed against the virtual Kraken in virtual time, over a network that a test spoils.
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "venue/kraken/feed.hpp"
#include "venue/virtual/kraken_api.hpp"

namespace voltage::venue::kraken {

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
        auto body = virtual_kraken::rest(tape_, {"GET", target, "", {}}, now_).body;
        if (lose_trade) lose(body);
        feed_.rest_answer(request, body, now_);
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
  std::optional<std::int64_t> lose_trade;  // its row is missing in every answer of REST
  // What the network makes of a frame.
  std::function<void(std::string&)> tamper;

 private:
  void trade() {
    now_ = now_ + 1_s;
    price_ *= std::exp(2e-4 * rng_.normal());
    tape_.second(now_, price_, 1.0);
  }
  void lose(std::string& body) const {
    const auto id = body.find("," + std::to_string(*lose_trade) + "]");
    if (id == std::string::npos) return;
    const auto from = body.rfind('[', id), to = body.find(']', id) + 1;
    const bool last = body[to] != ',';
    body.erase(last ? from - 1 : from, to - from + 1);
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

inline bool same_bits(const market::Candle& a, const market::Candle& b) {
  return a.begin == b.begin && a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close &&
         a.volume == b.volume && a.trades == b.trades && a.taker_buy == b.taker_buy;
}

inline void expect_equal_series(const std::map<Time, market::Candle>& a, const std::map<Time, market::Candle>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [begin, bar] : a) {
    const auto other = b.find(begin);
    ASSERT_NE(other, b.end());
    ASSERT_TRUE(same_bits(bar, other->second)) << begin.ms();
  }
}

}  // namespace voltage::venue::kraken
