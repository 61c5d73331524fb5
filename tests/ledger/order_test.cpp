// Whatever the order of its messages and however often each comes, an order ends up in one state.
#include "ledger/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "base/rng.hpp"
#include "support/full.hpp"

namespace voltage::ledger {
namespace {

using namespace event;
using Message =
    std::variant<OrderAccepted, OrderRefused, OrderUnknown, OrderUpdated, FillSeen, CancelDone, CancelRefused>;

constexpr OrderId kOrder{7};

OrderTerms terms(TimeInForce tif = TimeInForce::good_till_time) {
  return {kOrder, {}, Side::bid, Price{5'000}, Qty{1'000}, tif, false, {}};
}
Message accepted(std::int64_t filled, std::int64_t remaining) {
  return OrderAccepted{kOrder, "v", Qty{filled}, Qty{remaining}};
}
Message fill(const char* id, std::int64_t centis) {
  return FillSeen{kOrder, id, {}, Side::bid, Price{5'000}, Qty{centis}, {}, false};
}
Message updated(OrderStatus status, std::int64_t filled) {
  return OrderUpdated{kOrder, status, Qty{filled}, Qty{status == OrderStatus::resting ? 1'000 - filled : 0}};
}
Message cancelled(std::int64_t reduced_by) {
  return CancelDone{kOrder, Qty{reduced_by}};
}

Order after(const std::vector<Message>& messages, const OrderTerms& t = terms()) {
  Order order{t};
  for (const Message& m : messages) std::visit([&](const auto& x) { order.on(x); }, m);
  return order;
}
// All that can be asked of an order.
std::string described(const Order& o) {
  std::ostringstream text;
  text << name(o.phase()) << " filled " << o.filled().centis << " open " << o.open_qty().centis << " conflict "
       << o.conflict() << " query " << o.needs_query();
  return text.str();
}

TEST(Order, without_an_answer_it_is_sent_and_without_a_clear_one_unknown) {
  EXPECT_EQ(after({}).phase(), OrderPhase::sent);
  const Order lost = after({OrderUnknown{kOrder, "timeout"}});
  EXPECT_EQ(lost.phase(), OrderPhase::unknown);
  EXPECT_EQ(lost.open_qty(), Qty{1'000});
  EXPECT_TRUE(lost.needs_query());
}

TEST(Order, any_word_of_the_venue_resolves_unknown) {
  const Message lost = OrderUnknown{kOrder, "timeout"};
  EXPECT_EQ(after({lost, updated(OrderStatus::resting, 0)}).phase(), OrderPhase::live);
  EXPECT_EQ(after({lost, fill("t", 10)}).phase(), OrderPhase::live);
  EXPECT_EQ(after({lost, OrderRefused{kOrder, "x"}}).phase(), OrderPhase::refused);
}

TEST(Order, a_final_word_waits_for_its_fills) {
  const Order ending = after({accepted(0, 1'000), updated(OrderStatus::canceled, 300)});
  EXPECT_EQ(ending.phase(), OrderPhase::ending);
  EXPECT_EQ(ending.open_qty(), Qty{300});
  const Order done = after({accepted(0, 1'000), updated(OrderStatus::canceled, 300), fill("a", 100), fill("b", 200)});
  EXPECT_EQ(done.phase(), OrderPhase::done);
  EXPECT_FALSE(done.conflict());
}

TEST(Order, a_cancel_that_loses_the_race_does_not_end_it) {
  const Order o = after({accepted(0, 1'000), CancelRefused{kOrder, "not_found"}});
  EXPECT_EQ(o.phase(), OrderPhase::live);
  EXPECT_TRUE(o.needs_query());
  EXPECT_EQ(after({accepted(0, 1'000), cancelled(0)}).phase(), OrderPhase::live);
  EXPECT_EQ(after({accepted(0, 1'000), CancelRefused{kOrder, "not_found"}, fill("a", 1'000)}).phase(),
            OrderPhase::done);
}

TEST(Order, an_immediate_order_ends_with_its_answer) {
  const OrderTerms ioc = terms(TimeInForce::immediate_or_cancel);
  EXPECT_EQ(after({accepted(0, 0)}, ioc).phase(), OrderPhase::done);
  EXPECT_EQ(after({accepted(400, 600)}, ioc).phase(), OrderPhase::ending);
  EXPECT_EQ(after({fill("a", 400), accepted(400, 600)}, ioc).phase(), OrderPhase::done);
}

TEST(Order, contradictions_are_seen) {
  EXPECT_TRUE(after({OrderRefused{kOrder, "x"}, fill("a", 10)}).conflict());
  EXPECT_TRUE(after({fill("a", 1'001)}).conflict());
  EXPECT_TRUE(after({fill("a", 10), fill("a", 20)}).conflict());
  EXPECT_TRUE(after({updated(OrderStatus::canceled, 100), fill("a", 200)}).conflict());
  EXPECT_TRUE(after({updated(OrderStatus::canceled, 100), updated(OrderStatus::executed, 1'000)}).conflict());
  EXPECT_FALSE(after({OrderUnknown{kOrder, ""}, accepted(0, 1'000), fill("a", 1'000)}).conflict());
}

// All orders of the messages, each of them sent once or twice: at most six in all.
void expect_one_state(std::vector<Message> messages, const OrderTerms& t) {
  const std::size_t base = messages.size();
  for (std::size_t twice = 0; twice <= base; ++twice) {  // == base: none twice
    std::vector<Message> sent = messages;
    if (twice < base && base < 6) sent.push_back(messages[twice]);
    std::vector<std::size_t> order(sent.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::set<std::string> states;
    do {
      std::vector<Message> permuted;
      for (const std::size_t i : order) permuted.push_back(sent[i]);
      states.insert(described(after(permuted, t)));
    } while (std::next_permutation(order.begin(), order.end()));
    states.insert(described(after(messages, t)));
    ASSERT_EQ(states.size(), 1u) << *states.begin() << " | " << *states.rbegin();
  }
}

TEST(Order, messages_commute_in_the_usual_lives) {
  const Message lost = OrderUnknown{kOrder, "timeout"};
  const std::vector<std::vector<Message>> lives{
      {accepted(0, 1'000), fill("a", 400), fill("b", 600), updated(OrderStatus::executed, 1'000)},
      {accepted(0, 1'000), fill("a", 400), cancelled(600), updated(OrderStatus::canceled, 400)},
      {lost, updated(OrderStatus::resting, 100), fill("a", 100), CancelRefused{kOrder, "x"}, fill("b", 900)},
      {accepted(300, 700), fill("a", 300), updated(OrderStatus::resting, 300), fill("b", 100), cancelled(600),
       updated(OrderStatus::canceled, 400)},
      {lost, OrderRefused{kOrder, "invalid"}},
      {OrderRefused{kOrder, "duplicate"}, updated(OrderStatus::resting, 0), fill("a", 1'000)},
  };
  for (const auto& life : lives) {
    expect_one_state(life, terms());
    expect_one_state(life, terms(TimeInForce::immediate_or_cancel));
  }
}

TEST(Order, any_six_messages_commute) {
  const std::vector<Message> pool{accepted(0, 1'000),
                                  accepted(300, 700),
                                  accepted(1'000, 0),
                                  OrderRefused{kOrder, "x"},
                                  OrderUnknown{kOrder, "x"},
                                  updated(OrderStatus::resting, 0),
                                  updated(OrderStatus::resting, 300),
                                  updated(OrderStatus::canceled, 300),
                                  updated(OrderStatus::executed, 1'000),
                                  fill("a", 300),
                                  fill("a", 400),
                                  fill("b", 700),
                                  cancelled(700),
                                  cancelled(0),
                                  CancelRefused{kOrder, "x"}};
  Rng rng{6};
  const std::int64_t n = tests::cases(150, 20'000);
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<Message> messages;
    const std::uint64_t count = 1 + rng.below(5);
    for (std::uint64_t k = 0; k < count; ++k) messages.push_back(pool[rng.below(pool.size())]);
    expect_one_state(messages, terms(rng.chance(0.5) ? TimeInForce::immediate_or_cancel : TimeInForce::good_till_time));
    if (HasFatalFailure()) return;
  }
}

TEST(Order, every_word_but_the_venues_leaves_it_open) {
  // No mix of our own timeouts and failed cancels ends an order.
  for (const auto& messages : std::vector<std::vector<Message>>{
           {OrderUnknown{kOrder, "a"}, OrderUnknown{kOrder, "b"}},
           {CancelRefused{kOrder, "not_found"}, OrderUnknown{kOrder, "b"}},
           {accepted(0, 1'000), CancelRefused{kOrder, "not_found"}, CancelRefused{kOrder, "not_found"}}}) {
    EXPECT_FALSE(after(messages).ended());
    EXPECT_EQ(after(messages).open_qty(), Qty{1'000});
  }
}

}  // namespace
}  // namespace voltage::ledger
