// A sure gain after fees is found where there is one, and only there.
#include "strategy/violations.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.hpp"
#include "strategy/states.hpp"
#include "support/full.hpp"

namespace voltage::strategy {
namespace {

using market::CentRange;

constexpr Qty kSome{1'000};

TakerQuote quote(CentRange pays, double yes, double no) {
  return {pays, Ask{yes, kSome}, Ask{no, kSome}};
}
// What a portfolio of one each pays at the worst settlement value, less its cost.
double worst_gain(const std::vector<TakerQuote>& quotes, const Violation& v) {
  double worst = 1e9;
  for (std::int64_t cents = -1; cents <= 21; ++cents) {
    double gain = 0;
    for (const auto& leg : v.legs) {
      const auto& q = quotes[leg.quote];
      const bool inside = q.pays.contains(cents);
      gain += leg.side == Side::bid ? (inside ? 1 : 0) - q.yes->cost : (inside ? 0 : 1) - q.no->cost;
    }
    worst = std::min(worst, gain);
  }
  return worst;
}

TEST(Violations, a_higher_strike_dearer_than_a_lower_one) {
  const std::vector<TakerQuote> quotes{quote({.low = 5}, 0.40, 0.62), quote({.low = 10}, 0.47, 0.55)};
  const auto v = find_violation(quotes);  // above 5 at 0.40 and not above 10 at 0.55 pay at least a dollar
  ASSERT_TRUE(v);
  EXPECT_EQ(v->legs.size(), 2u);
  EXPECT_NEAR(v->sure_gain, 0.05, 1e-12);
  EXPECT_NEAR(worst_gain(quotes, *v), 0.05, 1e-12);
  EXPECT_EQ(v->available, kSome);
}

TEST(Violations, buckets_that_cost_less_than_a_dollar_together) {
  const std::vector<TakerQuote> quotes{quote({.high = 5}, 0.30, 0.75), quote({5, 10}, 0.30, 0.75),
                                       quote({.low = 10}, 0.35, 0.70)};
  const auto v = find_violation(quotes);
  ASSERT_TRUE(v);
  EXPECT_NEAR(v->sure_gain, 0.05, 1e-12);
}

TEST(Violations, a_range_against_the_two_aboves_of_another_series) {
  const std::vector<TakerQuote> quotes{quote({.low = 5}, 0.62, 0.40), quote({.low = 10}, 0.42, 0.60),
                                       quote({5, 10}, 0.15, 0.86)};
  // Above 5 less above 10 costs at least 0.62 + 0.60 − 1 = 0.22; sold: 0.40 + 0.42 − 1 = −0.18, the range 0.15.
  const auto v = find_violation(quotes);
  ASSERT_TRUE(v);
  EXPECT_NEAR(v->sure_gain, 0.03, 1e-12);
  EXPECT_NEAR(worst_gain(quotes, *v), 0.03, 1e-12);
}

TEST(Violations, prices_around_one_density_leave_no_sure_gain) {
  Rng rng{17};
  const std::int64_t n = tests::cases(3'000, 200'000);
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> mass(21);
    double sum = 0;
    for (double& m : mass) sum += m = rng.exponential(1);
    std::vector<TakerQuote> quotes;
    for (int k = 0; k < 12; ++k) {
      CentRange range{static_cast<std::int64_t>(rng.below(20)), 0};
      range.high = range.low + 1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(20 - range.low)));
      double p = 0;
      for (std::int64_t c = range.low; c < range.high; ++c) p += mass[static_cast<std::size_t>(c)] / sum;
      quotes.push_back(quote(range, p + rng.uniform(0, 0.03), 1 - p + rng.uniform(0, 0.03)));
    }
    ASSERT_FALSE(find_violation(quotes));
  }
}

TEST(Violations, whatever_is_found_gains_at_every_settlement_value) {
  Rng rng{18};
  const std::int64_t n = tests::cases(3'000, 200'000);
  int found = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<TakerQuote> quotes;
    for (int k = 0; k < 8; ++k) {
      CentRange range{static_cast<std::int64_t>(rng.below(20)), 0};
      range.high = range.low + 1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(20 - range.low)));
      if (rng.chance(0.3)) range.high = CentRange::kAboveAll;
      const double p = rng.uniform(0.05, 0.95);
      quotes.push_back(quote(range, p + 0.02, 1.02 - p));
    }
    const auto v = find_violation(quotes);
    if (!v) continue;
    ++found;
    ASSERT_GT(v->sure_gain, 0);
    ASSERT_GE(worst_gain(quotes, *v), v->sure_gain - 1e-9);
  }
  EXPECT_GT(found, 100);
}

TEST(Violations, where_none_is_found_some_density_explains_all_prices) {
  Rng rng{19};
  int explained = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::vector<TakerQuote> quotes;
    std::vector<CentRange> ranges;
    for (int k = 0; k < 4; ++k) {
      CentRange range{static_cast<std::int64_t>(rng.below(6)), 0};
      range.high = range.low + 1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(6 - range.low)));
      const double p = rng.uniform(0.1, 0.9);
      quotes.push_back(quote(range, p + 0.06, 1.06 - p));
      ranges.push_back(range);
    }
    if (find_violation(quotes)) continue;
    const States states{ranges};
    std::vector<Constraint> constraints;
    for (const auto& q : quotes) {  // a little room, so that the projection gets there in its sweeps
      constraints.push_back({states.run(q.pays), std::min(q.yes->cost + 0.01, 0.999), Constraint::Kind::at_most});
      constraints.push_back({states.run(q.pays), std::max(1 - q.no->cost - 0.01, 0.001), Constraint::Kind::at_least});
    }
    const auto measure =
        nearest_measure(std::vector<double>(states.size(), 1.0 / static_cast<double>(states.size())), constraints);
    for (const auto& c : constraints) {
      double inside = 0;
      for (std::size_t s = c.run.first; s < c.run.last; ++s) inside += measure[s];
      const double breach = c.kind == Constraint::Kind::at_most ? inside - c.mass : c.mass - inside;
      ASSERT_LE(breach, 0.01);
    }
    ++explained;
  }
  EXPECT_GT(explained, 100);
}

}  // namespace
}  // namespace voltage::strategy
