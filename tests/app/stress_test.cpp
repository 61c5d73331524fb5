// Bad weeks: what is lost stays within what was stated, because the limits bind and not because nothing happens.
#include "app/stress/stress.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "support/full.hpp"

namespace voltage::app::stress {
namespace {

TEST(Stress, no_bad_week_loses_more_than_was_stated) {
  StressOptions options;
  options.days = tests::cases(1, 7);
  for (std::size_t i = 0; i < kScenarios; ++i) {
    const auto r = run_scenario(static_cast<Scenario>(i), options);
    EXPECT_TRUE(r.kept()) << name(r.scenario);
    EXPECT_GT(r.fills, 0) << name(r.scenario);
    ASSERT_FALSE(r.days.empty());
    EXPECT_EQ(r.days.front().stated, options.core.engine.limits.day_loss_max);
  }
}

TEST(Stress, five_days_that_all_lose_end_in_the_halt_at_the_drawdown_limit) {
  StressOptions options;
  options.days = 5;
  options.core.engine.limits.day_loss_max = Money{90 * kDollar.micros};
  const auto r = run_scenario(Scenario::losing_days, options);
  EXPECT_TRUE(r.kept());
  EXPECT_LT(r.net, Money{-80 * kDollar.micros}) << "it was to lose";
  EXPECT_GE(r.net, -options.core.engine.limits.drawdown_max);
  std::int64_t losing = 0;
  for (const auto& d : r.days) losing += d.lost > Money{};
  EXPECT_GE(losing, 2);
}

TEST(Stress, the_returns_that_years_are_drawn_from_compound_to_what_was_earned) {
  StressOptions options;
  options.days = 1;
  const auto r = run_scenario(Scenario::shuffled, options);
  ASSERT_GT(r.returns.size(), 10U);
  double wealth = options.core.engine.cash.dollars();
  for (const double each : r.returns) wealth *= 1 + each;
  EXPECT_NEAR(wealth - options.core.engine.cash.dollars(), r.net.dollars(), 1.0)
      << "what is open at the end is at cost";
}

TEST(Ruin, is_certain_without_an_edge_or_limits_and_impossible_without_risk) {
  risk::Limits limits;
  limits.day_loss_max = limits.drawdown_max = Money{1'000'000 * kDollar.micros};
  std::vector<double> losing(64, -0.001), still(64, 0.0);
  RuinOptions options;
  options.years = 50;
  const Money bankroll{1'000 * kDollar.micros};
  EXPECT_EQ(probability_of_ruin(losing, bankroll, limits, options).ruined, 1);
  EXPECT_EQ(probability_of_ruin(still, bankroll, limits, options).ruined, 0);
  limits.drawdown_max = Money{100 * kDollar.micros};
  const auto halted = probability_of_ruin(losing, bankroll, limits, options);
  EXPECT_EQ(halted.halted, 1);
  EXPECT_EQ(halted.ruined, 0) << "the halt comes first";
  options.resumed = true;
  const auto resumed = probability_of_ruin(losing, bankroll, limits, options);
  EXPECT_EQ(resumed.halted, 1);
  EXPECT_EQ(resumed.ruined, 1) << "who resumes after each halt loses all the same";
  EXPECT_EQ(probability_of_ruin({0.1, 0.1}, bankroll, limits, options).years, 0) << "two instants are no sample";
}

// A fair coin of size s, n times: the chance to fall by a half is known (reflection).
TEST(Ruin, agrees_with_the_reflection_principle) {
  std::vector<double> coin;
  for (int i = 0; i < 40'000; ++i) coin.push_back(i % 2 == 0 ? 0.002 : -0.002);
  risk::Limits limits;
  limits.day_loss_max = limits.drawdown_max = Money{1'000'000'000 * kDollar.micros};
  RuinOptions options;
  options.years = tests::cases(400, 10'000);
  options.block = 1;
  const auto r = probability_of_ruin(coin, Money{1'000 * kDollar.micros}, limits, options);
  // In logs: steps of 0.002, drift −2e-6 a step, 35,040 steps, barrier ln 2.
  const double n = 35'040, sd = 0.002 * std::sqrt(n), drift = -2e-6 * n, b = std::log(2.0);
  const auto cdf = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
  const double expected = cdf((-b - drift) / sd) + std::exp(-2 * drift / (sd * sd) * b) * cdf((-b + drift) / sd);
  EXPECT_NEAR(r.ruined, expected, 4 * std::sqrt(expected / static_cast<double>(options.years)) + 0.004);
}

}  // namespace
}  // namespace voltage::app::stress
