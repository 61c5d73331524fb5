// The venue changes its format while we trade: from the alarm on no order is placed, the stream that carried the
// field is down for good, and what it says names the field. The virtual venues, the feeds, the core and the simulated
// exchange in virtual time; the change is the one that `voltage venue --faults` makes.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "app/run/baseline_edge.hpp"
#include "app/run/core.hpp"
#include "app/run/recorder.hpp"
#include "app/run/world.hpp"
#include "base/time.hpp"
#include "strategy/volatility.hpp"
#include "venue/kalshi/feed.hpp"
#include "venue/kraken/feed.hpp"
#include "venue/virtual/faults.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_session.hpp"
#include "venue/virtual/kraken_api.hpp"

namespace voltage::app::watch {
namespace {

using namespace literals;
using ::testing::HasSubstr;
namespace vk = venue::virtual_kalshi;
namespace kalshi = venue::kalshi;
namespace kraken = venue::kraken;

class Counting final : public Recorder {
 public:
  void record(const event::Event& e) override {
    const auto* m = std::get_if<event::StreamHealth>(&e.what);
    if (m == nullptr) return;
    if (m->health == event::Health::healthy && alarmed) healthy_again = healthy_again || of_alarm(*m);
    if (!m->why.starts_with("schema: ") || alarmed) return;
    alarmed = true;
    why = m->why;
    orders_at_alarm = orders;
    kalshi_alarm = m->stream != event::Stream::spot && m->stream != event::Stream::candles;
  }
  void record(const event::Event&, const event::Effect& fx) override {
    orders += std::holds_alternative<event::PlaceOrder>(fx) ? 1 : 0;
  }
  bool alarmed{false}, healthy_again{false};
  std::string why;
  std::int64_t orders{0}, orders_at_alarm{0};

 private:
  bool of_alarm(const event::StreamHealth& m) const {
    const bool of_kraken = m.stream == event::Stream::spot || m.stream == event::Stream::candles;
    return of_kraken != kalshi_alarm;
  }
  bool kalshi_alarm{false};
};

vk::WorldOptions market() {
  vk::WorldOptions o;
  o.seed = 4;
  o.start = *parse_iso("2026-11-22T14:16:00Z");
  o.history = 75_min;
  o.volatility_error = 2;  // makers who are wrong: there is something to trade
  o.flicker_rate = 10;
  o.ladder = {2, 100};
  return o;
}

CoreConfig eager() {
  CoreConfig config;
  config.strategy.belief.mean = {0, 0.9, 0.1, 0};
  config.strategy.disagreement_max = 5;
  return config;
}

class Rig {
 public:
  Rig()
      : world_{market()},
        gate_{"key", std::move(*kalshi::Key::generate(kalshi::Key::Kind::ed25519))},
        api_{world_, gate_, *vk::tier_of("prestige")},
        core_{eager()},
        loop_{core_.engine(), exchange_, forecasts_, {&counting}, 20_ms} {
    kraken::FeedRules rules;
    rules.history = 70_min;
    kraken_ = std::make_unique<kraken::Feed>(rules, 2);
    kalshi_.start(world_.now());
    kraken_->start(world_.now());
  }

  void run(Duration length) {
    for (const Time end = world_.now() + length; world_.now() < end;) step();
  }
  void change(const std::string& fault) {
    auto script = vk::FaultScript::parse(fault);
    ASSERT_TRUE(script) << script.error().message;
    faults_ = std::move(*script);
  }
  Counting counting;

 private:
  void step() {
    world_.advance(world_.now() + 100_ms);
    const Time now = world_.now();
    for (const auto& notice : world_.exchange().take_notices()) {
      if (kalshi_session_) kalshi_session_->on_notice(notice);
    }
    for (const auto& second : world_.take_index()) {
      if (kalshi_session_) kalshi_session_->on_index(second);
    }
    if (kalshi_session_) kalshi_session_->flush();
    if (kraken_session_) kraken_session_->on_time(now);
    deliver();
    kalshi_.tick(now);
    kraken_->tick(now);
    for (int round = 0; round < 4; ++round) {
      carry_out_kalshi(now);
      carry_out_kraken(now);
      deliver();
    }
    for (auto& what : kalshi_.take_events()) loop_.happen(now, std::move(what));
    for (auto& what : kraken_->take_events()) {
      const auto* bar = std::get_if<event::CandleClosed>(&what);
      if (bar != nullptr && bar->candle.begin + 2_min < market().start)
        loop_.preload(*bar);
      else
        loop_.happen(now, std::move(what));
    }
    loop_.pass(now);
  }
  std::string reshaped(std::string text) {
    faults_.reshape(text);
    return text;
  }
  void deliver() {
    const Time now = world_.now();
    if (kalshi_session_) {
      for (auto& frame : kalshi_session_->take_frames()) kalshi_.text(kalshi_generation_, reshaped(frame), now);
    }
    if (kraken_session_) {
      for (auto& frame : kraken_session_->take_frames()) kraken_->text(kraken_generation_, reshaped(frame), now);
    }
  }
  void carry_out_kalshi(Time now) {
    for (const auto& action : kalshi_.take_actions()) {
      if (const auto* connect = std::get_if<kalshi::out::Connect>(&action)) {
        kalshi_generation_ = connect->generation;
        kalshi_session_ = std::make_unique<vk::KalshiSession>(world_, world_.account());
        kalshi_.opened(kalshi_generation_, now);
      } else if (const auto* send = std::get_if<kalshi::out::Send>(&action)) {
        if (kalshi_session_ && send->generation == kalshi_generation_) kalshi_session_->on_text(send->text);
      } else if (const auto* get = std::get_if<kalshi::out::Get>(&action)) {
        const auto answer = api_.handle({"GET", "/trade-api/v2" + get->target, "", {}}, now);
        kalshi_.rest_answer(get->request, answer.status, reshaped(answer.body), now);
      } else {
        kalshi_session_.reset();
      }
    }
  }
  void carry_out_kraken(Time now) {
    using venue::virtual_kraken::Version;
    for (const auto& action : kraken_->take_actions()) {
      if (const auto* connect = std::get_if<kraken::out::Connect>(&action)) {
        kraken_generation_ = connect->generation;
        kraken_session_ = std::make_unique<venue::virtual_kraken::KrakenSession>(world_.kraken(), Version::v2, now, 1);
        kraken_->opened(kraken_generation_, now);
      } else if (const auto* send = std::get_if<kraken::out::Send>(&action)) {
        if (kraken_session_) kraken_session_->on_text(send->text, now);
      } else if (const auto* get = std::get_if<kraken::out::Get>(&action)) {
        const auto body = venue::virtual_kraken::rest(world_.kraken(), {"GET", get->target, "", {}}, now).body;
        kraken_->rest_answer(get->request, reshaped(body), now);
      } else {
        kraken_session_.reset();
      }
    }
  }

