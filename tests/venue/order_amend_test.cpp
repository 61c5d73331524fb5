// Orders of ours that are changed while they rest: what the venue has is known, or known to be unknown.
#include <map>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "desk_rig.hpp"

namespace voltage::venue::kalshi {
namespace {

class OrderAmend : public ::testing::Test {
 protected:
  OrderAmend() { place(1); }
  void place(std::uint64_t id) {
    rig.desk().place(rig.terms(id, Price{100}), rig.world().now());
    rig.settle();
  }
  void amend(std::uint64_t id, std::uint32_t revision, Price price, Qty qty = Qty{300}) {
    rig.desk().amend({event::OrderId{id}, revision, price, qty, rig.world().now() + 10_min}, rig.world().now());
  }
  const vk::Order& at_venue(std::uint64_t id) {
    const auto& x = rig.world().exchange();
    for (const auto at : x.account(rig.world().account()).orders) {
      const auto* order = x.order(at);
      if (order->client_order_id.starts_with(rig.desk().client_id(event::OrderId{id}))) return *order;
    }
    ADD_FAILURE() << "no such order at the venue";
    static const vk::Order none;
    return none;
  }
  Rig rig;
};

TEST_F(OrderAmend, moves_the_order_that_rests_and_gives_it_the_name_of_the_revision) {
  amend(1, 1, Price{200});
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(rig.count<event::AmendDone>(), 1);
  EXPECT_EQ(rig.resting(), 1U);
  EXPECT_EQ(at_venue(1).price, Price{200});
  EXPECT_EQ(at_venue(1).remaining, Qty{300});
  EXPECT_EQ(at_venue(1).client_order_id, "run-1-r1");
  amend(1, 2, Price{100});
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(at_venue(1).client_order_id, "run-1-r2");
  rig.desk().cancel(event::OrderId{1}, rig.world().now());
  rig.settle();
  EXPECT_EQ(rig.resting(), 0U);
}

TEST_F(OrderAmend, without_an_answer_is_unknown_until_the_venue_shows_which_it_has) {
  amend(1, 1, Price{200});
  rig.carry(Rig::Loss::after);
  ASSERT_EQ(rig.count<event::OrderUnknown>(), 1);
  EXPECT_EQ(rig.count<event::AmendDone>() + rig.count<event::AmendRefused>(), 0) << "not known yet";
  rig.settle();
  EXPECT_EQ(rig.count<event::AmendDone>(), 1);
  EXPECT_EQ(rig.desk().unknown(), 0);

  amend(1, 2, Price{100});
  rig.carry(Rig::Loss::before);
  for (int i = 0; i < 50; ++i) rig.carry(Rig::Loss::none);  // five seconds
  EXPECT_EQ(rig.count<event::AmendRefused>(), 0) << "it may still arrive";
  rig.settle();
  EXPECT_EQ(rig.count<event::AmendRefused>(), 1);
  EXPECT_EQ(at_venue(1).price, Price{200});
}

TEST_F(OrderAmend, that_only_lowers_the_size_is_a_decrease_and_keeps_name_and_place) {
  rig.desk().place(rig.terms(2, Price{100}), rig.world().now());  // behind it in the queue
  rig.settle();
  const auto venue_id = at_venue(1).id;
  amend(1, 1, Price{100}, Qty{60});
  auto requests = rig.desk().take_requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_TRUE(requests[0].request.target.ends_with("/decrease"));
  EXPECT_NE(requests[0].request.body.find(R"("reduce_by":"0.40")"), std::string::npos) << requests[0].request.body;
  rig.deliver(requests[0], Rig::Loss::none);
  rig.settle();
  EXPECT_EQ(rig.count<event::AmendDone>(), 1);
  EXPECT_EQ(at_venue(1).id, venue_id);
  EXPECT_EQ(at_venue(1).remaining, Qty{60});
  EXPECT_EQ(at_venue(1).client_order_id, "run-1");
  const auto& x = rig.world().exchange();
  EXPECT_LT(x.queue_ahead(at_venue(1)), x.queue_ahead(at_venue(2))) << "the place in the queue was kept";
  amend(1, 2, Price{200}, Qty{60});
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(at_venue(1).client_order_id, "run-1-r2") << "the next amend names the order by the name that it has";
}

TEST_F(OrderAmend, a_decrease_finds_its_shard_by_the_market_where_none_was_said) {
  market::Contract unsaid = rig.contract;
  unsaid.exchange_index = -1;
  rig.desk().know(unsaid);
  amend(1, 1, Price{100}, Qty{60});
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(rig.count<event::AmendDone>(), 1);
  EXPECT_EQ(at_venue(1).remaining, Qty{60});
}

TEST_F(OrderAmend, a_decrease_without_an_answer_is_settled_by_reading_the_order) {
  amend(1, 1, Price{100}, Qty{60});
  rig.carry(Rig::Loss::after);
  ASSERT_EQ(rig.count<event::OrderUnknown>(), 1);
  EXPECT_EQ(rig.desk().unknown(), 1);
  rig.settle();
  EXPECT_EQ(rig.count<event::AmendDone>(), 1);
  EXPECT_EQ(at_venue(1).remaining, Qty{60}) << "and it was not sent twice";

  amend(1, 2, Price{100}, Qty{50});
  rig.carry(Rig::Loss::before);
  rig.settle();
  EXPECT_EQ(rig.count<event::AmendRefused>(), 1);
  EXPECT_EQ(at_venue(1).remaining, Qty{60});
  EXPECT_EQ(rig.desk().unknown(), 0);
}

TEST_F(OrderAmend, a_fill_on_the_way_of_a_decrease_takes_nothing_from_what_is_meant_in_all) {
  amend(1, 1, Price{100}, Qty{70});
  auto requests = rig.desk().take_requests();
  // Somebody sells half of it before it arrives.
  auto& x = rig.world().exchange();
  const auto market = at_venue(1).market;
  const Time now = rig.world().now();
  x.house_take(market, Side::ask, Price{200}, Qty{1'000'000'000}, now);
  x.house_take(market, Side::ask, Price{100}, x.queue_ahead(at_venue(1)) + Qty{50}, now);
  rig.deliver(requests[0], Rig::Loss::after);
  rig.settle();
  EXPECT_EQ(at_venue(1).filled, Qty{50});
  EXPECT_EQ(at_venue(1).remaining, Qty{20});
  EXPECT_EQ(rig.count<event::AmendDone>(), 1);
}

TEST_F(OrderAmend, that_ends_sooner_is_no_decrease) {
  rig.desk().amend({event::OrderId{1}, 1, Price{100}, Qty{60}, rig.world().now() + 1_min}, rig.world().now());
  auto requests = rig.desk().take_requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_TRUE(requests[0].request.target.ends_with("/amend"));
}

TEST_F(OrderAmend, is_not_sent_twice_and_not_beside_another) {
  amend(1, 1, Price{200});
  amend(1, 2, Price{300});
  const auto requests = rig.desk().take_requests();
  EXPECT_EQ(requests.size(), 1U);
  const auto events = rig.desk().take_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<event::AmendRefused>(events[0]).revision, 2U);
}

TEST_F(OrderAmend, of_an_order_that_has_ended_is_refused_and_the_end_is_found) {
  rig.world().exchange().cancel_all(rig.world().account(), rig.world().now());
  amend(1, 1, Price{200});
  rig.settle();
  EXPECT_EQ(rig.count<event::AmendRefused>(), 1);
  ASSERT_GE(rig.count<event::OrderUpdated>(), 1);
  EXPECT_EQ(rig.desk().unknown(), 0);
}

TEST_F(OrderAmend, and_a_cancel_on_the_way_at_once_end_in_one_state) {
  amend(1, 1, Price{200});
  auto amends = rig.desk().take_requests();
  rig.desk().cancel(event::OrderId{1}, rig.world().now());
  auto cancels = rig.desk().take_requests();
  ASSERT_EQ(cancels.size(), 1U) << "a cancel does not wait for the amend";
  rig.deliver(cancels[0], Rig::Loss::none);
  rig.deliver(amends[0], Rig::Loss::none);
  rig.settle();
  EXPECT_EQ(rig.resting(), 0U);
  EXPECT_EQ(rig.count<event::CancelDone>(), 1);
  EXPECT_EQ(rig.count<event::AmendRefused>(), 1);
}

TEST_F(OrderAmend, waits_for_a_renewal_and_gives_way_to_one_without_an_answer) {
  DeskRules brief = rules();
  brief.expiry_max = 30_s;
  Rig short_lived{brief};
  short_lived.desk().place(short_lived.terms(1), short_lived.world().now());
  short_lived.carry(Rig::Loss::none);
  std::vector<DeskRequest> renewal;
  while (renewal.empty()) {
    short_lived.desk().alive(short_lived.world().now());
    short_lived.pass();
    renewal = short_lived.desk().take_requests();
  }
  const auto ask = [&](std::uint32_t revision) {
    const Time now = short_lived.world().now();
    short_lived.desk().amend({event::OrderId{1}, revision, Price{200}, Qty{100}, now + 10_min}, now);
  };
  ask(1);
  EXPECT_TRUE(short_lived.desk().take_requests().empty());
  short_lived.deliver(renewal[0], Rig::Loss::after);
  short_lived.pass();
  EXPECT_EQ(short_lived.count<event::AmendRefused>(), 1) << "the renewal might arrive behind it and undo it";
}

// Whatever is lost, every amend ends as done or refused, and the desk knows each order as the venue has it. At two
// prices and three sizes, so that many are decreases.
TEST_F(OrderAmend, random_losses_leave_the_desk_and_the_venue_of_one_mind) {
  constexpr std::uint64_t kOrdersTotal = 20;
  for (std::uint64_t i = 2; i <= kOrdersTotal; ++i) place(i);
  Rng rng{17};
  std::map<std::uint64_t, std::uint32_t> asked;
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::pair<Price, Qty>> terms;
  int decreases = 0;
  for (int round = 0; round < 15; ++round) {
    for (std::uint64_t i = 1; i <= kOrdersTotal; ++i) {
      const Price price{static_cast<std::int32_t>(100 * (1 + rng.below(2)))};
      const Qty qty{100 * (1 + static_cast<std::int64_t>(rng.below(3)))};
      terms[{i, ++asked[i]}] = {price, qty};
      amend(i, asked[i], price, qty);
    }
    for (auto& r : rig.desk().take_requests()) {
      decreases += r.request.target.ends_with("/decrease") ? 1 : 0;
      rig.deliver(r, Rig::orders(r) ? static_cast<Rig::Loss>(rng.below(4)) : Rig::Loss::none);
    }
    rig.settle();
  }
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.count<event::AmendDone>() + rig.count<event::AmendRefused>(), 15 * 20);
  EXPECT_EQ(rig.resting(), kOrdersTotal);
  std::map<std::uint64_t, std::uint32_t> done;
  for (const auto& e : rig.events) {
    if (const auto* d = std::get_if<event::AmendDone>(&e)) done[d->order.v] = d->revision;
  }
  EXPECT_GT(decreases, 30);
  for (const auto& [order, revision] : done) {
    const auto& [price, qty] = terms[{order, revision}];
    EXPECT_EQ(at_venue(order).price, price) << order;
    EXPECT_EQ(at_venue(order).remaining, qty) << order;
  }
}

}  // namespace
}  // namespace voltage::venue::kalshi
