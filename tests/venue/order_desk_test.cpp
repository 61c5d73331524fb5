// Orders to the virtual Kalshi over a bad network: one live order for each intent, whatever is lost.
#include <set>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "desk_rig.hpp"

namespace voltage::venue::kalshi {
namespace {

TEST(OrderDesk, a_cut_after_each_of_a_thousand_creates_leaves_exactly_one_order_for_each) {
  Rig rig;
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    rig.desk().place(rig.terms(i), rig.world().now());
    rig.carry(Rig::Loss::after);
    ASSERT_LE(rig.resting(), i);  // never more than was meant
  }
  rig.settle();
  EXPECT_EQ(rig.resting(), 1'000U);
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.count<event::OrderUnknown>(), 1'000);
  EXPECT_EQ(rig.count<event::OrderAccepted>(), 1'000);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 0);
  std::set<std::string> names;
  const auto& x = rig.world().exchange();
  for (const auto id : x.account(rig.world().account()).resting) names.insert(x.order(id)->client_order_id);
  EXPECT_EQ(names.size(), 1'000U);
}

TEST(OrderDesk, an_order_that_never_arrived_is_refused_only_when_the_venue_has_proved_it) {
  Rig rig;
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.carry(Rig::Loss::before);
  EXPECT_EQ(rig.desk().unknown(), 1);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 0);
  rig.settle();
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 1);
  EXPECT_EQ(rig.resting(), 0U);
}

TEST(OrderDesk, a_503_is_unknown_and_not_a_refusal) {
  Rig rig;
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.carry(Rig::Loss::error_503);
  EXPECT_EQ(rig.count<event::OrderUnknown>(), 1);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 0);
}

TEST(OrderDesk, random_losses_never_leave_more_orders_than_intents) {
  Rig rig;
  Rng rng{11};
  for (std::uint64_t i = 1; i <= 300; ++i) {
    rig.desk().place(rig.terms(i), rig.world().now());
    rig.carry(static_cast<Rig::Loss>(rng.below(4)));
  }
  rig.settle();
  EXPECT_EQ(rig.desk().unknown(), 0);
  const auto accepted = rig.count<event::OrderAccepted>(), refused = rig.count<event::OrderRefused>();
  EXPECT_EQ(accepted + refused, 300);
  EXPECT_EQ(static_cast<std::int64_t>(rig.resting()), accepted);
}

TEST(OrderDesk, a_cancel_of_an_unknown_order_waits_until_the_order_is_found) {
  Rig rig;
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.carry(Rig::Loss::after);
  rig.desk().cancel(event::OrderId{1}, rig.world().now());
  rig.settle();
  EXPECT_EQ(rig.resting(), 0U);
  EXPECT_EQ(rig.count<event::CancelDone>(), 1);
}

TEST(OrderDesk, the_venues_no_is_told_in_its_own_words) {
  Rig rig;
  rig.desk().place(rig.terms(1, Price{5555}), rig.world().now());
  rig.carry(Rig::Loss::none);
  ASSERT_EQ(rig.count<event::OrderRefused>(), 1);
  const auto& refused = std::get<event::OrderRefused>(rig.events.back());
  EXPECT_NE(refused.code.find("400 invalid_price"), std::string::npos) << refused.code;
}

// A key that was just exchanged, a clock that was just set: the venue's no is about the request, and the order still
// rests.
TEST(OrderDesk, a_refused_cancel_is_sent_again_until_the_order_is_gone) {
  for (const bool batch : {false, true}) {
    Rig rig;
    const int orders = batch ? 3 : 1;
    for (int i = 1; i <= orders; ++i) rig.desk().place(rig.terms(static_cast<std::uint64_t>(i)), rig.world().now());
    rig.settle();
    ASSERT_EQ(rig.resting(), static_cast<std::size_t>(orders));
    for (int i = 1; i <= orders; ++i) rig.desk().cancel({static_cast<std::uint64_t>(i)}, rig.world().now());
    for (auto& r : rig.desk().take_requests())
      rig.desk().answered(r.number, 401, R"({"error":{"code":"unauthorized"}})", rig.world().now());
    rig.settle();
    EXPECT_EQ(rig.count<event::CancelRefused>(), orders);
    EXPECT_EQ(rig.resting(), 0U);
    EXPECT_EQ(rig.count<event::CancelDone>(), orders);
  }
}

// Orders that another client of the account has at the venue.
void place_elsewhere(Rig& rig, const char* client_id) {
  vk::OrderRequest r;
  r.ticker = rig.contract.ticker;
  r.client_order_id = client_id;
  r.side = Side::bid;
  r.price = Price{100};
  r.count = Qty{100};
  r.tif = vk::Tif::good_till_canceled;
  ASSERT_TRUE(rig.world().exchange().create(rig.world().account(), r, rig.world().now()));
}

void look_at_resting(Rig& rig) {
  std::vector<Order> resting;
  const auto& exchange = rig.world().exchange();
  for (const auto id : exchange.account(rig.world().account()).resting) {
    Order order;
    order.order_id = vk::uuid_of('o', id);
    order.client_order_id = exchange.order(id)->client_order_id;
    order.ticker = rig.contract.ticker;
    order.exchange_index = 2;
    resting.push_back(order);
  }
  rig.desk().on_resting(resting, rig.world().now(), rig.world().now());
}

TEST(OrderDesk, an_order_of_a_run_before_that_arrives_late_is_cancelled_and_a_persons_is_not) {
  Rig rig;
  rig.desk().place(rig.terms(7), rig.world().now());
  rig.settle();
  place_elsewhere(rig, "run-3");  // sent before that run died, and on its way since
  place_elsewhere(rig, "by-hand");
  place_elsewhere(rig, "running-late");
  ASSERT_EQ(rig.resting(), 4U);
  look_at_resting(rig);
  for (auto& r : rig.desk().take_requests()) rig.desk().lost(r.number, "cut before", rig.world().now());
  EXPECT_EQ(rig.resting(), 4U);
  look_at_resting(rig);
  rig.settle();
  EXPECT_EQ(rig.resting(), 3U) << "asked for again, for the list still shows it";
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.count<event::OrderUpdated>(), 0) << "ours rests";
  EXPECT_EQ(rig.count<event::StreamHealth>(), 0) << "nobody else lives";
}

