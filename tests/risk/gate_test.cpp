// No order gets past a limit, and what reduces risk is let through.
#include "risk/gate.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "base/rng.hpp"
#include "ledger/fees.hpp"
#include "risk/path.hpp"
#include "support/full.hpp"

namespace voltage::risk {
namespace {

using namespace literals;
using event::Veto;
using strategy::Intent;

static_assert(!std::is_constructible_v<Approved<Intent>, Intent>, "only the gate approves");
static_assert(!std::is_default_constructible_v<Approved<Intent>>);

const Time kNow = Time::from_ms(1'778'500'000'000);

market::Contract contract(std::uint32_t id, std::int64_t strike_usd, Duration to_close = 600_s) {
  market::Contract c;
  c.id = {id};
  c.close = kNow + to_close;
  c.strike = {market::StrikeType::greater_or_equal, market::IndexValue{strike_usd * 100'000'000}, std::nullopt};
  c.ticks = market::TickGrid::linear_cent();
  return c;
}

struct Desk {
  ledger::Ledger ledger{Money{1'000 * kDollar.micros}};
  Gate gate;
  int trades{0};

  explicit Desk(const Limits& limits = {}) : gate{limits} {
    ledger.know(contract(0, 80'000));
    ledger.know(contract(1, 80'100));
    ledger.know(contract(2, 80'000, 1'500_s));
    gate.follow(kNow, ledger);
  }
  void filled(std::uint32_t id, Side side, std::int32_t pips, std::int64_t centis) {
    ledger::Ledger::Changes out;
    ledger.on(event::FillSeen{{1}, std::to_string(++trades), {id}, side, Price{pips}, Qty{centis}, {}, false}, out);
    gate.follow(kNow, ledger);
  }
  // 30 contracts at 50 cents that pay nothing.
  void lose_15_dollars() {
    ledger::Ledger::Changes out;
    filled(0, Side::bid, 5'000, 3'000);
    ledger.on(event::Settled{{0}, event::Outcome::no, {}}, out);
    gate.follow(kNow, ledger);
  }
  // Empty: approved.
  std::optional<Veto> ask(const market::Contract& c, Side side, std::int32_t pips, std::int64_t centis,
                          Money in_flight = {}, Time now = kNow) {
    const Intent wish{c.id, side, Price{pips}, Qty{centis}, event::TimeInForce::immediate_or_cancel, false, {}};
    const auto verdict = gate.check(wish, now, c, ledger, in_flight);
    if (const auto* refused = std::get_if<Refused>(&verdict)) return refused->why;
    return std::nullopt;
  }
};

TEST(Gate, lets_an_order_within_the_limits_through) {
  Desk desk;
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 1'000));
}

TEST(Gate, refuses_by_size_price_and_grid) {
  Desk desk;
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 50'001), Veto::limit_contract);
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 0), Veto::limit_contract);
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 9'950, 100), Veto::limit_contract);
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'050, 100), Veto::limit_contract);
}

TEST(Gate, a_contract_may_lose_no_more_than_its_limit) {
  Desk desk;
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 9'000));
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 10'000), Veto::limit_contract);
  desk.filled(0, Side::bid, 5'000, 8'000);
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 3'000), Veto::limit_contract);
}

TEST(Gate, an_order_uses_the_cash_of_its_markets_shard_and_an_exit_needs_none) {
  Desk desk;
  auto on_two = contract(0, 80'000);
  on_two.exchange_index = 2;
  desk.ledger.know(on_two);
  desk.ledger.on(event::CashPlaced{0, Money{990 * kDollar.micros}});
  desk.ledger.on(event::CashPlaced{2, Money{10 * kDollar.micros}});
  EXPECT_FALSE(desk.ask(on_two, Side::bid, 5'000, 1'900));
  EXPECT_EQ(desk.ask(on_two, Side::bid, 5'000, 2'100), Veto::cash);
  desk.filled(0, Side::bid, 5'000, 1'900);
  EXPECT_EQ(desk.ask(on_two, Side::bid, 5'000, 200), Veto::cash);
  desk.ledger.on(event::CashPlaced{2, Money{}});
  EXPECT_FALSE(desk.ask(on_two, Side::ask, 4'000, 1'900));
}

TEST(Gate, an_order_that_reduces_is_not_refused_for_size) {
  Desk desk;
  desk.filled(0, Side::bid, 5'000, 9'900);
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::ask, 4'000, 9'900));
}

TEST(Gate, an_exit_gets_out_although_a_limit_is_passed) {
  Limits limits;
  limits.position_qty_max = limits.order_qty_max = kContract;
  limits.contract_loss_max = limits.instant_loss_max = limits.day_loss_max = Money{5 * kDollar.micros};
  Desk desk{limits};
  desk.filled(0, Side::bid, 5'000, 3'000);  // by a person, or when the limits were others
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::ask, 4'000, 100));
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 100), Veto::limit_contract);
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::ask, 4'000, 100, Money{1}), Veto::limit_contract)
      << "what another order leaves of it is not known";
  // One that was a hedge is none: without it the other is bare.
  Desk hedged{limits};
  hedged.filled(0, Side::bid, 5'000, 3'000);
  hedged.filled(1, Side::ask, 5'000, 3'000);
  EXPECT_EQ(hedged.ask(contract(0, 80'000), Side::ask, 4'000, 100), Veto::limit_contract);
}

TEST(Gate, an_instant_may_lose_no_more_than_its_limit_and_hedges_count) {
  Desk desk;
  desk.filled(0, Side::bid, 6'000, 8'000);  // $48
  desk.filled(1, Side::ask, 4'000, 8'000);  // $48: NO above 80,100; one of the two always pays $80
  EXPECT_FALSE(desk.ask(contract(1, 80'100), Side::ask, 4'000, 200));
  Desk same_way;
  same_way.filled(0, Side::bid, 6'000, 8'000);
  same_way.filled(1, Side::bid, 6'000, 8'000);
  EXPECT_EQ(same_way.ask(contract(1, 80'100), Side::bid, 6'000, 200), std::nullopt);
  EXPECT_EQ(same_way.ask(contract(0, 80'000), Side::bid, 5'000, 200, Money{5'000'000}), Veto::limit_instant);
  EXPECT_FALSE(same_way.ask(contract(2, 80'000, 1'500_s), Side::bid, 5'000, 200));
}

// One move of bitcoin decides them all, whatever the series.
TEST(Gate, instants_within_an_hour_may_lose_no_more_together_than_their_path) {
  Limits limits;
  limits.contract_loss_max = limits.instant_loss_max = Money{100 * kDollar.micros};
  limits.path_loss_max = Money{150 * kDollar.micros};
  limits.day_loss_max = limits.drawdown_max = Money{1'000 * kDollar.micros};
  Desk desk{limits};
  desk.filled(0, Side::bid, 5'000, 18'000);  // $90, ten minutes ahead
  const auto later = contract(2, 80'000, 1'500_s);
  EXPECT_FALSE(desk.ask(later, Side::bid, 5'000, 11'000));
  EXPECT_EQ(desk.ask(later, Side::bid, 5'000, 12'500), Veto::limit_path);
  EXPECT_EQ(desk.ask(later, Side::bid, 5'000, 11'000, Money{5'000'000}), Veto::limit_path)
      << "what is on its way counts";
  EXPECT_EQ(desk.ask(later, Side::ask, 5'000, 12'500), Veto::limit_path) << "two instants hedge each other in no case";
  // An hour apart is another path, and beside a path of three each window of an hour counts.
  const auto next = contract(3, 80'000, 600_s + 1_h);
  desk.ledger.know(next);
  EXPECT_FALSE(desk.ask(next, Side::bid, 5'000, 16'000));
  desk.filled(3, Side::bid, 5'000, 16'000);  // $80
  EXPECT_EQ(desk.ask(later, Side::bid, 5'000, 11'000), std::nullopt) << "$90 + $57, and $57 + $80";
  desk.filled(2, Side::bid, 5'000, 11'000);
  EXPECT_EQ(worst_path(limits.path_span, desk.ledger), Money{145'000'000});
  EXPECT_FALSE(desk.ask(later, Side::ask, 4'000, 11'000)) << "an exit";
  // One that can only gain makes no room.
  Desk sure{limits};
  sure.filled(0, Side::bid, 2'000, 10'000);
  sure.filled(1, Side::ask, 8'000, 10'000);
  sure.filled(0, Side::ask, 9'000, 10'000);
  EXPECT_EQ(sure.ask(later, Side::bid, 5'000, 20'500), Veto::limit_contract);
  EXPECT_EQ(path_loss(later.close, Money{90'000'000}, limits.path_span, sure.ledger),
            Money{90'000'000} + sure.ledger.loss_max(contract(0, 80'000).close));
}

TEST(Gate, a_day_and_a_drawdown_have_their_limits) {
  Limits limits;
  limits.day_loss_max = Money{30 * kDollar.micros};
  Desk desk{limits};
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 5'000));
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 6'000), Veto::limit_day);
  limits = {};
  limits.drawdown_max = Money{30 * kDollar.micros};
  EXPECT_EQ(Desk{limits}.ask(contract(0, 80'000), Side::bid, 5'000, 6'000), Veto::limit_drawdown);
}

TEST(Gate, the_most_to_lose_today_shrinks_with_what_is_lost) {
  Desk desk;
  EXPECT_EQ(desk.gate.loss_max_today(desk.ledger), Money{200 * kDollar.micros});
  ledger::Ledger::Changes out;
  desk.filled(0, Side::bid, 5'000, 9'000);
  desk.ledger.on(event::Settled{{0}, event::Outcome::no, {}}, out);
  EXPECT_EQ(desk.gate.loss_max_today(desk.ledger), Money{155 * kDollar.micros});
}

TEST(Gate, a_withdrawal_is_no_loss) {
  Limits limits;
  limits.drawdown_max = Money{100 * kDollar.micros};
  Desk desk{limits};
  ledger::Ledger::Changes out;
  desk.ledger.on(event::CashMoved{event::CashMove::withdrawal, Money{-500 * kDollar.micros}, "w1"}, out);
  desk.gate.follow(kNow, desk.ledger);
  EXPECT_FALSE(desk.gate.halted());
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 1'000));
}

TEST(Gate, cash_must_cover_it_with_what_is_on_its_way) {
  Desk desk;
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 1'000, Money{996 * kDollar.micros}), Veto::cash);
}

TEST(Gate, orders_a_minute_are_counted) {
  Limits limits;
  limits.orders_per_minute_max = 2;
  Desk desk{limits};
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 100));
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 100));
  EXPECT_EQ(desk.ask(contract(0, 80'000), Side::bid, 5'000, 100), Veto::limit_rate);
  EXPECT_FALSE(desk.ask(contract(0, 80'000), Side::bid, 5'000, 100, {}, kNow + 60_s));
}

TEST(Gate, the_halt_latches_until_a_person_resumes) {
  Limits limits;
  limits.drawdown_max = Money{10 * kDollar.micros};
  Desk desk{limits};
  ledger::Ledger::Changes out;
  desk.lose_15_dollars();
  EXPECT_TRUE(desk.gate.halted());
  desk.ledger.on(event::Settled{{0}, event::Outcome::yes, {}}, out);
  desk.gate.follow(kNow + 86'400_s, desk.ledger);
  EXPECT_EQ(desk.ask(contract(1, 80'100), Side::bid, 5'000, 100), Veto::halted);
  desk.gate.resume();
  EXPECT_FALSE(desk.ask(contract(1, 80'100), Side::bid, 5'000, 100));
}

TEST(Gate, a_person_who_resumes_after_a_drawdown_takes_the_loss_and_the_next_is_counted_from_there) {
  Limits limits;
  limits.drawdown_max = Money{10 * kDollar.micros};
  Desk desk{limits};
  desk.lose_15_dollars();
  ASSERT_TRUE(desk.gate.halted());
  desk.gate.resume();
  desk.gate.follow(kNow, desk.ledger);
  EXPECT_FALSE(desk.gate.halted());
  EXPECT_FALSE(desk.ask(contract(1, 80'100), Side::bid, 5'000, 1'000));
  EXPECT_EQ(desk.ask(contract(1, 80'100), Side::bid, 5'000, 2'100), Veto::limit_drawdown);
  EXPECT_EQ(desk.gate.carried().highest, Money{985 * kDollar.micros});
}

TEST(Gate, a_resume_for_another_reason_forgets_no_loss) {
  Limits limits;
  limits.drawdown_max = Money{20 * kDollar.micros};
  Desk desk{limits};
  desk.lose_15_dollars();
  desk.gate.halt("a person looks");
  desk.gate.resume();
  desk.gate.follow(kNow, desk.ledger);
  EXPECT_EQ(desk.gate.carried().highest, Money{1'000 * kDollar.micros});
}

// Whatever is asked, what is approved and filled can never lose more than the limits say.
TEST(Gate, no_run_of_approved_orders_can_lose_more_than_the_limits) {
  Rng rng{41};
  const std::int64_t runs = tests::cases(200, 20'000);
  for (std::int64_t run = 0; run < runs; ++run) {
    Desk desk;
    const Limits& limits = desk.gate.limits();
    for (int i = 0; i < 60; ++i) {
      const auto id = static_cast<std::uint32_t>(rng.below(3));
      const auto c = id == 0 ? contract(0, 80'000) : id == 1 ? contract(1, 80'100) : contract(2, 80'000, 1'500_s);
      const Side side = rng.chance(0.5) ? Side::bid : Side::ask;
      const std::int32_t pips = 100 * static_cast<std::int32_t>(1 + rng.below(99));
      const auto centis = static_cast<std::int64_t>(1 + rng.below(12'000));
      if (desk.ask(c, side, pips, centis, {}, kNow + 2_s * i)) continue;
      const auto fees = ledger::OrderFees{}.charge(c.fees, side, Price{pips}, Qty{centis}, ledger::Liquidity::taker);
      ledger::Ledger::Changes out;
      const std::string trade = std::to_string(run) + "/" + std::to_string(i);
      desk.ledger.on(event::FillSeen{{1}, trade, {id}, side, Price{pips}, Qty{centis}, fees.net(), false}, out);
      desk.gate.follow(kNow, desk.ledger);
      ASSERT_LE(desk.ledger.loss_max(contract(0, 80'000).close), limits.instant_loss_max);
      ASSERT_LE(worst_path(limits.path_span, desk.ledger), limits.path_loss_max);
      ASSERT_LE(desk.ledger.start() - desk.ledger.equity_worst(), limits.day_loss_max);
      ASSERT_GE(desk.ledger.cash(), Money{});
    }
  }
}

}  // namespace
}  // namespace voltage::risk
