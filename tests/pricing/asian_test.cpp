// Every contract is priced from the law of the 60-second average, as Monte Carlo finds it.
#include "pricing/asian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/rng.hpp"
#include "support/full.hpp"

namespace voltage::pricing {
namespace {

using forecast::Density;
using forecast::Surface;
using market::CentRange;
using market::IndexValue;
using market::Strike;
using market::StrikeType;

const Time kClose = Time::from_ms(1'778'500'800'000);
constexpr double kIndex = 81'234.56;

Time before_close(double seconds) {
  return kClose - Duration{std::llround(seconds * 1e9)};
}
// One node, so that variance is proportional to time everywhere: per second (annual vol)² / year.
Surface flat(double annual_vol, double kappa = 0, double skew = 0) {
  const double hour = annual_vol * std::sqrt(3600 / kSecondsPerYear);
  return Surface{kClose, kIndex, {{Duration{3'600'000'000'000}, Density::make(0, hour, kappa, skew)}}};
}
SettlementView view(double seconds_left, int seen = 0, double seen_mean = 0) {
  return {
      .now = before_close(seconds_left), .close = kClose, .index_now = kIndex, .seen = seen, .seen_mean = seen_mean};
}
Strike usd(StrikeType type, double floor, double cap = 0) {
  return {type, market::index_from_usd(floor), market::index_from_usd(cap > 0 ? cap : floor)};
}

// --- Monte Carlo -----------------------------------------------------------------------------------

// One set-up: how much time is left, what is seen, of the close and of a forward strike.
struct Case {
  double annual_vol, kappa, seconds_left;
  int seen;
  double seen_offset_sd;         // the seen mean is the index plus this many standard deviations of the average
  double strike_opens_in{-1e9};  // seconds from now to the open of a forward-starting contract
  int strike_seen{0};
};

// A of one path: each of the values to come is simulated and averaged, nothing is approximated.
struct Path {
  double average, strike;
};
Path simulate(const Case& c, const Surface& surface, double seen_mean, Rng& rng) {
  double pick = rng.uniform();
  const auto hour = surface.nodes().front().density.components();
  std::size_t i = 0;
  while (i + 1 < hour.size() && pick >= hour[i].weight) pick -= hour[i++].weight;
  const double per_root_second = hour[i].sd / 60;
  double log_price = 0, at = 0;
  const auto mean_before = [&](double end, int seen) {
    if (seen == kAverageValues) return seen_mean;
    double sum = seen * seen_mean;
    for (int k = kAverageValues - seen - 1; k >= 0; --k) {
      const double then = end - k;
      log_price += per_root_second * std::sqrt(then - at) * rng.normal();
      at = then;
      sum += kIndex * std::exp(log_price);
    }
    return sum / kAverageValues;
  };
  Path path{};
  if (c.strike_opens_in > -1e8) path.strike = mean_before(c.strike_opens_in, c.strike_seen);
  path.average = mean_before(c.seconds_left, c.seen);
  return path;
}

// Tolerance: a tenth of a cent, and four standard errors of the simulation.
double tolerance(double p, std::int64_t paths) {
  return 0.001 + 4 * std::sqrt(p * (1 - p) / static_cast<double>(paths)) * (paths < 5'000'000 ? 1.0 : 0.0);
}

TEST(Asian, closed_form_equals_monte_carlo_to_a_tenth_of_a_cent) {
  const std::int64_t paths = tests::cases(40'000, 10'000'000);
  std::vector<Case> cases;
  for (const double vol : {0.15, 0.45, 1.2}) {
    for (const double left : {60.0, 99.0, 240.0, 900.0, 3600.0, 14'400.0}) cases.push_back({vol, 0.4, left, 0, 0});
    for (const int seen : {1, 15, 30, 45, 55, 59}) cases.push_back({vol, 0, 60.0 - seen, seen, 0.3});
  }
  const double moneyness[] = {-3, -2.2, -1.6, -1.2, -0.9, -0.6, -0.4, -0.2, 0, 0.1, 0.3, 0.5, 0.75, 1.1, 1.8, 2.6};
  Rng rng{2026};
  int points = 0;
  double worst = 0;
  for (const Case& c : cases) {
    const Surface surface = flat(c.annual_vol, c.kappa);
    const double scale = SettlementLaw{surface, view(c.seconds_left, c.seen, kIndex)}.sd_usd();
    const double seen_mean = kIndex + c.seen_offset_sd * scale;
    const SettlementLaw law{surface, view(c.seconds_left, c.seen, seen_mean)};
    const double centre = (c.seen * seen_mean + (kAverageValues - c.seen) * kIndex) / kAverageValues;
    std::vector<std::int64_t> above(std::size(moneyness));
    for (std::int64_t n = 0; n < paths; ++n) {
      const double average = simulate(c, surface, seen_mean, rng).average;
      for (std::size_t k = 0; k < above.size(); ++k) above[k] += average >= centre + moneyness[k] * scale;
    }
    for (std::size_t k = 0; k < above.size(); ++k) {
      const double simulated = static_cast<double>(above[k]) / static_cast<double>(paths);
      const double closed = law.at_or_above_usd(centre + moneyness[k] * scale);
      worst = std::max(worst, std::abs(simulated - closed));
      EXPECT_NEAR(closed, simulated, tolerance(closed, paths))
          << "vol " << c.annual_vol << " left " << c.seconds_left << " seen " << c.seen << " sds " << moneyness[k];
      ++points;
    }
  }
  std::printf("%d points, %lld paths each: worst difference %.4f cents\n", points, static_cast<long long>(paths),
              worst * 100);
  EXPECT_GE(points, 500);
}

TEST(Asian, forward_start_equals_monte_carlo_to_a_tenth_of_a_cent) {
  const std::int64_t paths = tests::cases(40'000, 10'000'000);
  Rng rng{7};
  double worst = 0;
  for (const double vol : {0.2, 0.8}) {
    for (const double opens_in : {600.0, 60.0, 45.0, 20.0, 5.0, 1.0}) {
      const int seen = opens_in < 60 ? static_cast<int>(60 - opens_in) : 0;
      const Case c{vol, 0.4, opens_in + 900, 0, 0, opens_in, seen};
      const Surface surface = flat(vol, c.kappa);
      const double scale = SettlementLaw{surface, view(900)}.sd_usd();
      for (const double offset : {-0.5, 0.0, 0.4}) {
        if (seen == 0 && offset != 0) continue;  // nothing seen, nothing off
        const double seen_mean = kIndex + offset * scale;
        std::int64_t yes = 0;
        for (std::int64_t n = 0; n < paths; ++n) {
          const Path path = simulate(c, surface, seen_mean, rng);
          yes += path.average >= path.strike;
        }
        const double simulated = static_cast<double>(yes) / static_cast<double>(paths);
        const double closed =
            prob_yes_forward(surface, view(c.seconds_left), {kClose - Duration{900'000'000'000}, seen, seen_mean});
        worst = std::max(worst, std::abs(simulated - closed));
        EXPECT_NEAR(closed, simulated, tolerance(closed, paths)) << "opens in " << opens_in << " offset " << offset;
      }
    }
  }
  std::printf("worst difference %.4f cents\n", worst * 100);
}

// --- The law ---------------------------------------------------------------------------------------

TEST(Asian, the_horizon_is_the_time_left_less_39_and_a_half_seconds) {
  const double rate = 0.5 * 0.5 / kSecondsPerYear;
  const SettlementLaw law{flat(0.5), view(900)};
  EXPECT_NEAR(law.sd_usd(), kIndex * std::sqrt(rate * (900 - 39.497)), 0.001);
  EXPECT_NEAR(law.annual_vol(), 0.5, 1e-9);
}

TEST(Asian, a_forward_start_is_880_seconds_of_variance_whatever_the_wait) {
  // A symmetric law says a half whatever the variance, so a skewed one is asked.
  const Surface surface = flat(0.5, 0.8, 0.6);
  for (const double wait : {60.0, 300.0, 3000.0}) {
    double expected = 0;
    for (const auto& c : surface.nodes().front().density.components()) {
      const double mean = c.mean / 60 * (std::sqrt(wait + 900 - 39.5) - std::sqrt(wait - 39.5));
      expected += c.weight * forecast::normal_cdf(mean / (c.sd / 60 * std::sqrt(880)));
    }
    const double p = prob_yes_forward(surface, view(900 + wait), {kClose - Duration{900'000'000'000}, 0, 0});
    EXPECT_NEAR(p, expected, 1e-5);
    EXPECT_GT(std::abs(p - 0.5), 0.01);
  }
  // With the whole strike seen, the index a known distance off, it is an ordinary contract.
  const Strike strike = usd(StrikeType::greater_or_equal, 81'200.00);
  EXPECT_DOUBLE_EQ(prob_yes_forward(flat(0.5), view(900), {kClose - Duration{900'000'000'000}, 60, 81'200.0}),
                   prob_yes(flat(0.5), view(900), strike));
}

TEST(Asian, the_last_minute_joins_the_time_before_it_without_a_step) {
  const Surface surface = flat(0.6, 0.5);
  const Strike strike = usd(StrikeType::greater_or_equal, kIndex + 12);
  EXPECT_NEAR(prob_yes(surface, view(60.0), strike), prob_yes(surface, view(59.999999), strike), 1e-6);
  EXPECT_NEAR(prob_yes(surface, view(60.0), strike), prob_yes(surface, view(59, 1, kIndex), strike), 5e-3);
}

TEST(Asian, when_all_values_are_seen_ties_are_decided_by_the_strike_type) {
  const SettlementView v = view(0, 60, 63'318.534);
  EXPECT_EQ(prob_yes(flat(0.5), v, usd(StrikeType::greater_or_equal, 63'318.53)), 1);
  EXPECT_EQ(prob_yes(flat(0.5), v, usd(StrikeType::greater, 63'318.53)), 0);
  EXPECT_EQ(prob_yes(flat(0.5), v, usd(StrikeType::less_or_equal, 63'318.53)), 1);
  EXPECT_EQ(prob_yes(flat(0.5), v, usd(StrikeType::less, 63'318.53)), 0);
  EXPECT_EQ(prob_yes(flat(0.5), v, usd(StrikeType::between, 63'300, 63'318.53)), 1);
}

TEST(Asian, a_contract_and_its_opposite_make_a_dollar) {
  const SettlementLaw law{flat(0.5, 0.4), view(500)};
  const double p = law.prob_yes(usd(StrikeType::greater, 81'299.99));
  EXPECT_NEAR(p + law.prob_yes(usd(StrikeType::less_or_equal, 81'299.99)), 1, 1e-15);
  EXPECT_NEAR(law.prob_yes(usd(StrikeType::greater_or_equal, 81'300.00)), p, 1e-15);
}

TEST(Asian, an_uncertain_index_pulls_towards_a_half) {
  SettlementView sharp = view(120), blurred = view(120);
  blurred.index_sd = 60;
  const Strike strike = usd(StrikeType::greater_or_equal, kIndex - 40);
  EXPECT_GT(prob_yes(flat(0.3), sharp, strike), prob_yes(flat(0.3), blurred, strike) + 0.05);
}

TEST(Asian, a_blurred_part_behind_counts_by_its_share_of_the_average) {
  SettlementView v = view(0, 60, kIndex);
  v.seen_sd = 8;
  EXPECT_NEAR((SettlementLaw{flat(0.3), v}.at_or_above_usd(kIndex - 8)), forecast::normal_cdf(1), 1e-12);
  // Half behind, half ahead, the same error in both: as much as if all were behind, and volatility besides.
  v = view(30, 30, kIndex);
  v.seen_sd = v.index_sd = 8;
  EXPECT_NEAR((SettlementLaw{flat(1e-4), v}.sd_usd()), 8, 0.01);
}

TEST(Asian, below_a_minute_the_variance_measured_on_seconds_takes_over) {
  SettlementView v = view(20, 40, kIndex);
  const double slow = SettlementLaw(flat(0.5), v).sd_usd();
  v.second_rate = 0.25 * 0.5 * 0.5 / kSecondsPerYear;
  const double fast = SettlementLaw(flat(0.5), v).sd_usd();
  EXPECT_LT(fast, 0.65 * slow);
  EXPECT_GT(fast, 0.45 * slow);
  v = view(200);
  v.second_rate = 1;
  EXPECT_DOUBLE_EQ(SettlementLaw(flat(0.5), v).sd_usd(), SettlementLaw(flat(0.5), view(200)).sd_usd());
}

std::vector<Strike> range_ladder(int buckets, double step) {
  std::vector<Strike> out;
  const double low = std::floor(kIndex / step) * step - step * buckets / 2;
  out.push_back(usd(StrikeType::less, low));
  for (int i = 0; i < buckets; ++i)
    out.push_back(usd(StrikeType::between, low + i * step, low + (i + 1) * step - 0.01));
  out.push_back(usd(StrikeType::greater, low + buckets * step - 0.01));
  return out;
}

TEST(Asian, ladders_of_random_densities_sum_to_one_and_their_tails_fall) {
  Rng rng{31};
  const std::vector<Strike> strikes = range_ladder(60, 100);  // 0.12 % wide
  const std::int64_t n = tests::cases(5'000, 1'000'000);
  for (std::int64_t i = 0; i < n; ++i) {
    const double vol = std::exp(rng.uniform(std::log(0.02), std::log(5.0)));
    const Surface surface = flat(vol, rng.uniform(0, 1.5), rng.uniform(-0.5, 0.5));
    SettlementView v = view(std::exp(rng.uniform(std::log(0.5), std::log(86'400.0))));
    if ((v.close - v.now).seconds() < 60) {
      v.seen = 60 - static_cast<int>((v.close - v.now).seconds()) - 1;
      v.seen_mean = kIndex * (1 + 1e-4 * rng.normal());
    }
    v.index_sd = rng.chance(0.5) ? 0 : rng.uniform(0, 50);
    const SettlementLaw law{surface, v};
    double sum = 0, tail = 1;
    for (const double p : law.ladder(strikes)) {
      ASSERT_GE(p, 0);
      sum += p;
    }
    ASSERT_NEAR(sum, 1, 1e-12);
    for (const Strike& s : strikes) {
      const double next = law.at_or_above(market::paying_range(s).high);
      ASSERT_LE(next, tail + 1e-15);
      tail = next;
    }
  }
}

TEST(Asian, greeks_are_the_slopes_of_the_price) {
  const Surface surface = flat(0.5, 0.5, 0.1);
  for (const double left : {30.0, 200.0, 900.0, 3600.0}) {
    SettlementView v = view(left, left < 60 ? 30 : 0, kIndex);
    v.index_sd = 5;
    for (const Strike& strike : {usd(StrikeType::greater, kIndex + 20), usd(StrikeType::less, kIndex - 30),
                                 usd(StrikeType::between, kIndex - 40, kIndex + 60)}) {
      const CentRange range = market::paying_range(strike);
      const SettlementLaw law{surface, v};
      const Greeks got = law.greeks(range);
      const double step = 1e-6, k = 1 + 1e-5;
      SettlementView up = v, down = v;
      up.index_now *= std::exp(step);
      down.index_now *= std::exp(-step);
      up.index_sd *= std::exp(step);
      down.index_sd *= std::exp(-step);
      const double delta =
          (SettlementLaw{surface, up}.prob(range) - SettlementLaw{surface, down}.prob(range)) / (2 * step);
      EXPECT_NEAR(got.delta_1pct, delta * 0.01, 1e-5 * (1 + std::abs(delta)));
      const double slope = (law.with_vol(k).prob(range) - law.with_vol(1 / k).prob(range)) / (k - 1 / k);
      EXPECT_NEAR(got.vega_1vol, slope * 0.01 / law.annual_vol(), 1e-6);
    }
  }
}

TEST(Asian, implied_volatility_gives_the_price_back) {
  const SettlementView v = view(1'800);
  const CentRange above = market::paying_range(usd(StrikeType::greater_or_equal, kIndex + 150));
  for (const double vol : {0.2, 0.45, 0.9}) {
    const double p = SettlementLaw{flat(vol, 0.4), v}.prob(above);
    EXPECT_NEAR(implied_vol(SettlementLaw{flat(0.5, 0.4), v}, above, p).value_or(0), vol, 1e-6);
  }
  const SettlementLaw law{flat(0.5), v};
  EXPECT_FALSE(implied_vol(law, above, 0.9));  // out of the money: no volatility makes it likely
  EXPECT_FALSE(implied_vol(law, market::paying_range(usd(StrikeType::between, 81'200, 81'299.99)), 0.1));
}

}  // namespace
}  // namespace voltage::pricing
