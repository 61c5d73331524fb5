// Books from the venue's lists: equal to a ledger that saw the same, foreign fills apart, every wrong number found.
#include <gtest/gtest.h>

#include <sstream>

#include "app/books/audit.hpp"
#include "app/books/rebuild.hpp"
#include "base/decimal.hpp"
#include "base/rng.hpp"
#include "ledger/fees.hpp"
#include "support/full.hpp"

namespace voltage::app::books {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

const Time kClose = Time::from_ms(1'778'478'300'000);

kalshi::Market market(const std::string& ticker, double strike, double settled) {
  kalshi::Market m;
  m.ticker = ticker;
  m.close = kClose;
  m.strike_type = market::StrikeType::greater_or_equal;
  m.floor = market::index_from_usd(strike);
  m.expiration_value = market::index_from_usd(settled);
  return m;
}

// A random account of three contracts, two of which settled; the venue's numbers are computed here anew.
VenueHistory random_history(Rng& rng) {
  VenueHistory h;
  h.fees["KXBTC15M"] = {};
  const std::vector<std::string> tickers{"KXBTC15M-A", "KXBTC15M-B", "KXBTC15M-C"};
  std::map<std::string, ledger::OrderFees> orders;
  std::map<std::string, Qty> held;
  for (int i = 0; i < 30; ++i) {
    kalshi::Fill f;
    f.trade_id = "t" + std::to_string(i);
    const auto order = rng.below(12);
    f.ticker = tickers[order % 3];
    f.order_id = "o" + std::to_string(order);
    f.client_order_id = (order < 9 ? "voltage-1-" : "person-") + std::to_string(order);
    f.side = rng.below(2) == 0 ? Side::bid : Side::ask;
    f.price = Price{static_cast<std::int32_t>(100 + rng.below(9'800))};
    f.qty = Qty{static_cast<std::int64_t>(1 + rng.below(5'000))};
    f.taker = rng.below(3) != 0;
    f.at = kClose - 10_min + Duration{std::int64_t{i} * 1'000'000'000};
    f.fee = orders[f.order_id]
                .charge({}, f.side, f.price, f.qty, f.taker ? ledger::Liquidity::taker : ledger::Liquidity::maker)
                .net();
    held[f.ticker] += f.side == Side::bid ? f.qty : -f.qty;
    h.fills.push_back(f);
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double settled = 80'000 + 10 * rng.normal();
    h.markets[tickers[k]] = market(tickers[k], 80'000, settled);
    const Qty net = held[tickers[k]];
    if (k == 2) {
      h.positions.push_back({tickers[k], 2, net, {}, {}, {}});
      continue;
    }
    const bool yes = market::round_to_cents(market::index_from_usd(settled)) >= market::index_from_usd(80'000);
    const Qty won = yes ? max(net, Qty{}) : max(-net, Qty{});
    h.settlements.push_back({tickers[k],
                             yes ? kalshi::MarketResult::yes : kalshi::MarketResult::no,
                             max(net, Qty{}),
                             max(-net, Qty{}),
                             {},
                             {},
                             Price{Price::kOne} * won,
                             {},
                             kClose + 2_min});
  }
  return h;
}

TEST(Books, are_those_of_a_ledger_that_saw_the_fills_and_the_tax_file_adds_up_to_its_profit) {
  Rng rng{8};
  for (std::int64_t round = 0; round < tests::cases(200, 5'000); ++round) {
    const VenueHistory h = random_history(rng);
    ledger::Ledger ledger{Money{}};
    ledger::Ledger::Changes changes;
    std::vector<std::string> tickers{"KXBTC15M-A", "KXBTC15M-B", "KXBTC15M-C"};
    const auto id = [&](const std::string& t) { return event::ContractId{static_cast<std::uint32_t>(t.back() - 'A')}; };
    for (const auto& f : h.fills) {
      if (f.client_order_id.starts_with("voltage-"))
        ledger.on(event::FillSeen{{}, f.trade_id, id(f.ticker), f.side, f.price, f.qty, f.fee, !f.taker}, changes);
    }
    for (const auto& s : h.settlements)
      ledger.on(
          event::Settled{id(s.ticker), s.result == kalshi::MarketResult::yes ? event::Outcome::yes : event::Outcome::no,
                         std::nullopt},
          changes);
    const auto made = rebuild(h, {});
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(made->differences.empty()) << made->differences.front();
    ASSERT_TRUE(compare(lines_of(ledger, tickers), made->ours).empty());
    ASSERT_EQ(made->realised, ledger.realised());
    ASSERT_GT(made->foreign_fills, 0);
    // First in first out here, average cost there: in what has settled they are the same money.
    Money settled;
    for (const std::uint32_t k : {0U, 1U}) settled += ledger.position({k}).realised();
    Money gains_settled;
    std::istringstream again{tax_csv(h, {})};
    std::string line;
    std::getline(again, line);
    while (std::getline(again, line)) {
      if (line.find("KXBTC15M-C") != std::string::npos) continue;
      std::vector<std::string> cells;
      std::istringstream row{line};
      for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
      ASSERT_EQ(cells.size(), 10U);
      gains_settled += *parse_money(cells[8]);
    }
    ASSERT_EQ(gains_settled, settled) << round;
  }
}

TEST(Books, say_where_they_differ) {
  Rng rng{9};
  VenueHistory h = random_history(rng);
  h.positions[0].qty += Qty{1};
  h.positions.push_back({"KXBTC15M-X", 2, Qty{100}, {}, {}, {}});
  const auto made = rebuild(h, {});
  ASSERT_TRUE(made);
  ASSERT_EQ(made->differences.size(), 2U);
  EXPECT_NE(made->differences[0].find("KXBTC15M-C: the fills make"), std::string::npos);
  EXPECT_EQ(made->differences[1], "KXBTC15M-X: the venue holds 1.00, and no fill says how");
  auto old = made->ours;
  old[0].flow += Money{1};
  old.push_back({"KXBTC15M-Y", Qty{100}, {}, {}, {}, false});
  EXPECT_EQ(compare(old, made->ours).size(), 2U);
}

TEST(Audit, agrees_with_an_honest_venue_and_finds_a_wrong_payout_result_average_and_fee) {
  Rng rng{10};
  const VenueHistory honest = random_history(rng);
  IndexTape index;
  const double settled = honest.markets.at("KXBTC15M-A").expiration_value->usd();
  for (int s = 0; s < 60; ++s)
    index[kClose.ns / 1'000'000'000 - s] = market::index_from_usd(settled + (s % 2 == 0 ? 3.0 : -3.0)).e8;
  const auto clean = *audit(honest, index);
  EXPECT_TRUE(clean.fees.wrong.empty());
  EXPECT_EQ(clean.fees.equal, 30);
  ASSERT_EQ(clean.settlements.size(), 2U);
  EXPECT_EQ(clean.settlements[0].wrong, "");
  EXPECT_TRUE(clean.settlements[0].own_average);

  VenueHistory h = honest;
  h.settlements[0].revenue += Money{10'000};
  EXPECT_NE(audit(h, {})->settlements[0].wrong.find("paid"), std::string::npos);
  h = honest;
  auto& result = h.settlements[0].result;
  result = result == kalshi::MarketResult::yes ? kalshi::MarketResult::no : kalshi::MarketResult::yes;
  EXPECT_NE(audit(h, {})->settlements[0].wrong.find("the strike say"), std::string::npos);
  for (auto& [second, value] : index) value += 5'000'000;  // five cents
  EXPECT_NE(audit(honest, index)->settlements[0].wrong.find("our mean"), std::string::npos);
  index.erase(index.begin());
  EXPECT_EQ(audit(honest, index)->settlements[0].wrong, "") << "59 values are no average";
  h = honest;
  h.fills[7].fee += Money{1};
  EXPECT_EQ(audit(h, {})->fees.wrong.size(), 1U);
  EXPECT_FALSE(audit(h, {})->clean());
}

TEST(Audit, assumes_no_fee_terms_and_no_market) {
  Rng rng{11};
  const VenueHistory honest = random_history(rng);
  VenueHistory h = honest;
  h.fees.clear();
  const auto without_fees = audit(h, {});
  ASSERT_FALSE(without_fees);
  EXPECT_NE(without_fees.error().message.find("what series KXBTC15M charges is not known"), std::string::npos);
  h = honest;
  h.markets.erase("KXBTC15M-A");
  ASSERT_FALSE(audit(h, {}));
}

}  // namespace
}  // namespace voltage::app::books
