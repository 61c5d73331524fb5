// The core by hand: events in, effects out.
#include "engine/engine.hpp"
#include "eager.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace voltage::engine {
namespace {

using namespace literals;
using event::Health;
using event::Stream;
using event::Veto;

class Core : public ::testing::Test {
 protected:
  explicit Core(const EngineConfig& config = {}) : engine{config, eager} {}

  // Everything the engine says to one more event.
  std::vector<event::Effect> say(event::Payload what, Duration later = 10_ms) {
    now = now + later;
    const auto effects = engine.on({++seq, now, std::move(what)});
    return {effects.begin(), effects.end()};
  }
  void all_healthy() {
    for (std::size_t i = 0; i < event::kStreams; ++i)
      say(event::StreamHealth{static_cast<Stream>(i), Health::healthy, ""});
  }
  void list() {
    market::Contract c;
    c.id = kId;
    c.ticker = "KXBTC15M-TEST";
    c.open = kOpen;
    c.close = kOpen + 15_min;
    c.strike = {market::StrikeType::greater_or_equal, market::index_from_usd(80'000), std::nullopt};
    c.ticks = market::TickGrid::tapered_deci_cent();
    say(event::ContractSeen{c});
  }
  std::vector<event::Effect> book(Price bid = Price{4'000}, Price ask = Price{4'200}) {
    return say(event::BookSnapshot{kId, {{bid, Qty{50'000}}}, {{ask, Qty{50'000}}}});
  }
  static const event::PlaceOrder* order_in(const std::vector<event::Effect>& effects) {
    for (const auto& fx : effects) {
      if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) return o;
    }
    return nullptr;
  }
  static bool vetoed(const std::vector<event::Effect>& effects, Veto why) {
    for (const auto& fx : effects) {
      if (const auto* d = std::get_if<event::Decision>(&fx)) return (d->vetoes >> static_cast<unsigned>(why)) & 1U;
    }
    return false;
  }

  Eager eager;
  Engine engine;
  Time now = kOpen + 1_min;
  std::uint64_t seq = 0;
};

TEST_F(Core, places_an_order_and_keeps_the_books_to_the_micro_dollar) {
  all_healthy();
  list();
  const auto effects = book();
  const auto* order = order_in(effects);
  ASSERT_NE(order, nullptr);
  const auto id = order->terms().order;
  say(event::OrderAccepted{id, "v1", Qty{1'000}, Qty{0}});
  const auto filled = say(event::FillSeen{id, "t1", kId, Side::bid, Price{4'200}, Qty{1'000}, Money{170'600}, false});
  Money changes;
  for (const auto& fx : filled) {
    if (const auto* c = std::get_if<event::CashChange>(&fx)) changes += c->change;
  }
  EXPECT_EQ(changes, Money{-4'200'000 - 170'600});
  EXPECT_EQ(engine.ledger().cash(), engine.ledger().start() + changes);
  say(event::Settled{kId, event::Outcome::yes, std::nullopt}, 20_min);
  EXPECT_EQ(engine.ledger().cash(), engine.ledger().start() + changes + Money{10'000'000});
}

TEST_F(Core, sends_nothing_while_an_order_has_no_answer) {
  all_healthy();
  list();
  ASSERT_NE(order_in(book()), nullptr);
  const auto again = book(Price{4'000}, Price{4'100});
  EXPECT_EQ(order_in(again), nullptr);
  EXPECT_TRUE(vetoed(again, Veto::order_pending));
}

TEST_F(Core, an_unknown_order_freezes_its_contract_until_the_venue_speaks) {
  all_healthy();
  list();
  const auto id = order_in(book())->terms().order;
  say(event::OrderUnknown{id, "no answer"});
  EXPECT_EQ(order_in(book()), nullptr);
  say(event::OrderUpdated{id, event::OrderStatus::canceled, Qty{0}, Qty{0}});
  EXPECT_NE(order_in(book()), nullptr);
}

TEST_F(Core, decides_nothing_on_a_stream_whose_health_is_unknown) {
  list();
  const auto effects = book();
  EXPECT_EQ(order_in(effects), nullptr);
  EXPECT_TRUE(vetoed(effects, Veto::stream_unhealthy));
}

TEST_F(Core, decides_nothing_on_a_crossed_or_lost_or_one_sided_book) {
  all_healthy();
  list();
  const auto crossed = book(Price{4'300}, Price{4'200});
  EXPECT_EQ(order_in(crossed), nullptr);
  EXPECT_TRUE(vetoed(crossed, Veto::book_crossed));
  const auto one_sided = say(event::BookSnapshot{kId, {}, {{Price{4'200}, Qty{100}}}});
  EXPECT_EQ(order_in(one_sided), nullptr);
  EXPECT_TRUE(vetoed(one_sided, Veto::book_one_sided));
  say(event::BookLost{kId, "gap"});
  const auto lost = say(event::BookDelta{kId, Side::bid, Price{4'000}, Qty{100}});
  EXPECT_EQ(order_in(lost), nullptr);
  EXPECT_TRUE(vetoed(lost, Veto::book_lost));
}

TEST_F(Core, takes_no_new_risk_in_the_final_seconds) {
  all_healthy();
  list();
  now = kOpen + 15_min - 3_s;
  const auto effects = book();
  EXPECT_EQ(order_in(effects), nullptr);
  EXPECT_TRUE(vetoed(effects, Veto::final_seconds));
}

TEST_F(Core, a_kill_holds_until_a_person_resumes) {
  all_healthy();
  list();
  say(event::OperatorSaid{event::OperatorAction::kill, "test"});
  EXPECT_TRUE(vetoed(book(), Veto::halted));
  say(event::OperatorSaid{event::OperatorAction::resume, "test"});
  EXPECT_NE(order_in(book()), nullptr);
}

TEST_F(Core, a_wish_beyond_a_limit_is_cut_to_what_fits) {
  all_healthy();
  list();
  eager.qty = Qty{49'000};  // 490 contracts at 42 c: beyond fifty dollars in one contract
  const auto effects = book();
  const auto* order = order_in(effects);
  ASSERT_NE(order, nullptr);
  const auto cost = [&](Qty qty) {
    return risk::cost_max({kId, Side::bid, Price{4'200}, qty, event::TimeInForce::immediate_or_cancel, false, {}}, {});
  };
  EXPECT_LE(cost(order->terms().qty), engine.gate().limits().contract_loss_max);
  EXPECT_GT(cost(order->terms().qty + Qty{1}), engine.gate().limits().contract_loss_max);
}

class OneContract : public Core {
 protected:
  static EngineConfig config() {
    EngineConfig c;
    c.limits.order_qty_max = c.limits.position_qty_max = kContract;
    return c;
  }
  OneContract() : Core{config()} {}
};

// The canary: whatever the size that the strategy would like, one contract is traded, and no second.
TEST_F(OneContract, at_a_time_is_what_is_left_of_a_larger_wish) {
  all_healthy();
  list();
  const auto first = book();
  const auto* order = order_in(first);
  ASSERT_NE(order, nullptr);
  EXPECT_EQ(order->terms().qty, kContract);
  say(event::FillSeen{order->terms().order, "t1", kId, Side::bid, Price{4'200}, kContract, Money{17'100}, false});
  const auto second = book();
  EXPECT_EQ(order_in(second), nullptr);
  EXPECT_TRUE(vetoed(second, Veto::limit_contract));
}

TEST_F(Core, a_fill_seen_twice_is_one_fill) {
  all_healthy();
  list();
  const auto id = order_in(book())->terms().order;
  const event::FillSeen fill{id, "t1", kId, Side::bid, Price{4'200}, Qty{1'000}, Money{170'600}, false};
  say(fill);
  const Money cash = engine.ledger().cash();
  EXPECT_TRUE(std::none_of(say(fill).begin(), say(fill).end(),
                           [](const auto& fx) { return std::holds_alternative<event::CashChange>(fx); }));
  EXPECT_EQ(engine.ledger().cash(), cash);
}

TEST_F(Core, asks_for_a_forecast_at_each_closed_bar) {
  const auto effects =
      say(event::CandleClosed{event::SpotVenue::kraken, 1_min, market::Candle{kOpen, 1, 1, 1, 1, 1, 1, 1}});
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(std::get<event::RequestForecast>(effects[0]).bar_close, kOpen + 1_min);
}

TEST_F(Core, decides_nothing_by_a_bar_that_fills_in_the_past) {
  const auto bar = [](Time begin, Duration interval, double close) {
    return event::CandleClosed{event::SpotVenue::kraken, interval, {begin, 1, 2, 0.5, close, 1, 1, 1}};
  };
  EXPECT_EQ(say(bar(kOpen, 5_min, 1)).size(), 1U);
  for (std::int64_t minute = 0; minute < 4; ++minute)
    EXPECT_TRUE(say(bar(kOpen + 1_min * minute, 1_min, 1.1)).empty()) << minute;
  EXPECT_EQ(say(bar(kOpen + 5_min, 1_min, 1)).size(), 1U);
  EXPECT_EQ(say(bar(kOpen + 5_min, 1_min, 1.1)).size(), 1U) << "the newest bar, revised";
  auto elsewhere = bar(kOpen, 1_min, 1);
  elsewhere.venue = event::SpotVenue::binance;
  EXPECT_EQ(say(elsewhere).size(), 1U) << "another venue's bars are not behind";
}

TEST_F(Core, quotes_each_believed_book_at_the_whole_minute) {
  all_healthy();
  list();
  book();
  now = kOpen + 2_min - 10_ms;
  const auto effects = say(event::TimePassed{});
  ASSERT_FALSE(effects.empty());
  const auto& q = std::get<event::Quote>(effects[0]);
  EXPECT_EQ(q.bid, Price{4'000});
  EXPECT_EQ(q.ask, Price{4'200});
  EXPECT_DOUBLE_EQ(q.seconds_left, 780);
}

}  // namespace
}  // namespace voltage::engine
