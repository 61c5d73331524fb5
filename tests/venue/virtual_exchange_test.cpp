// The virtual Kalshi's rules: matching, cash, shards, self-trade prevention, groups, pauses, settlement.
#include "venue/virtual/exchange.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "venue/virtual/listing.hpp"
#include "venue/virtual/world.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

class VirtualExchange : public ::testing::Test {
 protected:
  VirtualExchange() {
    account = x.open_account({{0, Money{100'000'000}}, {2, Money{100'000'000}}});
    auto ladder = above_ladder(now - 30_min, now + 30_min, 90'000, {2, 100});
    m = x.list(std::move(ladder[1]), now);
    x.activate(m, now);
    request.ticker = x.market(m).contract.ticker;
    request.count = Qty{1'000};
    request.price = Price{5'000};
  }
  OrderRequest order(Side side, Price price, Qty count, Tif tif = Tif::good_till_canceled) {
    OrderRequest r = request;
    r.client_order_id = "c" + std::to_string(++clients);
    r.side = side;
    r.price = price;
    r.count = count;
    r.tif = tif;
    return r;
  }
  Money cash() const { return x.account(account).cash.at(2); }

  Exchange x;
  AccountIndex account{};
  MarketIndex m{};
  Time now{*parse_iso("2026-11-22T14:30:00Z")};
  OrderRequest request;
  int clients{0};
};

TEST_F(VirtualExchange, matches_by_price_then_by_time) {
  x.house_quote(m, Side::ask, Price{5'100}, Qty{300}, now);
  x.house_quote(m, Side::ask, Price{5'000}, Qty{200}, now);
  const auto placed = x.create(account, order(Side::bid, Price{5'100}, Qty{400}), now);
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->filled, Qty{400});
  const auto& fills = x.account(account).fills;
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[0].price, Price{5'000});
  EXPECT_EQ(fills[1].qty, Qty{200});
  // 2 @0.50 and 2 @0.51 and their fees: 0.0350, 0.035 (0.034986 and what aligning to $0.0001 takes).
  EXPECT_EQ(cash().micros, 100'000'000 - 1'000'000 - 1'020'000 - fills[0].fee.micros - fills[1].fee.micros);
  EXPECT_EQ(fills[0].fee, Money{35'000});
}

TEST_F(VirtualExchange, gives_the_dollar_of_a_pair_back_at_once) {
  x.house_quote(m, Side::ask, Price{5'000}, Qty{1'000}, now);
  x.house_quote(m, Side::bid, Price{4'900}, Qty{1'000}, now);
  ASSERT_TRUE(x.create(account, order(Side::bid, Price{5'000}, Qty{100}, Tif::immediate_or_cancel), now));
  ASSERT_TRUE(x.create(account, order(Side::ask, Price{4'900}, Qty{100}, Tif::immediate_or_cancel), now));
  EXPECT_EQ(x.position(account, m), Qty{0});
  const Money fees = x.account(account).fills[0].fee + x.account(account).fills[1].fee;
  EXPECT_EQ(cash().micros, 100'000'000 - 10'000 - fees.micros);
}

TEST_F(VirtualExchange, an_event_is_charged_its_own_fees_and_else_those_of_its_series) {
  x.house_quote(m, Side::ask, Price{5'000}, Qty{10'000}, now);
  const auto& c = x.market(m).contract;
  const std::string series = c.series, event = c.event;
  const auto fee = [&] {
    EXPECT_TRUE(x.create(account, order(Side::bid, Price{5'000}, Qty{100}, Tif::immediate_or_cancel), now));
    return x.account(account).fills.back().fee;
  };
  EXPECT_EQ(fee(), Money{17'500});
  x.set_series_fees(series, {market::FeeType::quadratic, 2'000'000});
  EXPECT_EQ(fee(), Money{35'000});
  x.set_event_fees(event, market::FeeTerms{market::FeeType::quadratic, 0}, now);
  EXPECT_EQ(fee(), Money{});
  x.set_event_fees(event, {}, now);
  EXPECT_EQ(fee(), Money{35'000});
}

TEST_F(VirtualExchange, refuses_what_the_rules_refuse) {
  const auto refused = [&](const OrderRequest& r) {
    const auto placed = x.create(account, r, now);
    return placed ? std::string{"accepted"} : placed.error().code + "/" + placed.error().details;
  };
  x.house_quote(m, Side::ask, Price{5'000}, Qty{100}, now);
  auto r = order(Side::bid, Price{5'555}, Qty{100});
  EXPECT_EQ(refused(r).substr(0, 13), "invalid_price");
  r = order(Side::bid, Price{5'000}, Qty{100});
  r.post_only = true;
  EXPECT_EQ(refused(r), "invalid_order/post only cross");
  r = order(Side::bid, Price{4'000}, Qty{1'000'000});
  EXPECT_EQ(refused(r).substr(0, 20), "insufficient_balance");
  r = order(Side::bid, Price{4'000}, Qty{100});
  r.exchange_index = 0;
  EXPECT_EQ(refused(r).substr(0, 16), "market_not_found");
  r = order(Side::bid, Price{5'000}, Qty{200}, Tif::fill_or_kill);
  EXPECT_EQ(refused(r).substr(0, 12), "fill_or_kill");
  r = order(Side::bid, Price{4'000}, Qty{100});
  EXPECT_EQ(refused(r), "accepted");
  EXPECT_EQ(refused(r).substr(0, 20), "order_already_exists");
  now = x.market(m).contract.close;
  EXPECT_EQ(refused(order(Side::bid, Price{4'000}, Qty{100})).substr(0, 15), "MARKET_INACTIVE");
}

TEST_F(VirtualExchange, a_cancel_without_a_shard_goes_to_shard_zero_and_finds_nothing) {
  const auto placed = x.create(account, order(Side::bid, Price{4'000}, Qty{100}), now);
  ASSERT_TRUE(placed);
  EXPECT_EQ(x.cancel(account, placed->id, std::nullopt, "", now).error().status, 404);
  EXPECT_EQ(*x.cancel(account, placed->id, 2, "", now), Qty{100});
  EXPECT_EQ(x.cancel(account, placed->id, 2, "", now).error().status, 404);
}

TEST_F(VirtualExchange, never_trades_an_account_with_itself) {
  ASSERT_TRUE(x.create(account, order(Side::ask, Price{5'000}, Qty{100}), now));
  const auto stopped = x.create(account, order(Side::bid, Price{5'000}, Qty{100}), now);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->filled, Qty{0});
  EXPECT_EQ(stopped->remaining, Qty{0});
  auto r = order(Side::bid, Price{5'000}, Qty{100});
  r.stp = Stp::maker;
  const auto rests = x.create(account, r, now);
  ASSERT_TRUE(rests);
  EXPECT_EQ(rests->remaining, Qty{100});
  EXPECT_TRUE(x.market(m).asks.empty());
  EXPECT_TRUE(x.account(account).fills.empty());
}

TEST_F(VirtualExchange, an_amend_counts_what_is_filled_and_loses_its_place) {
  const auto placed = x.create(account, order(Side::bid, Price{4'000}, Qty{500}), now);
  ASSERT_TRUE(placed);
  EXPECT_EQ(x.house_take(m, Side::ask, Price{4'000}, Qty{200}, now), Qty{200});
  auto terms = order(Side::bid, Price{4'100}, Qty{600});
  terms.exchange_index = 2;
  const auto amended = x.amend(account, placed->id, terms, "", now);
  ASSERT_TRUE(amended);
  EXPECT_EQ(amended->remaining, Qty{400});
  EXPECT_EQ(x.market(m).best_bid(), Price{4'100});
}

TEST_F(VirtualExchange, an_amend_of_a_post_only_order_that_would_take_leaves_it_as_it_was) {
  x.house_quote(m, Side::ask, Price{5'000}, Qty{100}, now);
  auto terms = order(Side::bid, Price{4'000}, Qty{500});
  terms.post_only = true;
  const auto placed = x.create(account, terms, now);
  ASSERT_TRUE(placed);
  terms.price = Price{9'900};
  terms.exchange_index = 2;
  const auto amended = x.amend(account, placed->id, terms, "", now);
  ASSERT_FALSE(amended);
  EXPECT_EQ(amended.error().code, "invalid_order");
  EXPECT_EQ(x.order(placed->id)->price, Price{4'000});
  EXPECT_EQ(x.order(placed->id)->remaining, Qty{500});
}

TEST_F(VirtualExchange, a_group_over_its_limit_takes_its_orders_away) {
  const auto group = x.create_group(account, Qty{100}, 2, now);
  ASSERT_TRUE(group);
  for (const Price p : {Price{4'000}, Price{3'900}}) {
    auto r = order(Side::bid, p, Qty{100});
    r.group_id = *group;
    ASSERT_TRUE(x.create(account, r, now));
  }
  x.house_take(m, Side::ask, Price{4'000}, Qty{100}, now);
  x.tick(now + 1_s);
  EXPECT_TRUE(x.account(account).resting.empty());
  auto r = order(Side::bid, Price{3'000}, Qty{100});
  r.group_id = *group;
  EXPECT_EQ(x.create(account, r, now).error().code, "order_group_triggered");
  ASSERT_TRUE(x.reset_group(account, *group, now));
  EXPECT_TRUE(x.create(account, r, now));
}

TEST_F(VirtualExchange, a_pause_allows_cancels_and_nothing_else) {
  auto keep = order(Side::bid, Price{4'000}, Qty{100});
  auto leave = order(Side::bid, Price{3'900}, Qty{100});
  leave.cancel_on_pause = true;
  const auto kept = x.create(account, keep, now);
  ASSERT_TRUE(kept && x.create(account, leave, now));
  x.pause(2, true, now);
  EXPECT_EQ(x.account(account).resting.size(), 1U);
  EXPECT_EQ(x.create(account, order(Side::bid, Price{3'000}, Qty{100}), now).error().code, "trading_is_paused");
  EXPECT_TRUE(x.cancel(account, kept->id, 2, "", now));
  x.resume(2);
  EXPECT_TRUE(x.create(account, order(Side::bid, Price{3'000}, Qty{100}), now));
}

TEST_F(VirtualExchange, cancel_all_also_takes_what_comes_in_the_next_minute) {
  ASSERT_TRUE(x.create(account, order(Side::bid, Price{4'000}, Qty{100}), now));
  x.cancel_all(account, now);
  EXPECT_TRUE(x.account(account).resting.empty());
  ASSERT_TRUE(x.create(account, order(Side::bid, Price{4'000}, Qty{100}), now + 5_s));
  x.tick(now + 6_s);
  EXPECT_TRUE(x.account(account).resting.empty());
  ASSERT_TRUE(x.create(account, order(Side::bid, Price{4'000}, Qty{100}), now + 61_s));
  x.tick(now + 62_s);
  EXPECT_EQ(x.account(account).resting.size(), 1U);
}

TEST_F(VirtualExchange, an_order_expires_at_its_second) {
  auto r = order(Side::bid, Price{4'000}, Qty{100});
  r.expires = now + 5_s;
  ASSERT_TRUE(x.create(account, r, now));
  x.tick(now + 4_s);
  EXPECT_EQ(x.account(account).resting.size(), 1U);
  x.tick(now + 5_s);
  EXPECT_TRUE(x.account(account).resting.empty());
}

TEST_F(VirtualExchange, settlement_pays_a_dollar_and_an_amended_one_the_difference) {
  x.house_quote(m, Side::ask, Price{5'000}, Qty{1'000}, now);
  ASSERT_TRUE(x.create(account, order(Side::bid, Price{5'000}, Qty{100}), now));
  const Money before = cash();
  const auto strike = *x.market(m).contract.strike.floor;
  x.close(m, now + 30_min);
  x.determine(m, market::IndexValue{strike.e8 + 1'000'000}, now + 31_min);
  x.settle(m, now + 32_min);
  EXPECT_EQ(cash() - before, Money{1'000'000});
  x.amend_settlement(m, strike, now + 33_min);  // exactly the strike is not above it
  EXPECT_EQ(cash(), before);
  EXPECT_EQ(x.account(account).settlements.at(0).revenue, Money{0});
}

TEST(VirtualWorld, the_same_seed_gives_the_same_world) {
  const auto run = [] {
    WorldOptions o;
    o.start = *parse_iso("2026-11-22T14:10:00Z");
    o.ladder = {8, 100};
    World world{o};
    world.advance(o.start + 10_min);
    return std::tuple{world.index_usd(), world.kraken().trades().size(), world.exchange().take_notices().size()};
  };
  EXPECT_EQ(run(), run());
}

TEST(VirtualWorld, windows_chain_and_settle_on_the_average_of_their_last_minute) {
  WorldOptions o;
  o.start = *parse_iso("2026-11-22T14:14:00Z");
  o.ladder = {2, 100};
  World world{o};
  world.advance(o.start + 20_min);
  const auto& markets = world.exchange().markets();
  const auto first = world.exchange().find("KXBTC15M-26NOV220930-30");
  ASSERT_TRUE(first);  // 14:30 UTC is 09:30 in New York
  const Market& m = markets[*first];
  ASSERT_EQ(m.phase, Phase::finalized);
  for (const auto& next : markets) {
    if (next.contract.series == "KXBTC15M" && next.contract.open == m.contract.close) {
      EXPECT_EQ(next.contract.strike.floor, m.expiration_value);
    }
  }
  std::int64_t sum = 0, n = 0;
  for (const auto& s : world.index_history()) {
    if (s.at > m.contract.close - 1_min && s.at <= m.contract.close) sum += s.value.e8, ++n;
  }
  EXPECT_EQ(n, 60);
  EXPECT_EQ(m.expiration_value, market::round_to_cents(market::IndexValue{sum / 60}));
  EXPECT_EQ(m.yes, *m.expiration_value >= *m.contract.strike.floor);
}

TEST(VirtualWorld, the_books_near_the_money_have_two_sides_from_the_start) {
  WorldOptions o;
  o.start = *parse_iso("2026-11-22T14:29:30Z");  // half a minute before a close
  World world{o};
  std::map<std::string, int> two_sided;
  for (const auto& m : world.exchange().markets()) {
    if (m.open_at(world.now()) && m.best_bid() && m.best_ask()) ++two_sided[m.contract.series];
  }
  EXPECT_EQ(two_sided["KXBTC15M"], 1);
  EXPECT_GE(two_sided["KXBTCD"], 5);
  EXPECT_GE(two_sided["KXBTC"], 5);
}

TEST(Listing, the_ticker_has_the_close_in_new_york) {
  EXPECT_EQ(eastern_stamp(*parse_iso("2026-08-17T05:00:00Z"), true), "26AUG170100");
  EXPECT_EQ(eastern_stamp(*parse_iso("2026-11-22T17:00:00Z"), false), "26NOV2212");
  EXPECT_EQ(eastern_stamp(*parse_iso("2026-11-01T06:00:00Z"), true), "26NOV010100");  // the hour after the change
}

// $200 on two shards, an order of $5 resting on the second and one of $2 beside it.
TEST_F(VirtualExchange, spreads_cash_by_the_accounts_plan_and_keeps_what_orders_need) {
  ASSERT_TRUE(x.create(account, order(Side::bid, Price{5'000}, Qty{1'000}), now));
  ASSERT_TRUE(x.create(account, order(Side::ask, Price{8'000}, Qty{1'000}), now));
  ASSERT_EQ(x.reserved(account, 2), Money{7'000'000});
  const auto after = [&](Reservation keep, int first, int second) {
    EXPECT_TRUE(x.allocate(account, {{{0, first}, {2, second}}, keep}));
    now = now + 10_s;
    x.tick(now);
    EXPECT_EQ(x.account(account).cash.at(0) + cash(), Money{200'000'000}) << "none is made or lost";
    return cash().micros;
  };
  EXPECT_EQ(after(Reservation::sum, 100, 0), 7'000'000);
  EXPECT_EQ(after(Reservation::max, 100, 0), 5'000'000);
  EXPECT_EQ(after(Reservation::none, 100, 0), 0);
  EXPECT_EQ(after(Reservation::none, 33, 67), 134'000'000);
  EXPECT_EQ(after(Reservation::sum, 50, 50), 7'000'000 + 193'000'000 / 2);
  EXPECT_FALSE(x.allocate(account, {{{0, 50}, {2, 49}}, {}})) << "not the whole";
  EXPECT_FALSE(x.allocate(account, {{{0, 50}, {7, 50}}, {}})) << "no such shard";
  ASSERT_TRUE(x.allocate(account, {}));
  const Money before = cash();
  ASSERT_TRUE(x.transfer(account, 2, 0, Money{1'000'000}));
  now = now + 1_min;
  x.tick(now);
  EXPECT_EQ(cash(), before - Money{1'000'000}) << "without a plan it stays where it lies";
}

}  // namespace
}  // namespace voltage::venue::virtual_kalshi
