// A resting quote through the core: one at a time, moved by an amend and only after its rest, gone when there is a
// reason.
#include <gtest/gtest.h>

#include "eager.hpp"
#include "engine/engine.hpp"

namespace voltage::engine {
namespace {

using namespace literals;

// Wants to take nothing, and rests what it is told.
class Quoting final : public strategy::Strategy {
 public:
  void observe(const event::Event&, const strategy::Context&) override {}
  strategy::View view(event::ContractId, const strategy::Context&) override { return {0.5, 0.5}; }
  bool wants_decision(event::ContractId, const strategy::Context&) override { return true; }
  std::optional<strategy::Intent> decide(event::ContractId, const strategy::Context&, event::Decision&) override {
    return std::nullopt;
  }
  std::optional<strategy::Intent> quote(event::ContractId id, const strategy::Context& context) override {
    if (!price) return std::nullopt;
    return strategy::Intent{id,   Side::bid,         *price, Qty{500}, event::TimeInForce::good_till_time,
                            true, context.now + 20_s};
  }
  Duration rest_min() const override { return 2_s; }
  std::optional<pricing::Greeks> greeks(event::ContractId, const strategy::Context&) override {
    return pricing::Greeks{};
  }
  std::optional<Price> price{Price{4'000}};
};

class Quotes : public ::testing::Test {
 protected:
  static EngineConfig config() {
    EngineConfig c;
    c.needed[static_cast<std::size_t>(event::Stream::index)] = false;
    return c;
  }
  Quotes() : engine{config(), strategy} {
    for (std::size_t i = 0; i < event::kStreams; ++i)
      say(event::StreamHealth{static_cast<event::Stream>(i), event::Health::healthy, ""});
    market::Contract c;
    c.id = kId;
    c.ticker = "KXBTC15M-TEST";
    c.open = kOpen;
    c.close = kOpen + 15_min;
    c.strike = {market::StrikeType::greater_or_equal, market::index_from_usd(80'000), std::nullopt};
    c.ticks = market::TickGrid::tapered_deci_cent();
    say(event::ContractSeen{c});
  }
  void say(event::Payload what, Duration later = 10_ms) {
    now = now + later;
    for (const auto& fx : engine.on({++seq, now, std::move(what)})) {
      if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) placed.push_back(o->terms());
      if (const auto* c = std::get_if<event::CancelOrder>(&fx)) cancelled.push_back(c->order);
      if (const auto* a = std::get_if<event::AmendOrder>(&fx)) amended.push_back(a->terms());
      if (const auto* d = std::get_if<event::Decision>(&fx); d != nullptr && d->order.v != 0) reasons.push_back(*d);
      kills += std::holds_alternative<event::KillOrders>(fx);
    }
  }
  void book(Duration later = 10_ms) {
    say(event::BookSnapshot{kId, {{Price{3'900}, Qty{50'000}}}, {{Price{4'200}, Qty{50'000}}}}, later);
  }
  void accept() { say(event::OrderAccepted{placed.back().order, "v", Qty{0}, placed.back().qty}); }

  Quoting strategy;
  Engine engine;
  Time now = kOpen + 1_min;
  std::uint64_t seq = 0;
  std::vector<event::OrderTerms> placed;
  std::vector<event::OrderId> cancelled;
  std::vector<event::AmendTerms> amended;
  std::vector<event::Decision> reasons;  // of orders
  int kills = 0;
};

TEST_F(Quotes, rest_one_at_a_time_post_only_and_to_expire_by_themselves) {
  book();
  ASSERT_EQ(placed.size(), 1U);
  EXPECT_TRUE(placed[0].post_only);
  EXPECT_EQ(placed[0].tif, event::TimeInForce::good_till_time);
  EXPECT_LE(placed[0].expires - now, 20_s);
  accept();
  for (int i = 0; i < 20; ++i) book();
  EXPECT_EQ(placed.size(), 1U);
  EXPECT_TRUE(cancelled.empty());
}

TEST_F(Quotes, have_their_reason_in_the_journal_and_what_stood_in_their_way_is_counted) {
  book();
  ASSERT_EQ(placed.size(), 1U);
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_EQ(reasons[0].order, placed[0].order);
  EXPECT_EQ(reasons[0].vetoes, 0U);
  EXPECT_NEAR(reasons[0].edge, 0.5 - 0.4, 1e-12);
  accept();
  say(event::FillSeen{placed[0].order, "t1", kId, Side::bid, Price{4'000}, Qty{500}, Money{}, true});
  strategy.price = Price{50};
  book();
  EXPECT_EQ(placed.size(), 1U);
  EXPECT_GT(engine.counters().vetoes[static_cast<std::size_t>(event::Veto::limit_contract)], 0) << "below a cent";
}

TEST_F(Quotes, move_by_an_amend_after_their_rest_and_one_at_a_time) {
  book();
  accept();
  strategy.price = Price{4'100};
  book(1_s);
  EXPECT_TRUE(amended.empty()) << "it rests for two seconds";
  book(1_s);
  ASSERT_EQ(amended.size(), 1U);
  EXPECT_EQ(amended[0].order, placed[0].order);
  EXPECT_EQ(amended[0].limit, Price{4'100});
  EXPECT_EQ(amended[0].qty, Qty{500});
  strategy.price = Price{4'000};
  for (int i = 0; i < 5; ++i) book(1_s);
  EXPECT_EQ(amended.size(), 1U) << "not while one is without an answer";
  say(event::AmendDone{placed[0].order, 1});
  book(1_s);
  ASSERT_EQ(amended.size(), 2U);
  EXPECT_EQ(amended[1].revision, 2U);
  EXPECT_EQ(placed.size(), 1U);
  EXPECT_TRUE(cancelled.empty());
}

TEST_F(Quotes, that_the_venue_does_not_amend_are_taken_away_and_placed_anew_when_certainly_gone) {
  book();
  accept();
  strategy.price = Price{4'100};
  book(3_s);
  ASSERT_EQ(amended.size(), 1U);
  say(event::AmendRefused{placed[0].order, 1, "invalid_order"});
  book(3_s);
  EXPECT_EQ(amended.size(), 1U);
  ASSERT_EQ(cancelled.size(), 1U);
  book(1_s);
  EXPECT_EQ(cancelled.size(), 1U) << "asked once";
  EXPECT_EQ(placed.size(), 1U) << "not while the first may still rest";
  say(event::CancelDone{cancelled[0], Qty{500}});
  book();
  ASSERT_EQ(placed.size(), 2U);
  EXPECT_EQ(placed[1].limit, Price{4'100});
}

TEST_F(Quotes, whose_amend_is_without_an_answer_freeze_their_contract_and_are_cancelled_all_the_same) {
  book();
  accept();
  strategy.price = Price{4'100};
  book(3_s);
  ASSERT_EQ(amended.size(), 1U);
  say(event::OrderUnknown{placed[0].order, "timeout", 1});
  for (int i = 0; i < 3; ++i) book(1_s);
  EXPECT_EQ(placed.size() + amended.size(), 2U);
  say(event::StreamHealth{event::Stream::kalshi_market, event::Health::down, "cut"});
  EXPECT_EQ(cancelled.size(), 1U);
}

TEST_F(Quotes, are_killed_by_id_and_by_whatever_the_venue_has) {
  book();
  accept();
  say(event::OperatorSaid{event::OperatorAction::kill, "test"});
  EXPECT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(kills, 1);
}

TEST_F(Quotes, are_withdrawn_at_once_with_their_reason_or_their_ground) {
  book();
  accept();
  strategy.price.reset();
  book();
  EXPECT_EQ(cancelled.size(), 1U) << "nothing should rest";
  say(event::CancelDone{cancelled[0], Qty{500}});
  strategy.price = Price{4'000};
  book();
  accept();
  say(event::StreamHealth{event::Stream::index, event::Health::stale, "silent"});
  EXPECT_EQ(cancelled.size(), 1U) << "the index is not needed here";
  say(event::StreamHealth{event::Stream::kalshi_market, event::Health::down, "cut"});
  EXPECT_EQ(cancelled.size(), 2U);
}

TEST_F(Quotes, are_withdrawn_when_the_book_grows_old_although_nobody_says_so) {
  book();
  accept();
  for (int i = 0; i < 12; ++i) say(event::TimePassed{}, 1_s);
  EXPECT_EQ(cancelled.size(), 1U);
}

// Nobody trades this contract at the moment, but bitcoin moves.
TEST_F(Quotes, follow_what_is_known_of_bitcoin_although_their_book_is_silent) {
  book();
  accept();
  strategy.price.reset();
  say(event::IndexSeen{now, market::index_from_usd(79'000), {}, 0});
  EXPECT_EQ(cancelled.size(), 1U);
}

TEST_F(Quotes, follow_what_time_alone_changes) {
  book();
  accept();
  strategy.price.reset();
  say(event::TimePassed{}, 1_s);
  EXPECT_EQ(cancelled.size(), 1U);
}

TEST_F(Quotes, that_were_filled_are_in_the_books_at_no_fee_and_quoted_again) {
  book();
  accept();
  say(event::FillSeen{placed[0].order, "t1", kId, Side::bid, Price{4'000}, Qty{500}, Money{}, true});
  EXPECT_EQ(engine.ledger().net(kId), Qty{500});
  book();
  EXPECT_EQ(placed.size(), 2U);
}

}  // namespace
}  // namespace voltage::engine
