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

// Whatever is lost, every amend ends as done or refused, and the desk knows each order as the venue has it.
TEST_F(OrderAmend, random_losses_leave_the_desk_and_the_venue_of_one_mind) {
  constexpr std::uint64_t kOrdersTotal = 20;
  for (std::uint64_t i = 2; i <= kOrdersTotal; ++i) place(i);
  Rng rng{17};
  std::map<std::uint64_t, std::uint32_t> asked;
  for (int round = 0; round < 15; ++round) {
    for (std::uint64_t i = 1; i <= kOrdersTotal; ++i)
      amend(i, ++asked[i], Price{static_cast<std::int32_t>(100 * (1 + rng.below(5)))}, Qty{100 + 100 * round});
    for (auto& r : rig.desk().take_requests())
      rig.deliver(r, Rig::orders(r) ? static_cast<Rig::Loss>(rng.below(4)) : Rig::Loss::none);
    rig.settle();
  }
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.count<event::AmendDone>() + rig.count<event::AmendRefused>(), 15 * 20);
  EXPECT_EQ(rig.resting(), kOrdersTotal);
  std::map<std::uint64_t, std::uint32_t> done;
  for (const auto& e : rig.events) {
    if (const auto* d = std::get_if<event::AmendDone>(&e)) done[d->order.v] = d->revision;
  }
  for (std::uint64_t i = 1; i <= kOrdersTotal; ++i)
    EXPECT_EQ(at_venue(i).client_order_id, rig.desk().client_id(event::OrderId{i}, done[i]));
}

}  // namespace
}  // namespace voltage::venue::kalshi