// What a dead run sent has expired a minute after this one began: what comes then is sent by somebody who lives.
TEST(OrderDesk, another_trader_with_our_prefix_is_told_from_a_dead_one) {
  Rig rig;
  look_at_resting(rig);
  for (int i = 0; i < 4; ++i) rig.settle();
  place_elsewhere(rig, "by-hand");
  look_at_resting(rig);
  rig.settle();
  EXPECT_EQ(rig.count<event::StreamHealth>(), 0) << "a person is no other trader";
  for (const char* id : {"run-8", "run-9"}) {
    place_elsewhere(rig, id);
    look_at_resting(rig);
    rig.settle();
  }
  ASSERT_EQ(rig.count<event::StreamHealth>(), 1) << "said once";
  for (const auto& e : rig.events) {
    const auto* said = std::get_if<event::StreamHealth>(&e);
    if (said == nullptr) continue;
    EXPECT_EQ(said->health, event::Health::down);
    EXPECT_TRUE(said->why.starts_with(kAnotherTrader)) << said->why;
    EXPECT_NE(said->why.find("run-8"), std::string::npos) << said->why;
  }
}

TEST(OrderDesk, an_ended_order_is_forgotten_an_hour_after_its_contract_closed_and_one_in_doubt_never) {
  Rig rig;
  for (const std::uint64_t id : {1, 2}) rig.desk().place(rig.terms(id), rig.world().now());
  rig.settle();
  rig.desk().cancel({1}, rig.world().now());
  rig.settle();
  rig.desk().on_resting({}, rig.world().now(), rig.world().now());  // the second is missing there: in doubt
  ASSERT_EQ(rig.desk().unknown(), 1);
  rig.desk().tick(rig.contract.close + 59_min);
  EXPECT_EQ(rig.desk().remembered(), 2U);
  rig.desk().tick(rig.contract.close + 61_min);
  EXPECT_EQ(rig.desk().remembered(), 1U);
  EXPECT_EQ(rig.desk().unknown(), 1);
}

