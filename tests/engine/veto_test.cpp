// Each reason of the outside world not to trade: it stops the order, is counted, and goes away with its cause.
#include <gtest/gtest.h>

#include <functional>

#include "eager.hpp"
#include "engine/engine.hpp"

namespace voltage::engine {
namespace {

using namespace literals;
using event::Veto;

struct World {
  explicit World(const EngineConfig& config, Time start = kOpen + 1_min) : engine{config, eager}, now{start} {
    for (std::size_t i = 0; i < event::kStreams; ++i)
      say(event::StreamHealth{static_cast<event::Stream>(i), event::Health::healthy, ""});
    contract.id = kId;
    contract.ticker = "KXBTC15M-TEST";
    contract.open = start - 1_min;
    contract.close = contract.open + 15_min;
    contract.strike = {market::StrikeType::greater_or_equal, market::index_from_usd(80'000), std::nullopt};
    contract.ticks = market::TickGrid::tapered_deci_cent();
    say(event::ContractSeen{contract});
  }
  event::Decision say(event::Payload what) {
    now = now + 10_ms;
    event::Decision last{};
    for (const auto& fx : engine.on({++seq, now, std::move(what)})) {
      if (const auto* d = std::get_if<event::Decision>(&fx)) last = *d;
    }
    return last;
  }
  event::Decision book(std::vector<market::Level> bids, std::vector<market::Level> asks) {
    return say(event::BookSnapshot{kId, std::move(bids), std::move(asks)});
  }
  event::Decision book() { return book({{Price{4'000}, Qty{50'000}}}, {{Price{4'200}, Qty{50'000}}}); }
  bool counted(Veto v) const { return engine.counters().vetoes[static_cast<std::size_t>(v)] > 0; }

  Eager eager;
  Engine engine;
  Time now;
  market::Contract contract;
  std::uint64_t seq{0};
};

bool has(const event::Decision& d, Veto v) {
  return ((d.vetoes >> static_cast<unsigned>(v)) & 1U) != 0;
}

// Alone it stops what would else be an order.
void stops(const char* what, Veto veto, const EngineConfig& config, Time start = kOpen + 1_min) {
  World free{EngineConfig{}};
  ASSERT_NE(free.book().order.v, 0U) << what;
  World w{config, start};
  const auto d = w.book();
  EXPECT_EQ(d.order.v, 0U) << what;
  EXPECT_EQ(d.vetoes, event::bit(veto)) << what;
  EXPECT_TRUE(w.counted(veto)) << what;
}

TEST(Veto, a_scheduled_release_stops_new_risk_and_passes) {
  EngineConfig config;
  config.quiet = {{kOpen, kOpen + 2_min}};
  stops("release", Veto::macro_release, config);
  config.quiet = {{kOpen - 60_min, kOpen - 1_min}, {kOpen + 10_min, kOpen + 12_min}};
  World w{config};
  EXPECT_NE(w.book().order.v, 0U);
}

TEST(Veto, an_open_assumption_and_missing_evidence_stop_new_risk) {
  EngineConfig config;
  config.assumptions_open = 1;
  stops("assumption", Veto::assumption_open, config);
  config = {};
  config.rung = risk::Rung::canary;
  stops("evidence", Veto::evidence, config);
}

TEST(Veto, the_thursday_pause_the_final_seconds_and_a_time_before_the_open_stop_new_risk) {
  // 2026-05-14 is a Thursday; 03:10 in New York is 07:10Z.
  stops("pause", Veto::exchange_paused, EngineConfig{}, Time::from_ms(1'778'742'600'000));
  EngineConfig config;
  config.final_seconds = 15_min;
  stops("final seconds", Veto::final_seconds, config);
  World w{EngineConfig{}};
  w.contract.open = w.now + 1_min;
  w.say(event::ContractSeen{w.contract});
  EXPECT_TRUE(has(w.book(), Veto::not_open));
}

TEST(Veto, a_book_with_one_side_a_crossed_one_and_a_lost_one_stop_new_risk) {
  World w{EngineConfig{}};
  EXPECT_TRUE(has(w.book({}, {{Price{4'200}, Qty{500}}}), Veto::book_one_sided));
  EXPECT_TRUE(has(w.book({{Price{4'300}, Qty{500}}}, {{Price{4'200}, Qty{500}}}), Veto::book_crossed));
  w.say(event::BookLost{kId, "a hole"});
  EXPECT_TRUE(has(w.say(event::ContractSeen{w.contract}), Veto::book_lost));
  EXPECT_EQ(w.engine.counters().orders, 0);
}

TEST(Veto, each_needed_stream_stops_new_risk_while_it_is_not_healthy) {
  for (std::size_t i = 0; i < event::kStreams; ++i) {
    EngineConfig config;
    config.needed.fill(true);
    World w{config};
    w.say(event::StreamHealth{static_cast<event::Stream>(i), event::Health::stale, "silent"});
    EXPECT_TRUE(has(w.book(), Veto::stream_unhealthy)) << i;
    w.say(event::StreamHealth{static_cast<event::Stream>(i), event::Health::healthy, ""});
    EXPECT_NE(w.book().order.v, 0U) << i;
  }
}

TEST(Veto, delta_and_vega_of_an_instant_are_limited_and_what_brings_them_back_passes) {
  for (const bool vega : {false, true}) {
    EngineConfig config;
    config.limits.delta_1pct_max = config.limits.vega_point_max = 15;
    config.limits.contract_loss_max = config.limits.instant_loss_max = Money{500 * kDollar.micros};
    World w{config};
    (vega ? w.eager.each->vega_1vol : w.eager.each->delta_1pct) = 1.0;
    const auto first = w.book();
    ASSERT_NE(first.order.v, 0U) << "ten of fifteen dollars";
    w.say(event::OrderAccepted{first.order, "v", Qty{1'000}, Qty{0}});
    w.say(event::FillSeen{first.order, "t1", kId, Side::bid, Price{4'200}, Qty{1'000}, Money{}, false});
    const auto second = w.book();
    ASSERT_NE(second.order.v, 0U) << "five are left";
    w.say(event::OrderAccepted{second.order, "v", Qty{500}, Qty{0}});
    w.say(event::FillSeen{second.order, "t2", kId, Side::bid, Price{4'200}, Qty{500}, Money{}, false});
    const auto third = w.book();
    EXPECT_EQ(third.order.v, 0U);
    EXPECT_TRUE(has(third, vega ? Veto::limit_vega : Veto::limit_delta));
    (vega ? w.eager.each->vega_1vol : w.eager.each->delta_1pct) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(w.book().order.v, 0U) << "what can't be measured is not approved";
    w.eager.each.reset();
    EXPECT_EQ(w.book().order.v, 0U) << "nor what is not known at all";
  }
}

}  // namespace
}  // namespace voltage::engine
