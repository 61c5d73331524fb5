// The core stops taking risk when it is told to, when the venue contradicts itself and when the exchange is
// closed, and it never forgets an order.
#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "engine/engine.hpp"

namespace voltage::engine {
namespace {

using namespace literals;

// Wants a resting buy whenever it is asked.
class Eager final : public strategy::Strategy {
 public:
  void observe(const event::Event&, const strategy::Context&) override {}
  strategy::View view(event::ContractId, const strategy::Context&) override { return {0.5, 0.5}; }
  bool wants_decision(event::ContractId, const strategy::Context&) override { return true; }
  std::optional<strategy::Intent> decide(event::ContractId contract, const strategy::Context& context,
                                         event::Decision&) override {
    return strategy::Intent{contract, Side::bid,         Price{4'000}, Qty{1'000}, event::TimeInForce::good_till_time,
                            true,     context.now + 20_s};
  }
  std::optional<pricing::Greeks> greeks(event::ContractId, const strategy::Context&) override {
    return pricing::Greeks{};
  }
};

struct Desk {
  Eager strategy;
  Engine engine;
  std::uint64_t seq{0};
  Time now;

  explicit Desk(const char* start = "2026-05-12T14:00:00Z")
      : engine{EngineConfig{.needed = {}}, strategy}, now{*parse_iso(start)} {
    market::Contract c;
    c.open = now - 60_s;
    c.close = now + 800_s;
    c.strike = {market::StrikeType::greater_or_equal, market::IndexValue{8'000'000'000'000}, std::nullopt};
    c.ticks = market::TickGrid::linear_cent();
    on(event::ContractSeen{c});
  }
  std::vector<event::Effect> on(event::Payload what) {
    const auto effects = engine.on({++seq, now, std::move(what)});
    return {effects.begin(), effects.end()};
  }
  // A fresh book: makes the engine consider the contract.
  std::vector<event::Effect> book() {
    return on(event::BookSnapshot{{}, {{Price{4'500}, Qty{10'000}}}, {{Price{4'700}, Qty{10'000}}}});
  }
};

template <class T>
std::vector<T> all(const std::vector<event::Effect>& effects) {
  std::vector<T> out;
  for (const auto& e : effects) {
    if (const auto* found = std::get_if<T>(&e)) out.push_back(*found);
  }
  return out;
}
bool vetoed(const std::vector<event::Effect>& effects, event::Veto why) {
  const auto decisions = all<event::Decision>(effects);
  return !decisions.empty() && ((decisions.back().vetoes >> static_cast<unsigned>(why)) & 1U) != 0;
}
event::FillSeen fill(event::OrderId order, const char* id, std::int64_t centis) {
  return {order, id, {}, Side::bid, Price{4'000}, Qty{centis}, {}, true};
}

TEST(OrderSafety, one_order_a_contract_until_the_venue_ends_it) {
  Desk desk;
  const auto placed = all<event::PlaceOrder>(desk.book());
  ASSERT_EQ(placed.size(), 1u);
  const auto id = placed[0].terms().order;
  EXPECT_TRUE(vetoed(desk.book(), event::Veto::order_pending));
  desk.on(event::OrderUnknown{id, "timeout"});
  EXPECT_TRUE(vetoed(desk.book(), event::Veto::order_pending));
  desk.on(fill(id, "a", 500));
  desk.on(fill(id, "a", 500));
  EXPECT_TRUE(vetoed(desk.book(), event::Veto::order_pending)) << "a second copy of a fill ended the order";
  desk.on(fill(id, "b", 500));
  EXPECT_EQ(all<event::PlaceOrder>(desk.book()).size(), 1u);
  EXPECT_EQ(desk.engine.ledger().net({}), Qty{1'000});
}

TEST(OrderSafety, a_kill_cancels_what_is_open_and_latches) {
  Desk desk;
  const auto id = all<event::PlaceOrder>(desk.book()).at(0).terms().order;
  const auto cancels = all<event::CancelOrder>(desk.on(event::OperatorSaid{event::OperatorAction::kill, "enough"}));
  ASSERT_EQ(cancels.size(), 1u);
  EXPECT_EQ(cancels[0].order, id);
  desk.on(event::CancelDone{id, Qty{1'000}});
  EXPECT_TRUE(vetoed(desk.book(), event::Veto::halted));
  desk.on(event::OperatorSaid{event::OperatorAction::resume, ""});
  EXPECT_EQ(all<event::PlaceOrder>(desk.book()).size(), 1u);
}

TEST(OrderSafety, a_pause_stops_new_orders_and_leaves_the_open_ones_alone) {
  Desk desk;
  const auto id = all<event::PlaceOrder>(desk.book()).at(0).terms().order;
  EXPECT_TRUE(desk.on(event::OperatorSaid{event::OperatorAction::pause, "lunch"}).empty());
  desk.on(event::CancelDone{id, Qty{1'000}});
  EXPECT_TRUE(vetoed(desk.book(), event::Veto::halted));
  EXPECT_EQ(desk.engine.gate().halted_why(), "lunch");
  desk.on(event::OperatorSaid{event::OperatorAction::resume, "back"});
  EXPECT_EQ(all<event::PlaceOrder>(desk.book()).size(), 1u);
}

TEST(OrderSafety, a_venue_that_contradicts_itself_ends_new_risk) {
  Desk refused;
  const auto id = all<event::PlaceOrder>(refused.book()).at(0).terms().order;
  refused.on(event::OrderRefused{id, "invalid_order"});
  EXPECT_FALSE(refused.engine.gate().halted());
  refused.on(fill(id, "a", 100));
  EXPECT_TRUE(refused.engine.gate().halted());

  Desk changed;
  const auto other = all<event::PlaceOrder>(changed.book()).at(0).terms().order;
  changed.on(fill(other, "a", 100));
  changed.on(fill(other, "a", 200));
  EXPECT_TRUE(changed.engine.gate().halted());
}

TEST(OrderSafety, nothing_new_in_the_exchanges_weekly_pause) {
  Desk thursday{"2026-05-14T07:30:00Z"};
  EXPECT_TRUE(vetoed(thursday.book(), event::Veto::exchange_paused));
  Desk friday{"2026-05-15T07:30:00Z"};
  EXPECT_EQ(all<event::PlaceOrder>(friday.book()).size(), 1u);
}

TEST(OrderSafety, every_change_of_cash_is_an_effect) {
  Desk desk;
  const Money start = desk.engine.ledger().cash();
  const auto id = all<event::PlaceOrder>(desk.book()).at(0).terms().order;
  Money sum;
  for (const event::Payload& p : std::vector<event::Payload>{fill(id, "a", 400), fill(id, "a", 400), fill(id, "b", 600),
                                                             event::Settled{{}, event::Outcome::yes, std::nullopt}}) {
    for (const auto& change : all<event::CashChange>(desk.on(p))) {
      sum += change.change;
      EXPECT_EQ(change.balance, start + sum);
    }
  }
  EXPECT_EQ(desk.engine.ledger().cash(), start + sum);
  EXPECT_EQ(sum, Money{6'000'000});
}

}  // namespace
}  // namespace voltage::engine
