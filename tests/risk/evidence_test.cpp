// The bounds hold at every moment, and the rungs open and close by them.
#include "risk/evidence.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/rng.hpp"
#include "support/full.hpp"

namespace voltage::risk {
namespace {

// A contract bought at `price` that wins with probability price + edge.
double outcome(Rng& rng, double price, double edge) {
  return (rng.uniform() < price + edge ? 1.0 : 0.0) - price;
}

TEST(Evidence, without_an_edge_the_lower_bound_is_ever_above_zero_in_at_most_alpha_of_all_runs) {
  Rng rng{21};
  const std::int64_t runs = tests::cases(200, 4'000);
  std::int64_t fooled = 0;
  for (std::int64_t run = 0; run < runs; ++run) {
    MeanBounds bounds{-1.02, 1.02, 0.05};
    for (int i = 0; i < 600; ++i) bounds.add(outcome(rng, rng.uniform(0.1, 0.9), 0));
    fooled += bounds.lower() > 0;  // the bound never falls back: ever above
  }
  std::printf("%lld of %lld\n", static_cast<long long>(fooled), static_cast<long long>(runs));
  EXPECT_LE(static_cast<double>(fooled), 0.05 * static_cast<double>(runs) + 3);
}

TEST(Evidence, a_large_edge_is_seen_and_the_mean_lies_between_the_bounds) {
  Rng rng{22};
  MeanBounds bounds{-1.02, 1.02, 0.05};
  for (int i = 0; i < 3'000; ++i) bounds.add(outcome(rng, 0.5, 0.10));
  EXPECT_GT(bounds.lower(), 0);
  EXPECT_LT(bounds.lower(), 0.10);
  EXPECT_GT(bounds.upper(), 0.10);
}

TEST(Evidence, a_cent_of_edge_is_not_proven_by_a_thousand_markets) {
  Rng rng{23};
  MeanBounds bounds{-1.02, 1.02, 0.05};
  for (int i = 0; i < 1'000; ++i) bounds.add(outcome(rng, 0.5, 0.01));
  EXPECT_LT(bounds.lower(), 0);
}

TEST(Evidence, rungs_open_one_after_the_other) {
  Rng rng{24};
  EvidenceGate gate;
  EXPECT_EQ(gate.allowed(), Rung::paper);
  Rung highest = Rung::paper;
  for (int i = 0; i < 4'000; ++i) {
    gate.on_market(outcome(rng, 0.5, 0.12), 0.03 + 0.03 * rng.normal());
    EXPECT_GE(gate.allowed(), highest);
    highest = gate.allowed();
    if (i == 30) {
      EXPECT_EQ(gate.allowed(), Rung::shadow);
    }
  }
  EXPECT_EQ(highest, Rung::scale);
}

TEST(Evidence, a_losing_strategy_is_sent_back_to_paper) {
  Rng rng{25};
  EvidenceGate gate;
  for (int i = 0; i < 3'000; ++i) gate.on_market(outcome(rng, 0.5, -0.12), -0.02 + 0.03 * rng.normal());
  EXPECT_EQ(gate.allowed(), Rung::paper);
}

TEST(Evidence, luck_in_a_few_markets_opens_nothing) {
  EvidenceGate gate;
  for (int i = 0; i < 10; ++i) gate.on_market(0.9, 0.5);
  EXPECT_EQ(gate.allowed(), Rung::paper);
}

}  // namespace
}  // namespace voltage::risk
