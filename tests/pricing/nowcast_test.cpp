// The index now, its basis learned from what is published, its uncertainty honest.
#include "pricing/nowcast.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.hpp"

namespace voltage::pricing {
namespace {

constexpr BasisPrior kPrior{
    .mean_bp = 1, .sd_bp = 1, .memory = {7'200'000'000'000}, .instant_bp = 0.5, .average_bp = 0.3};
constexpr double kRate = 0.5 * 0.5 / 31'557'600;  // 50 % a year

Time second(double s) {
  return Time{1'778'500'800'000'000'000 + std::llround(s * 1e9)};
}

TEST(Nowcast, says_nothing_before_the_first_price) {
  EXPECT_FALSE(Nowcaster{{kPrior}}.now(second(0), kRate));
}

TEST(Nowcast, is_the_spot_price_and_the_expected_basis) {
  Nowcaster n{{kPrior}};
  n.on_spot(0, second(0), 80'000);
  const auto now = n.now(second(0), kRate);
  ASSERT_TRUE(now);
  EXPECT_NEAR(now->usd, 80'008, 0.01);
  EXPECT_NEAR(now->sd_usd, 80'000e-4 * std::hypot(1, 0.5), 0.01);
  EXPECT_FALSE(now->from_index);
}

TEST(Nowcast, an_old_price_widens_it_by_volatility_times_root_age) {
  Nowcaster n{{kPrior}};
  n.on_spot(0, second(0), 80'000);
  const double fresh = n.now(second(0), kRate)->sd_usd, old = n.now(second(60), kRate)->sd_usd;
  EXPECT_NEAR(old * old - fresh * fresh, 80'008.0 * 80'008.0 * kRate * 60, 1);
}

TEST(Nowcast, a_published_average_is_an_exact_observation_and_counts_once) {
  Nowcaster n{{kPrior}};
  for (int s = 0; s <= 60; ++s) n.on_spot(0, second(s), 80'000);
  n.on_average(second(60), 80'000 * std::exp(3e-4), kRate);
  const auto basis = n.basis(0, second(60));
  EXPECT_NEAR(basis.mean_bp, 1 + 2 / 1.09, 1e-6);
  EXPECT_NEAR(basis.sd_bp, std::sqrt(0.09 / 1.09), 1e-6);
  n.on_average(second(60), 80'000 * std::exp(3e-4), kRate);
  EXPECT_EQ(n.basis(0, second(60)).sd_bp, basis.sd_bp);
}

TEST(Nowcast, a_bar_that_closes_with_the_minute_teaches_the_basis_as_far_as_the_minute_moves) {
  Nowcaster n{{kPrior}};
  n.on_spot(0, second(-240), 79'000);
  n.on_spot(0, second(60), 80'000);
  n.on_average(second(60), 80'000 * std::exp(3e-4), kRate);
  const double noise = 0.25 + kRate * 19.5 * 1e8;
  EXPECT_NEAR(n.basis(0, second(60)).mean_bp, 1 + 2 / (1 + noise), 1e-6);
}

TEST(Nowcast, a_published_average_is_a_price_until_a_better_one_comes) {
  Nowcaster n{{kPrior}};
  n.on_spot(0, second(-600), 79'000);
  n.on_average(second(0), 80'000, kRate);
  const auto now = n.now(second(30), kRate);
  ASSERT_TRUE(now);
  EXPECT_EQ(now->usd, 80'000);
  EXPECT_NEAR(now->sd_usd, 80'000 * std::sqrt(kRate * 49.5), 1e-6);
  n.on_spot(0, second(29), 80'100);
  EXPECT_GT(n.now(second(30), kRate)->usd, 80'050);
}

TEST(Nowcast, an_average_that_is_told_again_teaches_what_had_no_price_the_first_time) {
  Nowcaster n{{kPrior}};
  n.on_average(second(60), 80'000 * std::exp(3e-4), kRate);
  n.on_spot(0, second(60), 80'000);
  EXPECT_NEAR(n.basis(0, second(60)).mean_bp, 1, 1e-9);
  n.on_average(second(60), 80'000 * std::exp(3e-4), kRate);
  EXPECT_GT(n.basis(0, second(60)).mean_bp, 1.1);
}

TEST(Nowcast, an_average_over_a_minute_without_prices_teaches_nothing) {
  Nowcaster n{{kPrior}};
  n.on_spot(0, second(0), 80'000);
  n.on_spot(0, second(31), 81'000);
  n.on_average(second(61), 80'100, kRate);
  EXPECT_NEAR(n.basis(0, second(61)).mean_bp, 1, 1e-9);
}

TEST(Nowcast, an_unconfirmed_basis_returns_to_what_was_believed) {
  Nowcaster n{{kPrior}};
  for (int s = 0; s <= 60; ++s) n.on_spot(0, second(s), 80'000);
  n.on_average(second(60), 80'000 * std::exp(3e-4), kRate);
  const auto later = n.basis(0, second(60 + 10 * 7'200));
  EXPECT_NEAR(later.mean_bp, 1, 1e-3);
  EXPECT_NEAR(later.sd_bp, 1, 1e-3);
}

TEST(Nowcast, follows_a_drifting_basis_within_its_own_error_bars) {
  Rng rng{3};
  Nowcaster n{{kPrior}};
  double basis = 1, price = 80'000, squared = 0, minute = 0;
  int inside = 0, asked = 0;
  for (int s = 0; s < 40'000; ++s) {
    basis += -(basis - 1) / 7'200 + std::sqrt(2.0 / 7'200) * rng.normal();
    price *= std::exp(std::sqrt(kRate) * rng.normal());
    n.on_spot(0, second(s), price);
    const double index = price * std::exp(basis * 1e-4);
    if (s % 900 == 841) minute = 0;
    minute += index / 60;
    if (s % 900 == 0 && s > 0) {
      const auto now = n.now(second(s), kRate);
      const double error = (now->usd - index) / now->sd_usd;
      squared += error * error;
      inside += std::abs(error) < 2;
      ++asked;
      n.on_average(second(s), minute, kRate);
    }
  }
  EXPECT_GT(inside, asked * 9 / 10);
  EXPECT_GT(squared / asked, 0.1);
}

TEST(Nowcast, the_index_itself_wins_while_it_is_fresh) {
  Nowcaster n{{kPrior}};
  n.on_spot(0, second(10), 80'000);
  n.on_index(second(10.3), second(10), 80'020);
  EXPECT_TRUE(n.now(second(10.5), kRate)->from_index);
  EXPECT_EQ(n.now(second(10.5), kRate)->usd, 80'020);
  for (int s = 11; s < 40; ++s) n.on_spot(0, second(s), 80'000);
  EXPECT_FALSE(n.now(second(40), kRate)->from_index);
}

TEST(Nowcast, counts_the_values_of_the_average_that_lie_behind) {
  Nowcaster n{{kPrior}};
  for (int s = 0; s <= 120; ++s) n.on_index(second(s), second(s), 80'000 + s);
  const auto before = n.average_so_far(second(120), second(60), kRate);
  EXPECT_EQ(before->values, 0);
  const auto half = n.average_so_far(second(120), second(90), kRate);
  EXPECT_EQ(half->values, 30);
  EXPECT_NEAR(half->mean, 80'000 + 75.5, 1e-6);
  EXPECT_EQ(half->sd, 0);
  const auto whole = n.average_so_far(second(120), second(125), kRate);
  EXPECT_EQ(whole->values, 60);
  EXPECT_NEAR(whole->mean, 80'000 + 90.5, 1e-6);
}

TEST(Nowcast, without_the_index_the_average_behind_carries_the_basis_error) {
  Nowcaster n{{kPrior}};
  for (int s = 0; s <= 90; ++s) n.on_spot(0, second(s), 80'000);
  const auto so_far = n.average_so_far(second(120), second(90), kRate);
  EXPECT_EQ(so_far->values, 30);
  EXPECT_NEAR(so_far->mean, 80'008, 0.01);
  EXPECT_NEAR(so_far->sd, 8 * std::hypot(1, 0.3), 0.1);
}

TEST(Nowcast, the_venues_own_running_mean_is_believed_first) {
  Nowcaster n{{kPrior}};
  for (int s = 0; s <= 90; ++s) n.on_spot(0, second(s), 80'000);
  n.on_running_average(second(120), 29, 80'017);
  EXPECT_EQ(n.average_so_far(second(120), second(90), kRate)->values, 29);
  n.on_running_average(second(120), 12, 70'000);  // late
  EXPECT_EQ(n.average_so_far(second(120), second(90), kRate)->mean, 80'017);
}

TEST(Nowcast, sources_apart_are_measured_after_their_basis) {
  Nowcaster n{{kPrior, kPrior}};
  n.on_spot(0, second(0), 80'000);
  n.on_spot(1, second(0), 80'000 * std::exp(20e-4));
  EXPECT_NEAR(n.disagreement_bp(second(1), Duration{10'000'000'000}), 20, 1e-6);
  EXPECT_EQ(n.disagreement_bp(second(60), Duration{10'000'000'000}), 0);
}

TEST(Nowcast, a_late_price_changes_no_past) {
  SecondTape tape;
  EXPECT_TRUE(tape.add(second(10), 100));
  EXPECT_FALSE(tape.add(second(9), 200));
  EXPECT_EQ(tape.last_price(), 100);
}

TEST(Nowcast, second_scale_variance_is_found_again) {
  Rng rng{8};
  SecondTape tape;
  double price = 80'000, sum = 0;
  int rounds = 0;
  for (int s = 0; s < 60'000; ++s) {
    price *= std::exp(std::sqrt(kRate) * rng.normal());
    tape.add(second(s), price);
    if (s % 600 == 599) sum += *tape.variance_rate(5, 300), ++rounds;
  }
  EXPECT_NEAR(sum / rounds / kRate, 1, 0.1);
}

}  // namespace
}  // namespace voltage::pricing