TEST(OrderDesk, keeps_a_reserve_of_the_rate_limit_for_cancels) {
  OrderDesk desk{DeskRules{100, 100, 40}, "run"};
  market::Contract c;
  c.id = market::ContractId{1};
  c.ticker = "T";
  desk.know(c);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    desk.place(
        {event::OrderId{i}, c.id, Side::bid, Price{100}, Qty{100}, event::TimeInForce::immediate_or_cancel, false, {}},
        Time{1});
  }
  EXPECT_EQ(desk.take_events().size(), 4U) << "60 tokens of 100";
  EXPECT_EQ(desk.take_requests().size(), 1U) << "as one batch";
}

TEST(OrderDesk, what_rests_is_renewed_while_the_core_lives_and_gone_in_thirty_seconds_when_it_does_not) {
  DeskRules short_lived = rules();
  short_lived.expiry_max = 30_s;
  Rig rig{short_lived};
  rig.desk().place(rig.terms(1), rig.world().now());
  for (int i = 0; i < 1'200; ++i) {  // two minutes
    rig.desk().alive(rig.world().now());
    rig.carry(Rig::Loss::none);
    ASSERT_EQ(rig.resting(), 1U) << i;
  }
  const Time died = rig.world().now();
  while (rig.resting() > 0 && rig.world().now() - died < 60_s) rig.carry(Rig::Loss::none);
  EXPECT_EQ(rig.resting(), 0U);
  EXPECT_LE(rig.world().now() - died, 31_s);
}

TEST(OrderDesk, a_fill_that_no_order_of_ours_explains_moves_the_account_once) {
  Rig rig;
  Fill fill;
  fill.trade_id = "t1";
  fill.order_id = "a-person's";
  fill.ticker = rig.contract.ticker;
  fill.qty = Qty{100};
  fill.price = Price{5'000};
  for (int i = 0; i < 3; ++i) rig.desk().on_fill(fill);
  rig.carry(Rig::Loss::none);
  ASSERT_EQ(rig.count<event::FillSeen>(), 1);
  EXPECT_EQ(std::get<event::FillSeen>(rig.events.back()).order, event::OrderId{});
}

TEST(OrderDesk, a_contract_whose_shard_is_not_said_is_ordered_by_its_name) {
  Rig rig;
  market::Contract unsaid = rig.contract;
  unsaid.exchange_index = -1;
  rig.desk().know(unsaid);
  rig.desk().place(rig.terms(1), rig.world().now());
  const auto requests = rig.desk().take_requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].request.body.find("exchange_index"), std::string::npos);
}

TEST(OrderDesk, an_order_that_ended_unheard_is_found_by_what_still_rests) {
  Rig rig;
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.settle();
  ASSERT_EQ(rig.resting(), 1U);
  rig.world().exchange().cancel_all(rig.world().account(), rig.world().now());  // and no stream tells it
  ASSERT_EQ(rig.resting(), 0U);
  rig.settle();
  EXPECT_EQ(rig.count<event::OrderUpdated>(), 0);
  rig.desk().on_resting({}, rig.world().now(), rig.world().now());
  rig.settle();
  ASSERT_EQ(rig.count<event::OrderUpdated>(), 1);
  EXPECT_EQ(std::get<event::OrderUpdated>(rig.events.back()).status, event::OrderStatus::canceled);
}

TEST(OrderDesk, what_the_stream_says_before_the_answer_is_kept_until_the_answer) {
  Rig rig;
  rig.desk().place(rig.terms(1), rig.world().now());
  Order ended;
  ended.order_id = "v1";
  ended.client_order_id = rig.desk().client_id(event::OrderId{1});
  ended.ticker = rig.contract.ticker;
  ended.state = OrderState::canceled;
  rig.desk().on_order(ended);
  const auto requests = rig.desk().take_requests();
  ASSERT_EQ(requests.size(), 1U);
  rig.desk().answered(requests[0].number, 201,
                      R"({"order_id":"v1","fill_count":"0.00","remaining_count":"1.00","ts_ms":1})", rig.world().now());
  const auto events = rig.desk().take_events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<event::OrderAccepted>(events[0]));
  EXPECT_EQ(std::get<event::OrderUpdated>(events[1]).status, event::OrderStatus::canceled);
}

}  // namespace
}  // namespace voltage::venue::kalshi
