#include "app/evaluation/clustered_ratio.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace voltage::app::evaluation {
namespace {

TEST(ClusteredRatio, is_what_was_earned_by_what_was_traded) {
  const auto r = clustered_ratio({{-30, 10}, {90, 20}});
  EXPECT_DOUBLE_EQ(r.ratio, 2);
  EXPECT_LE(r.low, r.ratio);
  EXPECT_GE(r.high, r.ratio);
}

TEST(ClusteredRatio, says_nothing_of_what_one_market_can_not_show) {
  EXPECT_TRUE(std::isnan(clustered_ratio({}).ratio));
  const auto one = clustered_ratio({{5, 10}});
  EXPECT_DOUBLE_EQ(one.ratio, 0.5);
  EXPECT_TRUE(std::isnan(one.low) && std::isnan(one.high) && std::isnan(one.smallest_edge));
}

TEST(ClusteredRatio, is_as_sure_as_its_markets_are_many_however_many_contracts_each_has) {
  Rng rng{1};
  std::vector<Cluster> small, large;
  for (int i = 0; i < 40; ++i) {
    const double cents = rng.below(2) == 0 ? 50 : -50;
    small.push_back({cents, 1});
    large.push_back({1'000 * cents, 1'000});
  }
  const auto a = clustered_ratio(small), b = clustered_ratio(large);
  EXPECT_DOUBLE_EQ(a.smallest_edge, b.smallest_edge);
  EXPECT_NEAR(a.high - a.low, 2 * 1.645 * 50 / std::sqrt(40.0), 3);
}

TEST(ClusteredRatio, its_interval_holds_the_truth_nine_times_of_ten) {
  Rng rng{2};
  int holds = 0;
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<Cluster> markets;
    for (int i = 0; i < 60; ++i) markets.push_back({rng.below(2) == 0 ? 60.0 : -40.0, 1});
    const auto r = clustered_ratio(markets);
    holds += r.low <= 10 && 10 <= r.high;
  }
  EXPECT_GE(holds, 82);
  EXPECT_LE(holds, 97);
}

}  // namespace
}  // namespace voltage::app::evaluation
