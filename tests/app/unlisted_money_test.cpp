// Interest and incentives, which no list of the venue's shows.
#include "app/live/unlisted_money.hpp"

#include <gtest/gtest.h>

namespace voltage::app::live {
namespace {

using namespace literals;

Money cents(std::int64_t n) {
  return Money{n * kCent.micros};
}

class Unlisted : public ::testing::Test {
 protected:
  Comparison equal() { return {.asked = now = now + 3_s}; }
  Comparison off(std::int64_t n) {
    return {.asked = now = now + 3_s, .what = "cash", .cash = cents(n), .lists_read = true};
  }
  // Seen for a minute: what was booked.
  std::vector<event::CashMoved> booked(std::int64_t n) {
    std::vector<event::CashMoved> out;
    for (int i = 0; i < 20 && out.empty(); ++i) {
      if (auto credit = money.look(off(n), moved)) out.push_back(*credit);
    }
    return out;
  }
  Time now = Time::from_ms(1'800'000'000'000), moved = now;
  UnlistedMoney money{cents(2'500)};
};

TEST_F(Unlisted, a_credit_that_lasts_is_booked_once_to_the_micro_dollar) {
  money.look(equal(), moved);
  const Time before = now;
  const auto found = booked(37);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].amount, cents(37));
  EXPECT_EQ(found[0].kind, event::CashMove::credit);
  EXPECT_GE((now - before).seconds(), 30) << "a list may be late";
}

TEST_F(Unlisted, another_credit_has_another_name) {
  money.look(equal(), moved);
  const auto first = booked(37);
  money.look(equal(), moved);
  const auto second = booked(37);
  ASSERT_TRUE(first.size() == 1 && second.size() == 1);
  EXPECT_NE(first[0].id, second[0].id);
}

TEST_F(Unlisted, nothing_is_booked_where_the_cause_may_be_ours) {
  EXPECT_TRUE(booked(37).empty()) << "never found equal";
  money.look(equal(), moved);
  moved = now + 1_s;  // a fill
  EXPECT_TRUE(booked(37).empty());
  moved = now;
  EXPECT_TRUE(booked(37).empty()) << "and not afterwards either, until the books were equal again";
  money.look(equal(), moved);
  EXPECT_TRUE(booked(-37).empty()) << "a debit";
  EXPECT_TRUE(booked(2'501).empty()) << "above the limit";
  EXPECT_EQ(booked(2'500).size(), 1U);
}

TEST_F(Unlisted, a_payment_under_way_a_position_or_an_unread_list_books_nothing) {
  auto paying = equal();
  paying.paying = true;
  money.look(paying, moved);
  EXPECT_TRUE(booked(100).empty()) << "the books were equal with a payment to come: this may be it";
  money.look(equal(), moved);
  for (int i = 0; i < 20; ++i) {
    auto other = off(100);
    other.lists_read = false;
    EXPECT_FALSE(money.look(other, moved));
  }
  for (int i = 0; i < 20; ++i) {
    auto other = off(100);
    if (i % 3 == 0) other.cash.reset();  // a position differs
    EXPECT_FALSE(money.look(other, moved));
  }
}

TEST_F(Unlisted, a_credit_that_changes_begins_anew) {
  money.look(equal(), moved);
  for (int i = 0; i < 40; ++i) EXPECT_FALSE(money.look(off(100 + i % 2), moved));
}

TEST_F(Unlisted, a_deposit_that_is_listed_late_is_the_credit_that_was_booked) {
  money.look(equal(), moved);
  ASSERT_EQ(booked(2'000).size(), 1U);
  const event::CashMoved listed{event::CashMove::deposit, cents(2'000), "b1"};
  EXPECT_FALSE(money.was_booked({event::CashMove::deposit, cents(2'100), "b2"}));
  EXPECT_TRUE(money.was_booked(listed));
  EXPECT_FALSE(money.was_booked(listed)) << "the next one of the same amount is another";
}

}  // namespace
}  // namespace voltage::app::live
