// Contracts that settle on one average are one bet: a strangle is built, sized and sent as one, and where one leg may
// not be, the rest of the structure is not.
#include <gtest/gtest.h>

#include "engine/engine.hpp"
#include "forecast/density.hpp"
#include "strategy/volatility.hpp"

namespace voltage::engine {
namespace {

using namespace literals;

const Time kOpen = Time::from_ms(1'778'478'300'000);

strategy::VolatilityConfig trusting() {
  strategy::VolatilityConfig c;
  c.belief.mean = {0, 1, 0, 0};
  c.disagreement_max = 10;
  c.shrink_by_doubt = false;
  return c;
}

struct Desk {
  explicit Desk(const EngineConfig& config = {}) : strategy{trusting()}, engine{config, strategy} {
    for (std::size_t i = 0; i < event::kStreams; ++i)
      say(event::StreamHealth{static_cast<event::Stream>(i), event::Health::healthy, ""});
    contract(0, market::StrikeType::less, {}, 99'500);
    contract(1, market::StrikeType::greater, 100'500, {});
    say(event::SpotSeen{event::SpotVenue::kraken, now, 100'000});
    say(event::IndexSeen{now, market::index_from_usd(100'000), {}, 0});
    event::ForecastReady f{1, now, 100'000, "test", {}, {}};
    for (const Duration h : {1_min, 15_min, 60_min, 240_min}) {
      event::ForecastNode node{h, {}};
      const auto density = forecast::Density::make(0, 0.010 * std::sqrt(h.seconds() / 3'600), 0.5);
      for (std::size_t i = 0; i < node.components.size(); ++i) {
        const auto& c = density.components()[i];
        node.components[i] = {c.weight, c.mean, c.sd};
      }
      f.nodes.push_back(node);
    }
    say(f);
    pass();
  }
  // Longer than between two decisions about one contract.
  void pass() {
    for (int i = 0; i < 40; ++i) say(event::TimePassed{});
  }
  void contract(std::uint32_t id, market::StrikeType type, std::optional<double> floor, std::optional<double> cap) {
    market::Contract c;
    c.id = {id};
    c.ticker = "KXBTC-TEST-" + std::to_string(id);
    c.series = "KXBTC";
    c.open = kOpen;
    c.close = kOpen + 60_min;
    c.strike.type = type;
    if (floor) c.strike.floor = market::index_from_usd(*floor);
    if (cap) c.strike.cap = market::index_from_usd(*cap);
    c.ticks = market::TickGrid::linear_cent();
    say(event::ContractSeen{c});
  }
  std::vector<event::Effect> book(std::uint32_t id, std::int32_t bid, std::int32_t ask) {
    return say(event::BookSnapshot{{id}, {{Price{bid}, Qty{50'000}}}, {{Price{ask}, Qty{50'000}}}});
  }
  // The wings are offered at 15 cents; the density says about 30.
  std::vector<event::Effect> book(std::uint32_t id) {
    return say(event::BookSnapshot{{id}, {{Price{1'300}, Qty{50'000}}}, {{Price{1'500}, Qty{50'000}}}});
  }
  std::vector<event::Effect> say(event::Payload what) {
    now = now + 10_ms;
    const auto effects = engine.on({++seq, now, std::move(what)});
    return {effects.begin(), effects.end()};
  }

  strategy::Volatility strategy;
  Engine engine;
  Time now = kOpen + 1_min;
  std::uint64_t seq = 0;
};

struct Sent {
  std::vector<event::OrderTerms> orders;
  std::vector<event::Decision> decisions;  // with an order
};

Sent sent(const std::vector<event::Effect>& effects) {
  Sent out;
  for (const auto& fx : effects) {
    if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) out.orders.push_back(o->terms());
    if (const auto* d = std::get_if<event::Decision>(&fx); d != nullptr && d->order.v != 0) out.decisions.push_back(*d);
  }
  return out;
}

// The upper wing's book first, its own order to an end without a fill; then the lower wing's.
Sent both_wings(Desk& desk) {
  const auto upper = sent(desk.book(1));
  EXPECT_EQ(upper.orders.size(), 1U) << "the only one on offer goes alone";
  for (const auto& o : upper.orders) desk.say(event::OrderAccepted{o.order, "v", Qty{0}, Qty{0}});
  desk.pass();
  return sent(desk.book(0));
}

TEST(Structure, a_strangle_is_sized_and_sent_as_one_each_leg_with_the_decision_behind_it) {
  Desk desk;
  const auto strangle = both_wings(desk);
  ASSERT_EQ(strangle.orders.size(), 2U);
  EXPECT_EQ(strangle.orders[0].contract, market::ContractId{0});
  EXPECT_EQ(strangle.orders[1].contract, market::ContractId{1});
  ASSERT_EQ(strangle.decisions.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(strangle.orders[i].side, Side::bid);
    EXPECT_EQ(strangle.orders[i].limit, Price{1'500});
    EXPECT_EQ(strangle.decisions[i].order, strangle.orders[i].order);
    EXPECT_GT(strangle.decisions[i].edge, 0.05);
  }
  // Long volatility, and hardly a direction: the legs are about equal.
  EXPECT_NEAR(strangle.orders[0].qty.contracts() / strangle.orders[1].qty.contracts(), 1, 0.25);
}

TEST(Structure, where_the_limits_do_not_take_all_legs_they_are_cut_alike_to_what_they_take) {
  Desk free;
  const auto legs = both_wings(free).orders;
  ASSERT_EQ(legs.size(), 2U);
  EngineConfig config;
  // Room for one leg, not for both.
  config.limits.instant_loss_max = Money{(legs[0].limit * legs[0].qty).micros * 3 / 2};
  Desk desk{config};
  const auto cut = both_wings(desk).orders;
  ASSERT_EQ(cut.size(), 2U);
  Money cost;
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_LT(cut[i].qty, legs[i].qty);
    cost += cut[i].limit * cut[i].qty;
  }
  EXPECT_NEAR(cut[0].qty.contracts() / legs[0].qty.contracts(), cut[1].qty.contracts() / legs[1].qty.contracts(), 0.01);
  EXPECT_LE(cost, config.limits.instant_loss_max);
  EXPECT_GE(cost.dollars(), 0.9 * config.limits.instant_loss_max.dollars()) << "fees are the rest";
}

TEST(Structure, without_room_for_one_contract_of_each_the_companions_are_not_sent) {
  EngineConfig config;
  config.limits.instant_loss_max = Money{(Price{1'500} * kContract).micros * 3 / 2};
  Desk desk{config};
  EXPECT_EQ(both_wings(desk).orders.size(), 1U);
}

// What pays where the other does not is worth more of together than alone.
TEST(Structure, a_leg_that_goes_alone_is_no_larger_than_by_itself) {
  Desk alone;
  const auto by_itself = sent(alone.book(0)).orders;
  ASSERT_EQ(by_itself.size(), 1U);
  Desk desk;
  const auto upper = sent(desk.book(1)).orders;
  ASSERT_EQ(upper.size(), 1U);
  desk.say(event::OrderAccepted{upper[0].order, "v", Qty{0}, Qty{0}});
  // The upper wing's book grows old: its leg may not be.
  for (int i = 0; i < 1'100; ++i) desk.say(event::TimePassed{});
  const auto left = sent(desk.book(0)).orders;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_LE(left[0].qty.contracts(), 1.01 * by_itself[0].qty.contracts());
  EXPECT_GE(left[0].qty.contracts(), 0.9 * by_itself[0].qty.contracts()) << "the price is eleven seconds old";
}

TEST(Structure, what_is_on_its_way_counts_as_held_in_the_next_size) {
  const auto second = [](bool filled) {
    EngineConfig config;
    auto& l = config.limits;
    l.contract_loss_max = l.instant_loss_max = l.path_loss_max = l.day_loss_max = l.drawdown_max =
        Money{900 * kDollar.micros};
    l.delta_1pct_max = l.vega_point_max = 1e9;
    Desk desk{config};
    desk.contract(2, market::StrikeType::greater, 100'000, {});
    desk.contract(3, market::StrikeType::greater, 100'050, {});
    desk.pass();
    const auto first = sent(desk.book(2, 3'800, 4'000)).orders;
    EXPECT_EQ(first.size(), 1U);
    if (filled) {
      desk.say(event::OrderAccepted{first[0].order, "v", first[0].qty, Qty{0}});
      desk.say(event::FillSeen{first[0].order, "t", {2}, Side::bid, first[0].limit, first[0].qty, Money{}, false});
    }
    Qty sum;
    for (const auto& o : sent(desk.book(3, 3'800, 4'000)).orders) sum += o.qty;
    return sum;
  };
  const Qty held = second(true), on_its_way = second(false);
  EXPECT_NEAR(on_its_way.contracts(), held.contracts(), 3);
}

}  // namespace
}  // namespace voltage::engine
