#include "strategy/maker.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "strategy/kelly.hpp"
#include "support/full.hpp"

namespace voltage::strategy {
namespace {

using namespace literals;

MakerView view(double p, std::int32_t bid, std::int32_t ask) {
  return {.p = p,
          .adverse = 0.01,
          .wealth = 1'000,
          .held = 0,
          .bid = {Price{bid}, Qty{500}},
          .ask = {Price{ask}, Qty{500}},
          .flow = 0};
}

const market::TickGrid kTicks = market::TickGrid::tapered_deci_cent();
const market::FeeTerms kFree{};  // quadratic: makers pay nothing

TEST(Maker, quotes_inside_the_touch_when_the_price_after_a_fill_is_still_worth_it) {
  const auto q = best_quote(view(0.55, 5'000, 5'400), kTicks, kFree, MakerConfig{});
  ASSERT_TRUE(q);
  EXPECT_EQ(q->side, Side::bid);
  EXPECT_EQ(q->price, Price{5'100});
  EXPECT_NEAR(q->win, 0.54, 1e-12);
  EXPECT_NEAR(q->edge, 0.03, 1e-9);
}

TEST(Maker, leaves_a_fair_price_alone) {
  EXPECT_FALSE(best_quote(view(0.52, 5'150, 5'250), kTicks, kFree, MakerConfig{}));
}

TEST(Maker, pays_the_fee_where_makers_are_charged) {
  market::FeeTerms charged;
  charged.type = market::FeeType::quadratic_with_maker_fees;
  const auto free = best_quote(view(0.55, 5'000, 5'400), kTicks, kFree, MakerConfig{});
  const auto dear = best_quote(view(0.55, 5'000, 5'400), kTicks, charged, MakerConfig{});
  ASSERT_TRUE(free && dear);
  EXPECT_NEAR(free->edge - dear->edge, 0.0175 * 0.5 * 0.5, 1e-4);
}

// Where the price is moved for what is held the size must be too: what takes away from the full side is worth it
// although by itself it is no gain.
TEST(Maker, the_count_is_what_leaves_one_more_worth_nothing) {
  Rng rng{3};
  int taking_away = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double win = rng.uniform(0.02, 0.98), cost = rng.uniform(0.02, 0.98), held = rng.uniform(-200, 200);
    const double n = worthwhile_count(win, cost, 1'000, held, 4);
    ASSERT_GE(n, 0);
    // With the count filled: what one more is worth beside both outcomes' wealth.
    const double if_won = 1'000 + held * (1 - win) + n * (1 - cost), if_lost = 1'000 - held * win - n * cost;
    const double yes = win * std::pow(if_won, -4), no = (1 - win) * std::pow(if_lost, -4);
    const double worth = yes / (yes + no);
    if (n > 0)
      ASSERT_NEAR(worth, cost, 1e-9);
    else
      ASSERT_LE(worth, cost + 1e-9);
    taking_away += n > 0 && win < cost;
  }
  EXPECT_GT(taking_away, 500);
}

TEST(Maker, with_nothing_held_the_count_is_about_a_quarter_of_kelly) {
  for (const double edge : {0.005, 0.01, 0.02}) {
    const double kelly = 0.25 * edge / 0.5 * 1'000 / 0.5;
    EXPECT_NEAR(worthwhile_count(0.5 + edge, 0.5, 1'000, 0, 4), kelly, 0.06 * kelly);
  }
  EXPECT_EQ(worthwhile_count(0.5, 0.51, 1'000, 0, 4), 0);
}

TEST(Maker, withdraws_the_side_that_toxic_flow_comes_against) {
  auto v = view(0.55, 5'000, 5'400);
  v.flow = -0.7;
  EXPECT_FALSE(best_quote(v, kTicks, kFree, MakerConfig{}));
}

TEST(Maker, never_crosses_never_leaves_the_grid_and_never_quotes_behind_the_touch) {
  Rng rng{2};
  for (std::int64_t i = 0; i < tests::cases(50'000, 1'000'000); ++i) {
    auto v = view(rng.uniform(0.01, 0.99), 0, 0);
    const auto low = kTicks.floor(Price{static_cast<std::int32_t>(10 + rng.below(9'900))});
    const auto high = kTicks.ceil(Price{static_cast<std::int32_t>(low->pips + 1 + rng.below(800))});
    if (!low || !high || high->pips >= Price::kOne) continue;
    v.bid.price = *low;
    v.ask.price = *high;
    v.held = rng.uniform(-300, 300);
    v.flow = rng.uniform(-1, 1);
    const auto q = best_quote(v, kTicks, kFree, MakerConfig{});
    if (!q) continue;
    ASSERT_TRUE(kTicks.on_grid(q->price));
    ASSERT_GE(q->edge, MakerConfig{}.edge_min - 1e-9);
    if (q->side == Side::bid) {
      ASSERT_LT(q->price, v.ask.price);
      ASSERT_GE(q->price, v.bid.price);
    } else {
      ASSERT_GT(q->price, v.bid.price);
      ASSERT_LE(q->price, v.ask.price);
    }
  }
}

// Expected utility of wealth^(1-a) is unchanged by one small contract at the indifference price.
TEST(Indifference, leaves_expected_utility_where_it_was) {
  Rng rng{3};
  for (int i = 0; i < 2'000; ++i) {
    const double p = rng.uniform(0.05, 0.95), wealth = rng.uniform(500, 2'000), held = rng.uniform(-400, 400), a = 4;
    const double price = indifference(p, wealth, held, a);
    const auto utility = [&](double more) {
      const double yes = wealth + held * (1 - p) + more * (1 - price), no = wealth - held * p - more * price;
      return (p * std::pow(yes / wealth, 1 - a) + (1 - p) * std::pow(no / wealth, 1 - a)) / (1 - a);
    };
    constexpr double kSmall = 1e-3;
    ASSERT_NEAR((utility(kSmall) - utility(-kSmall)) / (2 * kSmall), 0, 1e-7);
    ASSERT_EQ(price < p, held > 0);
  }
  EXPECT_DOUBLE_EQ(indifference(0.4, 1'000, 0, 4), 0.4);
}

TEST(FillMarkouts, learns_what_fills_cost_and_calls_a_run_of_bad_ones_toxic) {
  market::Books books;
  market::Contract c;
  c.id = {0};
  books.see(c);
  const Time start = Time::from_ms(1'778'478'300'000);
  books.load({0}, start, std::vector<market::Level>{{Price{4'500}, Qty{100}}},
             std::vector<market::Level>{{Price{4'700}, Qty{100}}});
  FillMarkouts m{0.01};
  Time now = start;
  for (int i = 0; i < 5; ++i) {
    now = now + 1_s;
    m.on_fill(now, {{1}, "t", {0}, Side::bid, Price{5'000}, Qty{100}, {}, true});
  }
  m.on_fill(now, {{1}, "t", {0}, Side::bid, Price{9'000}, Qty{100}, {}, false});
  EXPECT_DOUBLE_EQ(m.adverse(), 0.01);
  m.pass_time(now + 11_s, books);
  EXPECT_GT(m.adverse(), 0.015) << "bought at 50 cents, ten seconds later at 46";
  EXPECT_TRUE(m.toxic(now + 12_s));
  EXPECT_FALSE(m.toxic(now + 90_s));
}

}  // namespace
}  // namespace voltage::strategy
