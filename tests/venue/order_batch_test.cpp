// Orders and cancels that leave together, and the order group that all orders of a run stand in.
#include <set>

#include <gtest/gtest.h>

#include "desk_rig.hpp"

namespace voltage::venue::kalshi {
namespace {

TEST(OrderBatch, orders_of_one_breath_leave_as_one_request_and_each_has_its_own_outcome) {
  Rig rig;
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.desk().place(rig.terms(2, Price{5'555}), rig.world().now());  // off the tick grid
  rig.desk().place(rig.terms(3), rig.world().now());
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(rig.requests, 1);
  EXPECT_EQ(rig.resting(), 2U);
  EXPECT_EQ(rig.count<event::OrderAccepted>(), 2);
  ASSERT_EQ(rig.count<event::OrderRefused>(), 1);
  for (const auto& e : rig.events) {
    const auto* refused = std::get_if<event::OrderRefused>(&e);
    if (refused == nullptr) continue;
    EXPECT_EQ(refused->order, event::OrderId{2});
    EXPECT_NE(refused->code.find("invalid_price"), std::string::npos) << refused->code;
  }
}

TEST(OrderBatch, a_batch_without_an_answer_leaves_exactly_one_order_for_each_intent) {
  Rig rig;
  for (std::uint64_t i = 1; i <= 100; ++i) rig.desk().place(rig.terms(i), rig.world().now());
  rig.carry(Rig::Loss::after);
  EXPECT_EQ(rig.requests, 5);
  EXPECT_EQ(rig.desk().unknown(), 100);
  rig.settle();
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.resting(), 100U);
  EXPECT_EQ(rig.count<event::OrderAccepted>(), 100);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 0);
}

TEST(OrderBatch, an_entry_of_which_the_answer_says_nothing_is_unknown) {
  Rig rig;
  for (std::uint64_t i = 1; i <= 3; ++i) rig.desk().place(rig.terms(i), rig.world().now());
  const auto requests = rig.desk().take_requests();
  ASSERT_EQ(requests.size(), 1U);
  const std::string body = R"({"orders":[{"order_id":"a","client_order_id":"run-1","fill_count":"0.00",)"
                           R"("remaining_count":"1.00","ts_ms":1},{"client_order_id":"run-2","error":)"
                           R"({"code":"internal_server_error","message":"x"}}]})";
  rig.desk().answered(requests[0].number, 201, body, rig.world().now());
  EXPECT_EQ(rig.desk().unknown(), 2) << "one not spoken of, one whose error is no refusal";
  rig.settle();
  EXPECT_EQ(rig.count<event::OrderRefused>(), 2) << "the venue proved that it does not have them";
}

TEST(OrderBatch, many_cancels_leave_in_batches_and_a_busy_venue_is_asked_again) {
  Rig rig;
  for (std::uint64_t i = 1; i <= 30; ++i) rig.desk().place(rig.terms(i), rig.world().now());
  rig.settle();
  ASSERT_EQ(rig.resting(), 30U);
  for (std::uint64_t i = 1; i <= 30; ++i) rig.desk().cancel(event::OrderId{i}, rig.world().now());
  auto requests = rig.desk().take_requests();
  ASSERT_EQ(requests.size(), 2U);
  rig.deliver(requests[0], Rig::Loss::none);
  rig.desk().answered(requests[1].number, 429, R"({"error":"too many requests"})", rig.world().now());
  rig.pass();
  EXPECT_EQ(rig.resting(), 10U);
  rig.settle();
  EXPECT_EQ(rig.resting(), 0U);
  EXPECT_EQ(rig.count<event::CancelDone>(), 30);
  EXPECT_EQ(rig.count<event::CancelRefused>(), 0);
}

class OrderGroup : public ::testing::Test {
 protected:
  static DeskRules grouped() {
    DeskRules r = rules();
    r.group_limit = Qty{1'000'000};
    return r;
  }
  const vk::Exchange& exchange() { return rig.world().exchange(); }
  std::set<std::string> groups() {
    std::set<std::string> out;
    for (const auto id : exchange().account(rig.world().account()).resting) out.insert(exchange().order(id)->group_id);
    return out;
  }
  std::size_t kept() { return exchange().account(rig.world().account()).groups.size(); }
  Rig rig{grouped()};
};

TEST_F(OrderGroup, holds_every_order_of_the_run_and_is_there_before_the_first) {
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 1) << "no order without its group";
  rig.settle();
  rig.desk().place(rig.terms(2), rig.world().now());
  rig.settle();
  EXPECT_EQ(groups().size(), 1U);
  EXPECT_FALSE(groups().contains(""));
}

TEST_F(OrderGroup, a_kill_takes_what_rests_and_what_is_still_on_its_way) {
  rig.settle();
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.settle();
  ASSERT_EQ(rig.resting(), 1U);
  rig.desk().place(rig.terms(2), rig.world().now());
  auto late = rig.desk().take_requests();  // held up by the network
  ASSERT_EQ(late.size(), 1U);
  rig.desk().kill();
  rig.carry(Rig::Loss::none);
  EXPECT_EQ(rig.resting(), 0U);
  rig.deliver(late[0], Rig::Loss::after);  // arrives behind the kill, and its answer is lost too
  rig.settle();
  EXPECT_EQ(rig.resting(), 0U);
  EXPECT_EQ(rig.desk().unknown(), 0);
  EXPECT_EQ(rig.count<event::OrderRefused>(), 1);
}

TEST_F(OrderGroup, is_triggered_until_the_venue_says_so_and_a_new_one_takes_its_place) {
  rig.settle();
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.settle();
  const auto before = groups();
  rig.desk().kill();
  auto first = rig.desk().take_requests();
  ASSERT_EQ(first.size(), 1U);
  rig.desk().lost(first[0].number, "cut", rig.world().now());
  ASSERT_EQ(rig.resting(), 1U);
  rig.settle();
  EXPECT_EQ(rig.resting(), 0U);
  rig.desk().place(rig.terms(2), rig.world().now());  // asks for the new group
  rig.settle();
  rig.desk().place(rig.terms(3), rig.world().now());
  rig.settle();
  EXPECT_EQ(rig.resting(), 1U);
  EXPECT_NE(groups(), before);
}

TEST_F(OrderGroup, of_a_kill_is_deleted_behind_the_cancels_and_leaves_nothing) {
  rig.settle();
  rig.desk().place(rig.terms(1), rig.world().now());
  rig.settle();
  ASSERT_EQ(kept(), 1U);
  EXPECT_TRUE(rig.desk().tidy());
  rig.desk().cancel(event::OrderId{1}, rig.world().now());
  rig.desk().kill();
  EXPECT_FALSE(rig.desk().tidy());
  auto breath = rig.desk().take_requests();
  ASSERT_EQ(breath.size(), 2U);
  EXPECT_EQ(breath[0].request.method, "DELETE") << "the cancel";
  EXPECT_EQ(breath[1].request.method, "PUT") << "then the trigger";
  for (auto& request : breath) rig.deliver(request, Rig::Loss::none);
  EXPECT_EQ(rig.resting(), 0U);
  EXPECT_EQ(kept(), 1U);
  rig.settle();
  EXPECT_EQ(kept(), 0U);
  EXPECT_TRUE(rig.desk().tidy());
}

TEST_F(OrderGroup, is_kept_while_an_order_may_still_arrive_in_it) {
  rig.settle();
  rig.desk().place(rig.terms(1), rig.world().now());
  auto late = rig.desk().take_requests();
  ASSERT_EQ(late.size(), 1U);
  rig.desk().kill();
  for (int i = 0; i < 5; ++i) rig.carry(Rig::Loss::none);
  EXPECT_EQ(kept(), 1U);
  rig.deliver(late[0], Rig::Loss::none);  // into a triggered group: refused
  rig.settle();
  EXPECT_EQ(kept(), 0U);
  EXPECT_EQ(rig.resting(), 0U);
}

TEST_F(OrderGroup, that_is_made_while_a_kill_passes_it_by_is_deleted_too) {
  auto making = rig.desk().take_requests();
  rig.desk().tick(rig.world().now());
  making = rig.desk().take_requests();
  ASSERT_EQ(making.size(), 1U);
  rig.desk().kill();
  rig.deliver(making[0], Rig::Loss::none);
  EXPECT_EQ(kept(), 1U);
  EXPECT_FALSE(rig.desk().tidy());
  rig.settle();
  EXPECT_EQ(kept(), 0U);
}

TEST_F(OrderGroup, that_the_venue_will_not_delete_is_left_after_three_times) {
  rig.settle();
  rig.desk().kill();
  int drops = 0;
  for (int i = 0; i < 100; ++i) {
    for (auto& r : rig.desk().take_requests()) {
      const bool drop = r.request.method == "DELETE";
      drops += drop;
      rig.deliver(r, drop ? Rig::Loss::error_503 : Rig::Loss::none);
    }
    rig.pass();
  }
  EXPECT_EQ(drops, 3);
  EXPECT_TRUE(rig.desk().tidy());
  EXPECT_EQ(kept(), 1U);
}

}  // namespace
}  // namespace voltage::venue::kalshi
