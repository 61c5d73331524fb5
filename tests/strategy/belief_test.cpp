// What is traded on starts at the market and moves with evidence.
#include "strategy/belief.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "base/rng.hpp"
#include "strategy/flow.hpp"

namespace voltage::strategy {
namespace {

using event::ContractId;
using event::Outcome;

TEST(Belief, without_evidence_it_is_near_the_market) {
  const Belief belief;
  const double p = belief.probability({0.7, 0.5, 0});
  EXPECT_NEAR(logit(p), 0.06 * logit(0.7), 1e-12);
  EXPECT_NEAR(belief.probability({0.5, 0.5, 0}), 0.5, 1e-12);
}

TEST(Belief, fair_counts_for_less_the_less_it_knows_of_the_index) {
  const Belief belief;
  const double known = logit(belief.probability({0.7, 0.5, 0, 0}));
  EXPECT_NEAR(logit(belief.probability({0.7, 0.5, 0, 0.1})), known / 2, 1e-12);
  EXPECT_LT(logit(belief.probability({0.7, 0.5, 0, 1.0})), known / 10);
  EXPECT_NEAR(belief.probability({0.7, 0.3, 0, 1e9}), belief.probability({0.3, 0.3, 0, 0}), 1e-6);
}

TEST(Belief, certainty_is_bounded) {
  const Belief belief;
  EXPECT_LT(belief.probability({1, 1, 0}), 0.9995);
  EXPECT_GT(belief.probability({0, 0, 0}), 0.0005);
}

// Contracts whose outcome follows one source, the other being that source and noise.
Belief taught(bool fair_is_right, int contracts) {
  Rng rng{5};
  Belief belief;
  for (int i = 0; i < contracts; ++i) {
    const double truth = rng.normal(), other = truth + 0.7 * rng.normal();
    const bool yes = rng.uniform() < logistic(truth);
    const ContractId id{static_cast<std::uint32_t>(i)};
    const double right = logistic(truth), wrong = logistic(other);
    belief.observe(id, fair_is_right ? BeliefInput{right, wrong, 0} : BeliefInput{wrong, right, 0});
    belief.settle(id, yes ? Outcome::yes : Outcome::no);
  }
  return belief;
}

TEST(Belief, evidence_moves_the_weight_to_whoever_is_right) {
  EXPECT_GT(taught(true, 4'000).coefficients()[1], 0.5);
  EXPECT_LT(taught(false, 4'000).coefficients()[1], 0.06);
  EXPECT_NEAR(taught(true, 20).coefficients()[1], 0.06, 0.05);
}

TEST(Belief, evidence_narrows_the_doubt) {
  const BeliefInput in{0.7, 0.5, 0};
  EXPECT_LT(taught(true, 4'000).logit_sd(in), 0.6 * Belief{}.logit_sd(in));
}

TEST(Belief, a_contract_counts_once_however_often_it_is_looked_at) {
  Belief once, often;
  once.observe({1}, {0.8, 0.4, 0.2});
  for (int i = 0; i < 50; ++i) often.observe({1}, {0.8, 0.4, 0.2});
  once.settle({1}, Outcome::yes);
  often.settle({1}, Outcome::yes);
  for (std::size_t i = 0; i < kBeliefTerms; ++i) {
    EXPECT_NEAR(once.coefficients()[i], often.coefficients()[i], 1e-12);
  }
}

TEST(Belief, an_unsettled_contract_teaches_nothing) {
  Belief belief;
  belief.observe({1}, {0.9, 0.1, 1});
  EXPECT_EQ(belief.coefficients(), Belief{}.coefficients());
  belief.settle({2}, Outcome::yes);
  EXPECT_EQ(belief.coefficients(), Belief{}.coefficients());
}

// --- Order flow ------------------------------------------------------------------------------------

Time second(double s) {
  return Time{1'000'000'000'000 + std::llround(s * 1e9)};
}
market::Level level(std::int32_t pips, std::int64_t contracts) {
  return {Price{pips}, Qty{contracts * 100}};
}

TEST(OrderFlow, size_joining_the_bid_is_demand_and_joining_the_ask_supply) {
  OrderFlow flow;
  flow.on_top(second(0), level(5'000, 10), level(5'200, 10));
  flow.on_top(second(1), level(5'000, 30), level(5'200, 10));
  EXPECT_EQ(flow.imbalance(0), 1);
  flow.on_top(second(1), level(5'000, 30), level(5'200, 30));
  EXPECT_NEAR(flow.imbalance(0), 0, 1e-12);
}

TEST(OrderFlow, a_better_bid_brings_its_size_and_a_worse_one_takes_the_old_away) {
  OrderFlow up, down;
  up.on_top(second(0), level(5'000, 10), level(5'200, 10));
  up.on_top(second(1), level(5'100, 7), level(5'200, 10));
  EXPECT_EQ(up.imbalance(1), 1);
  down.on_top(second(0), level(5'000, 10), level(5'200, 10));
  down.on_top(second(1), level(4'900, 50), level(5'200, 10));
  EXPECT_EQ(down.imbalance(1), -1);
}

TEST(OrderFlow, persistence_needs_all_three_windows) {
  OrderFlow flow;
  for (int s = 0; s < 900; ++s) flow.on_trade(second(s), Side::bid, kContract);
  EXPECT_NEAR(flow.persistence(), 1, 1e-9);
  for (int s = 900; s < 930; ++s) flow.on_trade(second(s), Side::ask, Qty{500});
  EXPECT_LT(flow.imbalance(0), 0);
  EXPECT_EQ(flow.persistence(), 0);
}

TEST(OrderFlow, an_empty_side_is_no_flow) {
  OrderFlow flow;
  flow.on_top(second(0), level(5'000, 10), level(5'200, 10));
  flow.on_top(second(1), std::nullopt, level(5'200, 10));
  flow.on_top(second(2), level(5'000, 1'000), level(5'200, 10));
  EXPECT_EQ(flow.imbalance(0), 0);
}

}  // namespace
}  // namespace voltage::strategy
