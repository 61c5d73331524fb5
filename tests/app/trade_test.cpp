// The whole trade on a simulated market whose makers are wrong about volatility: an edge that is really
// there must become orders, fills, fees and settlements, and every micro-dollar must be accounted for.
#include <gtest/gtest.h>

#include "app/run/baseline_edge.hpp"
#include "app/run/recorder.hpp"
#include "app/run/world.hpp"
#include "strategy/volatility.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app {
namespace {

using namespace literals;

class Counting final : public Recorder {
 public:
  explicit Counting(const engine::Engine& engine) : engine_{engine} {}
  void record(const event::Event& e) override {
    if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
      ++fills;
      fees += fill->fee;
    }
    settled += std::holds_alternative<event::Settled>(e.what);
    const auto* quoted = std::get_if<event::FillSeen>(&e.what);
    maker_fills += quoted != nullptr && quoted->maker;
  }
  void record(const event::Event&, const event::Effect& fx) override {
    if (const auto* c = std::get_if<event::CashChange>(&fx)) {
      changes += c->change;
      EXPECT_EQ(c->balance, engine_.ledger().start() + changes) << "a change of cash without its cause";
    }
    if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) {
      ++orders;
      EXPECT_EQ(engine_.books().at(o->terms().contract).trust, market::Trust::valid);
    }
  }
  std::int64_t fills{0}, orders{0}, settled{0}, maker_fills{0};
  Money fees, changes;

 private:
  const engine::Engine& engine_;
};

struct Day {
  std::int64_t fills, orders, settled, maker_fills;
  Money fees, changes, start, end, open;
};

Day trade_a_day(std::uint64_t seed, double makers_error, double fair_weight, bool quotes = false) {
  venue::sim::SimMarketOptions market_options;
  market_options.seed = seed;
  market_options.history = 24_h;
  market_options.volatility_error = makers_error;
  venue::sim::SimMarket market{market_options};
  BaselineEdge forecasts;
  for (const auto& bar : market.history().bars) forecasts.learn({event::SpotVenue::simulated, 1_min, bar});
  strategy::VolatilityConfig belief;
  belief.belief.mean = {0, fair_weight, 1 - fair_weight, 0};
  belief.maker.on = quotes;
  strategy::Volatility strategy{belief};
  engine::EngineConfig config;
  config.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  engine::Engine engine{config, strategy};
  venue::sim::SimExchange exchange{venue::sim::neutral()};
  Counting counting{engine};
  World world{engine, exchange, forecasts, {&counting}, 20_ms};
  const Time end = market.now() + 24_h;
  while (market.now() < end) {
    auto next = market.next();
    world.happen(next.at, std::move(next.what));
  }
  Money open;
  for (const Time close : engine.ledger().instants()) open += engine.ledger().at_cost(close);
  return {counting.fills,          counting.orders,        counting.settled,
          counting.maker_fills,    counting.fees,          counting.changes,
          engine.ledger().start(), engine.ledger().cash(), open};
}

TEST(Trade, an_edge_that_is_there_becomes_fills_fees_and_settlements) {
  const Day day = trade_a_day(3, 0.6, 0.9);
  EXPECT_GT(day.orders, 0);
  EXPECT_GT(day.fills, 0);
  EXPECT_GT(day.fees, Money{0});
  EXPECT_GT(day.settled, 90);
  EXPECT_EQ(day.start + day.changes, day.end);
}

TEST(Trade, quotes_that_rest_are_filled_and_every_micro_dollar_is_there) {
  const Day day = trade_a_day(3, 0.6, 0.9, true);
  EXPECT_GT(day.maker_fills, 0);
  EXPECT_EQ(day.start + day.changes, day.end);
}

TEST(Trade, two_equal_runs_are_equal) {
  const Day a = trade_a_day(5, 0.6, 0.9), b = trade_a_day(5, 0.6, 0.9);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.orders, b.orders);
  EXPECT_EQ(a.fees, b.fees);
}

TEST(Trade, against_makers_who_are_right_it_hardly_trades) {
  const Day right = trade_a_day(3, 1.0, 0.15), wrong = trade_a_day(3, 0.6, 0.9);
  EXPECT_LT(right.orders * 5, wrong.orders);
}

}  // namespace
}  // namespace voltage::app
