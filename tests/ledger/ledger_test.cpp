// Positions, cash and profit add up, whatever the order of the messages.
#include "ledger/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "support/full.hpp"

namespace voltage::ledger {
namespace {

using event::CashReason;
using event::FillSeen;
using event::OrderId;
using event::Outcome;
using event::Settled;

constexpr ContractId kA{0}, kB{1};
const Time kClose = Time::from_ms(1'778'500'000'000);

FillSeen fill(const char* id, ContractId contract, Side side, std::int32_t pips, std::int64_t centis, Money fee = {}) {
  return {OrderId{7}, id, contract, side, Price{pips}, Qty{centis}, fee, false};
}

market::Contract contract(ContractId id, market::Strike strike) {
  market::Contract c;
  c.id = id;
  c.close = kClose;
  c.strike = strike;
  return c;
}
market::Strike above(std::int64_t usd) {
  return {market::StrikeType::greater_or_equal, market::IndexValue{usd * 100'000'000}, std::nullopt};
}

TEST(Ledger, buying_yes_costs_its_price_and_pays_a_dollar_on_yes) {
  Ledger l{Money{100'000'000}};
  Ledger::Changes out;
  EXPECT_EQ(l.on(fill("t1", kA, Side::bid, 4'000, 250, Money{16'800}), out), FillVerdict::applied);
  EXPECT_EQ(l.cash(), Money{100'000'000 - 1'000'000 - 16'800});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].reason, CashReason::trade);
  EXPECT_EQ(out[1].reason, CashReason::fee);
  EXPECT_EQ(out[1].balance, l.cash());
  l.on(Settled{kA, Outcome::yes, {}}, out);
  EXPECT_EQ(l.cash(), Money{100'000'000 + 1'500'000 - 16'800});
  EXPECT_EQ(l.realised(), Money{1'500'000 - 16'800});
  EXPECT_EQ(l.position(kA).unrealised(Price{1}), Money{0});
}

// An order can use what lies on its market's shard, and nothing else.
TEST(Ledger, cash_lies_on_shards_and_moves_there_with_fills_fees_and_settlements) {
  Ledger l{Money{100'000'000}};
  Ledger::Changes out;
  auto on_two = contract(kA, above(80'000));
  on_two.exchange_index = 2;
  l.know(on_two);
  EXPECT_EQ(l.cash_on(2), l.cash()) << "not told yet";
  l.on(event::CashPlaced{0, Money{90'000'000}});
  l.on(event::CashPlaced{2, Money{10'000'000}});
  EXPECT_EQ(l.cash_on(2), Money{10'000'000});
  EXPECT_EQ(l.cash_on(1), Money{});
  EXPECT_EQ(l.cash_on(-1), l.cash()) << "a market whose shard nobody said";
  l.on(fill("t1", kA, Side::bid, 4'000, 250, Money{16'800}), out);
  EXPECT_EQ(l.cash_on(2), Money{10'000'000 - 1'000'000 - 16'800});
  EXPECT_EQ(l.cash_on(0), Money{90'000'000});
  l.on(Settled{kA, Outcome::yes, {}}, out);
  EXPECT_EQ(l.cash_on(2), Money{10'000'000 + 1'500'000 - 16'800});
  EXPECT_EQ(l.cash(), l.cash_on(0) + l.cash_on(2));
  l.on(event::CashMoved{event::CashMove::withdrawal, Money{-95'000'000}, "w"}, out);
  EXPECT_EQ(l.cash_on(2), l.cash()) << "never more than there is";
}

TEST(Ledger, selling_what_is_not_held_buys_no_at_one_minus_the_price) {
  Ledger l{Money{10'000'000}};
  Ledger::Changes out;
  l.on(fill("t1", kA, Side::ask, 7'000, 100), out);
  EXPECT_EQ(l.cash(), Money{10'000'000 - 300'000});
  EXPECT_EQ(l.net(kA), Qty{-100});
  l.on(Settled{kA, Outcome::no, {}}, out);
  EXPECT_EQ(l.cash(), Money{10'700'000});
}

TEST(Ledger, an_offsetting_fill_gives_the_dollar_back_at_once) {
  Ledger l{Money{10'000'000}};
  Ledger::Changes out;
  l.on(fill("t1", kA, Side::bid, 4'000, 300), out);
  l.on(fill("t2", kA, Side::ask, 6'000, 500), out);  // sells 3, then holds 2 NO
  EXPECT_EQ(l.net(kA), Qty{-200});
  EXPECT_EQ(l.position(kA).yes, Qty{0});
  EXPECT_EQ(l.realised(), Money{600'000});
  EXPECT_EQ(l.cash(), Money{10'000'000 + 600'000 - 800'000});
}

TEST(Ledger, without_netting_both_legs_stay_until_settlement) {
  Ledger l{Money{10'000'000}, Netting::at_settlement};
  Ledger::Changes out;
  l.on(fill("t1", kA, Side::bid, 4'000, 100), out);
  l.on(fill("t2", kA, Side::ask, 6'000, 100), out);
  EXPECT_EQ(l.cash(), Money{10'000'000 - 800'000});
  EXPECT_EQ(l.net(kA), Qty{0});
  l.know(contract(kA, above(100)));
  EXPECT_EQ(l.loss_max(kClose), Money{0});
  l.on(Settled{kA, Outcome::no, {}}, out);
  EXPECT_EQ(l.cash(), Money{10'200'000});
  EXPECT_EQ(l.realised(), Money{200'000});
}

TEST(Ledger, a_trade_id_counts_once_and_a_changed_one_is_a_conflict) {
  Ledger l{Money{10'000'000}};
  Ledger::Changes out;
  l.on(fill("t1", kA, Side::bid, 4'000, 100), out);
  const Money cash = l.cash();
  EXPECT_EQ(l.on(fill("t1", kA, Side::bid, 4'000, 100), out), FillVerdict::duplicate);
  EXPECT_EQ(l.on(fill("t1", kA, Side::bid, 4'000, 200), out), FillVerdict::conflict);
  EXPECT_EQ(l.on(fill("t2", kA, Side::bid, 0, 100), out), FillVerdict::invalid);
  EXPECT_EQ(l.on(fill("t3", kA, Side::bid, 4'000, -100), out), FillVerdict::invalid);
  EXPECT_EQ(l.cash(), cash);
  EXPECT_EQ(l.fills(), 1u);
}

TEST(Ledger, an_amended_settlement_is_reversed_and_a_repeated_one_changes_nothing) {
  Ledger l{Money{10'000'000}};
  Ledger::Changes out;
  l.on(fill("t1", kA, Side::bid, 4'000, 100), out);
  l.on(Settled{kA, Outcome::yes, {}}, out);
  l.on(Settled{kA, Outcome::yes, {}}, out);
  EXPECT_EQ(l.cash(), Money{10'600'000});
  l.on(Settled{kA, Outcome::no, {}}, out);
  EXPECT_EQ(l.cash(), Money{9'600'000});
  EXPECT_EQ(out.back().reason, CashReason::settlement);
  EXPECT_EQ(out.back().change, Money{-1'000'000});
}

TEST(Ledger, the_worst_case_of_an_instant_is_over_one_settlement_value) {
  Ledger l{Money{100'000'000}};
  Ledger::Changes out;
  l.know(contract(kA, above(100)));
  l.know(contract(kB, above(200)));
  // A bull spread: long above 100 at 60 c, short above 200 at 30 c. It can lose 30 c, never 130 c.
  l.on(fill("t1", kA, Side::bid, 6'000, 100), out);
  l.on(fill("t2", kB, Side::ask, 3'000, 100), out);
  EXPECT_EQ(l.at_cost(kClose), Money{1'300'000});
  EXPECT_EQ(l.loss_max(kClose), Money{300'000});
  EXPECT_EQ(l.equity_worst(), Money{100'000'000 - 300'000});
  EXPECT_EQ(l.awaiting_settlement(kClose).size(), 2u);
  EXPECT_TRUE(l.awaiting_settlement(kClose - Duration{1}).empty());
}

TEST(Ledger, an_unknown_strike_can_lose_all_that_it_cost) {
  Ledger l{Money{100'000'000}};
  Ledger::Changes out;
  l.know(contract(kA, {market::StrikeType::greater_or_equal, std::nullopt, std::nullopt}));
  l.on(fill("t1", kA, Side::bid, 6'000, 100), out);
  EXPECT_EQ(l.loss_max(kClose), Money{600'000});
}

TEST(Ledger, deposits_are_no_profit) {
  Ledger l{Money{1'000'000}};
  Ledger::Changes out;
  l.on(event::CashMoved{event::CashMove::deposit, Money{500'000}, "d1"}, out);
  l.on(event::CashMoved{event::CashMove::withdrawal, Money{-200'000}, "w1"}, out);
  l.on(event::CashMoved{event::CashMove::withdrawal, Money{-200'000}, "w1"}, out);  // the same again
  EXPECT_EQ(l.cash(), Money{1'300'000});
  EXPECT_EQ(l.realised(), Money{0});
}

// Keeps nothing but the first message of each trade id and the last word on each outcome, and works out
// cash in closed form: on one axis a book of trades is worth −Σ ±p·q, less a dollar for each contract short.
struct Auditor {
  struct Trades {
    std::int64_t paid_axis{0}, paid_legs{0}, yes{0}, no{0}, fees{0};
    std::optional<Outcome> outcome;
  };
  std::map<std::string, bool> seen;
  std::map<std::uint32_t, Trades> contracts;

  void on(const FillSeen& f) {
    if (!seen.emplace(f.trade_id, true).second) return;
    Trades& t = contracts[f.contract.v];
    const std::int64_t pips = f.price.pips, q = f.qty.centis;
    const bool buy = f.side == Side::bid;
    t.paid_axis += buy ? pips * q : -pips * q;
    t.paid_legs += buy ? pips * q : (10'000 - pips) * q;
    (buy ? t.yes : t.no) += q;
    t.fees += f.fee.micros;
  }
  std::int64_t cash(std::int64_t start, Netting netting) const {
    for (const auto& [id, t] : contracts) {
      const std::int64_t net = t.yes - t.no;
      start -= t.fees;
      if (t.outcome) {
        start += -t.paid_axis + (*t.outcome == Outcome::yes ? net * 10'000 : 0);
      } else if (netting == Netting::immediate) {
        start += -t.paid_axis - (net < 0 ? -net * 10'000 : 0);
      } else {
        start -= t.paid_legs;
      }
    }
    return start;
  }
};

TEST(Ledger, random_histories_equal_an_independent_auditor) {
  Rng rng{4711};
  const std::int64_t histories = tests::cases(20'000, 1'000'000);
  for (std::int64_t h = 0; h < histories; ++h) {
    const Netting netting = rng.chance(0.7) ? Netting::immediate : Netting::at_settlement;
    const Money start{static_cast<std::int64_t>(rng.below(1'000'000'000))};
    Ledger ledger{start, netting};
    Auditor auditor;
    Ledger::Changes out;
    std::vector<FillSeen> sent;
    const std::uint64_t steps = 1 + rng.below(16);
    for (std::uint64_t i = 0; i < steps; ++i) {
      const ContractId id{static_cast<std::uint32_t>(rng.below(3))};
      const double what = rng.uniform();
      if (what < 0.75 || sent.empty()) {
        FillSeen f =
            fill("", id, rng.chance(0.5) ? Side::bid : Side::ask, 1 + static_cast<std::int32_t>(rng.below(9'999)),
                 1 + static_cast<std::int64_t>(rng.below(1'000)), Money{static_cast<std::int64_t>(rng.below(90'000))});
        f.trade_id = std::to_string(sent.size());
        sent.push_back(f);
        ledger.on(f, out);
        auditor.on(f);
      } else if (what < 0.85) {
        const FillSeen& again = sent[rng.below(sent.size())];
        EXPECT_EQ(ledger.on(again, out), FillVerdict::duplicate);
        auditor.on(again);
      } else {
        const Outcome outcome = rng.chance(0.5) ? Outcome::yes : Outcome::no;
        ledger.on(Settled{id, outcome, {}}, out);
        auditor.contracts[id.v].outcome = outcome;
      }
    }
    ASSERT_EQ(ledger.cash().micros, auditor.cash(start.micros, netting)) << "history " << h;
    std::int64_t balance = start.micros;
    for (const auto& c : out) {
      balance += c.change.micros;
      ASSERT_EQ(balance, c.balance.micros);
    }
    ASSERT_EQ(balance, ledger.cash().micros);
    const Price mark{1 + static_cast<std::int32_t>(rng.below(9'999))};
    for (const auto& [id, t] : auditor.contracts) {
      const Position& p = ledger.position(ContractId{id});
      ASSERT_EQ(p.net().centis, t.yes - t.no);
      const Money value = p.outcome ? Money{} : mark * p.yes + mark.complement() * p.no;
      ASSERT_EQ(p.realised() + p.unrealised(mark), p.flow + value);
      ASSERT_EQ(p.fees.micros, t.fees);
    }
  }
}

TEST(Exposure, the_sweep_equals_trying_every_value) {
  Rng rng{99};
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Holding> holdings;
    const std::uint64_t n = rng.below(6);
    for (std::uint64_t i = 0; i < n; ++i) {
      Holding h;
      const auto a = static_cast<std::int64_t>(rng.below(10)), b = static_cast<std::int64_t>(rng.below(10));
      if (!rng.chance(0.3)) h.pays.low = a;
      if (!rng.chance(0.3)) h.pays.high = b;
      h.yes = Qty{static_cast<std::int64_t>(rng.below(5))};
      h.no = Qty{static_cast<std::int64_t>(rng.below(5))};
      holdings.push_back(h);
    }
    std::int64_t worst = INT64_MAX, best = INT64_MIN;
    for (std::int64_t cents = -1; cents <= 11; ++cents) {
      std::int64_t paid = 0;
      for (const Holding& h : holdings) paid += (h.pays.contains(cents) ? h.yes.centis : h.no.centis) * 10'000;
      worst = std::min(worst, paid);
      best = std::max(best, paid);
    }
    const Payouts got = payouts(holdings);
    ASSERT_EQ(got.worst.micros, worst);
    ASSERT_EQ(got.best.micros, best);
  }
}

}  // namespace
}  // namespace voltage::ledger
