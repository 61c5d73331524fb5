// An order is followed to its end, and counted for as long as it could still cost something.
#include "execution/executor.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace voltage::execution {
namespace {

using namespace literals;

const Time kNow = Time::from_ms(1'778'500'000'000);

struct Desk {
  ledger::Ledger ledger{Money{1'000 * kDollar.micros}};
  risk::Gate gate{risk::Limits{}};
  Executor executor{3};
  market::Contract contract;

  Desk() {
    contract.close = kNow + 600_s;
    contract.strike.floor = market::IndexValue{1};
    contract.ticks = market::TickGrid::linear_cent();
    gate.follow(kNow, ledger);
  }
  event::OrderId place(event::TimeInForce tif = event::TimeInForce::good_till_time) {
    const strategy::Intent wish{contract.id, Side::bid, Price{5'000}, Qty{1'000}, tif, false, kNow + 30_s};
    const auto verdict = gate.check(wish, kNow, contract, ledger, executor.in_flight());
    return executor.place(std::get<risk::Approved<strategy::Intent>>(verdict), contract.fees, kNow).terms().order;
  }
};
event::FillSeen fill(event::OrderId order, const char* id, std::int64_t centis) {
  return {order, id, {}, Side::bid, Price{5'000}, Qty{centis}, {}, false};
}

TEST(Executor, ids_are_the_run_and_a_counter) {
  Desk desk;
  EXPECT_EQ(desk.place().v, (std::uint64_t{3} << 32) | 1);
  EXPECT_EQ(desk.place().v, (std::uint64_t{3} << 32) | 2);
}

TEST(Executor, a_second_copy_of_a_fill_does_not_end_an_order) {
  Desk desk;
  const auto id = desk.place();
  EXPECT_FALSE(desk.executor.on(fill(id, "a", 500)));
  EXPECT_FALSE(desk.executor.on(fill(id, "a", 500)));
  EXPECT_TRUE(desk.executor.pending(desk.contract.id));
  EXPECT_FALSE(desk.executor.on(fill(id, "b", 500)));
  EXPECT_FALSE(desk.executor.pending(desk.contract.id));
}

TEST(Executor, an_unknown_order_keeps_its_contract_and_its_money) {
  Desk desk;
  const auto id = desk.place();
  const Money cost = desk.executor.in_flight();
  EXPECT_GT(cost, Money{5'000'000});
  EXPECT_FALSE(desk.executor.on(event::OrderUnknown{id, "timeout"}));
  EXPECT_TRUE(desk.executor.pending(desk.contract.id));
  EXPECT_EQ(desk.executor.in_flight(), cost);
  EXPECT_FALSE(desk.executor.on(event::OrderRefused{id, "invalid_order"}));
  EXPECT_FALSE(desk.executor.pending(desk.contract.id));
  EXPECT_EQ(desk.executor.in_flight(), Money{});
}

TEST(Executor, only_what_can_still_be_filled_is_in_flight) {
  Desk desk;
  const auto id = desk.place();
  const Money whole = desk.executor.in_flight();
  EXPECT_FALSE(desk.executor.on(fill(id, "a", 900)));
  EXPECT_LT(desk.executor.in_flight(), Money{whole.micros / 5});
  EXPECT_EQ(desk.executor.open().size(), 1u);
  EXPECT_FALSE(desk.executor.on(event::CancelDone{id, Qty{100}}));
  EXPECT_EQ(desk.executor.in_flight(), Money{});
  EXPECT_TRUE(desk.executor.open().empty());
}

TEST(Executor, an_amended_order_counts_as_it_was_and_as_it_is_asked_for_until_it_is_answered) {
  Desk desk;
  const auto id = desk.place();
  EXPECT_FALSE(desk.executor.on(event::OrderAccepted{id, "v", Qty{}, Qty{1'000}}));
  EXPECT_FALSE(desk.executor.on(fill(id, "a", 200)));
  const Money before = desk.executor.in_flight();
  const strategy::Intent to{
      desk.contract.id, Side::bid, Price{4'000}, Qty{500}, event::TimeInForce::good_till_time, true, kNow + 40_s};
  const auto verdict =
      desk.gate.check(strategy::Amend{id, to}, kNow, desk.contract, desk.ledger, desk.executor.in_flight());
  const auto amend = desk.executor.amend(std::get<risk::Approved<strategy::Amend>>(verdict), kNow);
  EXPECT_EQ(amend.terms().revision, 1U);
  EXPECT_EQ(amend.terms().qty, Qty{700}) << "with what was filled already";
  EXPECT_GT(desk.executor.in_flight(), before + Money{2'000'000 - 1});
  EXPECT_FALSE(desk.executor.on(event::OrderUnknown{id, "timeout", 1}));
  EXPECT_GT(desk.executor.in_flight(), before) << "no answer is no answer";
  EXPECT_FALSE(desk.executor.on(event::AmendDone{id, 1}));
  EXPECT_LT(desk.executor.in_flight(), before);
}

TEST(Executor, no_amend_passes_the_limits_beside_the_order_as_it_stands) {
  Desk desk;
  const auto id = desk.place();
  EXPECT_FALSE(desk.executor.on(event::OrderAccepted{id, "v", Qty{}, Qty{1'000}}));
  const auto asked = [&](Qty qty) {
    const strategy::Intent to{desk.contract.id, Side::bid, Price{5'000}, qty, event::TimeInForce::good_till_time, true,
                              kNow + 40_s};
    return std::holds_alternative<risk::Refused>(
        desk.gate.check(strategy::Amend{id, to}, kNow, desk.contract, desk.ledger, desk.executor.in_flight()));
  };
  // $100 an instant: $5 stand already.
  EXPECT_FALSE(asked(Qty{8'000}));
  EXPECT_TRUE(asked(Qty{19'000}));
}

TEST(Executor, says_once_when_the_venue_contradicts_itself) {
  Desk desk;
  const auto id = desk.place();
  EXPECT_FALSE(desk.executor.on(event::OrderRefused{id, "x"}));
  EXPECT_TRUE(desk.executor.on(fill(id, "a", 10)));
  EXPECT_FALSE(desk.executor.on(fill(id, "b", 10)));
}

TEST(Executor, leaves_orders_that_are_not_ours_alone) {
  Desk desk;
  EXPECT_FALSE(desk.executor.on(fill({99}, "a", 10)));
  EXPECT_TRUE(desk.executor.orders().empty());
}

}  // namespace
}  // namespace voltage::execution