  vk::World world_;
  vk::Gate gate_;
  vk::KalshiApi api_;
  vk::FaultScript faults_;
  kalshi::Feed kalshi_{kalshi::FeedRules{}, 1};
  std::unique_ptr<kraken::Feed> kraken_;
  std::unique_ptr<vk::KalshiSession> kalshi_session_;
  std::unique_ptr<venue::virtual_kraken::KrakenSession> kraken_session_;
  std::uint64_t kalshi_generation_{0}, kraken_generation_{0};
  venue::sim::SimExchange exchange_{venue::sim::neutral()};
  BaselineEdge forecasts_;
  Core core_;
  World loop_;
};

struct Change {
  const char* of;  // text of the frames that change
  const char* field;
  const char* named{nullptr};  // in the alarm; the field itself if null
};

// What comes often enough for minutes to show it; tests/venue/schema_watch_test.cpp has every field of every decoder.
const std::vector<Change> kChanges{
    {"\"orderbook_delta\"", "price_dollars"}, {"\"orderbook_delta\"", "delta_fp"},
    {"\"orderbook_delta\"", "side"},          {"\"orderbook_delta\"", "market_ticker"},
    {"\"orderbook_delta\"", "seq"},           {"\"orderbook_delta\"", "sid"},
    {"\"orderbook_delta\"", "type"},          {"\"orderbook_delta\"", "msg"},
    {"\"ticker\"", "yes_bid_dollars"},        {"\"trade\",\"sid\"", "yes_price_dollars"},
    {"\"trade\",\"sid\"", "count_fp"},        {"\"cfbenchmarks_value\"", "data"},
    {"\"cfbenchmarks_value\"", "value"},      {"\"cfbenchmarks_value\"", "index_id"},
    {"\"floor_strike\"", "close_time"},       {"\"markets\"", "strike_type"},
    {"\"floor_strike\"", "status"},           {"\"channel\":\"trade\"", "price"},
    {"\"channel\":\"trade\"", "trade_id"},    {"\"channel\":\"trade\"", "timestamp"},
    {"\"channel\":\"ohlc\"", "close"},        {"\"channel\":\"ohlc\"", "interval_begin"},
    {"\"channel\":\"ohlc\"", "channel"},
};

void expect_stopped(const Change& change, const char* how) {
  SCOPED_TRACE(std::string{how} + " " + change.of + " " + change.field);
  Rig rig;
  rig.run(2_min);
  EXPECT_FALSE(rig.counting.alarmed) << rig.counting.why;
  EXPECT_GT(rig.counting.orders, 0) << "a run that does not trade proves nothing";
  rig.change(std::string{how} + " of=" + change.of + " field=" + change.field);
  // The list of markets comes every quarter of a minute only.
  const std::string of = change.of;
  rig.run(of == "\"floor_strike\"" || of == "\"markets\"" ? 6_min : 2_min);
  ASSERT_TRUE(rig.counting.alarmed);
  EXPECT_THAT(rig.counting.why, HasSubstr(change.named != nullptr ? change.named : change.field));
  EXPECT_EQ(rig.counting.orders, rig.counting.orders_at_alarm) << "an order after the alarm";
  EXPECT_FALSE(rig.counting.healthy_again);
}

TEST(SchemaStop, trades_on_while_nothing_changes) {
  Rig rig;
  rig.run(2_min);
  const auto before = rig.counting.orders;
  rig.change("field_rename of=orderbook_delta field=no_such_field");
  rig.run(4_min);
  EXPECT_FALSE(rig.counting.alarmed) << rig.counting.why;
  EXPECT_GT(rig.counting.orders, before);
}

TEST(SchemaStop, no_order_follows_a_field_that_was_renamed_retyped_or_dropped) {
  for (const auto& change : kChanges) {
    for (const char* how : {"field_rename", "field_retype", "field_drop"}) expect_stopped(change, how);
  }
}

}  // namespace
}  // namespace voltage::app::watch
