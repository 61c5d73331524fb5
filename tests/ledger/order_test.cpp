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
using Message = std::variant<OrderAccepted, OrderRefused, OrderUnknown, OrderUpdated, FillSeen, CancelDone,
                             CancelRefused, AmendDone, AmendRefused>;

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

Message amended(std::uint32_t revision = 1) {
  return AmendDone{kOrder, revision};
}
Message not_amended(std::uint32_t revision = 1) {
  return AmendRefused{kOrder, revision, "invalid_order"};
}
// What we asked for, one revision after the other: other prices, and these numbers of contracts in all.
using Amends = std::vector<std::int64_t>;

Order after(const std::vector<Message>& messages, const OrderTerms& t = terms(), const Amends& amends = {}) {
  Order order{t};
  for (std::uint32_t i = 0; i < amends.size(); ++i)
    order.amend({kOrder, i + 1, Price{4'000 - 100 * static_cast<std::int32_t>(i)}, Qty{amends[i]}, {}});
  for (const Message& m : messages) std::visit([&](const auto& x) { order.on(x); }, m);
  return order;
}
// All that can be asked of an order.
std::string described(const Order& o) {
  std::ostringstream text;
  text << name(o.phase()) << " filled " << o.filled().centis << " open " << o.open_qty().centis << " conflict "
       << o.conflict() << " query " << o.needs_query() << " limit " << o.terms().limit.pips << " of "
       << o.terms().qty.centis << " amending " << o.pending_qty().centis << (o.cancellable() ? " cancellable" : "");
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
void expect_one_state(std::vector<Message> messages, const OrderTerms& t, const Amends& amends = {}) {
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
      states.insert(described(after(permuted, t, amends)));
    } while (std::next_permutation(order.begin(), order.end()));
    states.insert(described(after(messages, t, amends)));
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
                                  CancelRefused{kOrder, "x"},
                                  amended(1),
                                  amended(2),
                                  not_amended(1),
                                  not_amended(2),
                                  OrderUnknown{kOrder, "x", 1},
                                  OrderUnknown{kOrder, "x", 2},
                                  updated(OrderStatus::canceled, 600)};
  Rng rng{6};
  const std::int64_t n = tests::cases(150, 20'000);
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<Message> messages;
    const std::uint64_t count = 1 + rng.below(5);
    for (std::uint64_t k = 0; k < count; ++k) messages.push_back(pool[rng.below(pool.size())]);
    const Amends some[] = {{}, {700}, {1'500}, {700, 1'300}, {1'500, 400}};
    expect_one_state(messages, terms(rng.chance(0.5) ? TimeInForce::immediate_or_cancel : TimeInForce::good_till_time),
                     some[rng.below(5)]);
    if (HasFatalFailure()) return;
  }
}

TEST(Order, messages_commute_around_an_amend) {
  const Message lost = OrderUnknown{kOrder, "timeout", 1};
  const std::vector<std::vector<Message>> lives{
      {accepted(0, 1'000), fill("a", 300), amended(), fill("b", 400), updated(OrderStatus::executed, 700)},
      {accepted(0, 1'000), lost, amended(), fill("a", 300), cancelled(400), updated(OrderStatus::canceled, 300)},
      {accepted(0, 1'000), lost, not_amended(), fill("a", 300), cancelled(700)},
      {accepted(0, 1'000), fill("a", 1'000), not_amended(), updated(OrderStatus::executed, 1'000)},
      {accepted(0, 1'000), amended(1), fill("a", 500), amended(2), fill("b", 800), CancelRefused{kOrder, "x"}},
  };
  for (const auto& life : lives) {
    expect_one_state(life, terms(), {700});
    expect_one_state(life, terms(), {700, 1'300});
  }
}

TEST(Order, stands_as_it_was_and_as_it_is_asked_for_until_the_amend_is_answered) {
  const Order asked = after({accepted(0, 1'000), fill("a", 200)}, terms(), {700});
  EXPECT_EQ(asked.phase(), OrderPhase::live);
  EXPECT_EQ(asked.open_qty(), Qty{800});
  EXPECT_EQ(asked.pending_qty(), Qty{500});
  EXPECT_EQ(asked.terms().limit, Price{5'000});
  const Order done = after({accepted(0, 1'000), fill("a", 200), amended()}, terms(), {700});
  EXPECT_EQ(done.open_qty(), Qty{500});
  EXPECT_EQ(done.pending_qty(), Qty{});
  EXPECT_EQ(done.terms().limit, Price{4'000});
  const Order not_done = after({accepted(0, 1'000), fill("a", 200), not_amended()}, terms(), {700});
  EXPECT_EQ(not_done.open_qty(), Qty{800});
  EXPECT_TRUE(not_done.amend_refused());
}

TEST(Order, an_amend_without_an_answer_makes_it_unknown_and_it_can_still_be_cancelled) {
  const Message lost = OrderUnknown{kOrder, "timeout", 1};
  const Order o = after({accepted(0, 1'000), lost}, terms(), {700});
  EXPECT_EQ(o.phase(), OrderPhase::unknown);
  EXPECT_TRUE(o.needs_query());
  EXPECT_TRUE(o.cancellable());
  EXPECT_EQ(after({accepted(0, 1'000), lost, amended()}, terms(), {700}).phase(), OrderPhase::live);
  // How much a cancel left unfilled is known only with the amend's answer.
  EXPECT_FALSE(after({accepted(0, 1'000), lost, cancelled(700)}, terms(), {700}).ended());
  EXPECT_EQ(after({accepted(0, 1'000), lost, cancelled(700), amended()}, terms(), {700}).phase(), OrderPhase::done);
  EXPECT_EQ(after({accepted(0, 1'000), lost, cancelled(700), not_amended()}, terms(), {700}).phase(),
            OrderPhase::ending);
}

TEST(Order, an_amend_that_was_done_and_not_done_or_filled_beyond_is_a_contradiction) {
  EXPECT_TRUE(after({accepted(0, 1'000), amended(), not_amended()}, terms(), {700}).conflict());
  EXPECT_TRUE(after({accepted(0, 1'000), fill("a", 1'400), not_amended()}, terms(), {1'500}).conflict());
  EXPECT_FALSE(after({accepted(0, 1'000), fill("a", 1'400), amended()}, terms(), {1'500}).conflict());
  EXPECT_FALSE(after({accepted(0, 1'000), fill("a", 900), amended()}, terms(), {700}).conflict())
      << "it may have been filled before it was made smaller";
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
