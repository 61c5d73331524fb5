// Prices of two expiries: what is called a sure gain is one on every path, and prices of a fair market are called none.
#include "app/ladder/calendar.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ladder/market_check.hpp"
#include "base/rng.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using market::CentRange;

constexpr double kIndex = 64'000;

double above(double strike, double sd) {
  return 0.5 * std::erfc((strike - kIndex) / sd / std::sqrt(2.0));
}

// Asks and bids around a probability, on a tick of a cent; what is worth less than a tick has no bid.
ExpiryQuote quote(const std::string& name, CentRange pays, double p, double half, Qty size = Qty{10'000}) {
  ExpiryQuote q{name, pays, std::nullopt, std::nullopt};
  const auto ask = static_cast<std::int32_t>(std::ceil((p + half) * 100 - 1e-9)) * 100;
  const auto bid = static_cast<std::int32_t>(std::floor((p - half) * 100 + 1e-9)) * 100;
  if (ask > 0 && ask < Price::kOne) q.ask = market::Level{Price{ask}, size};
  if (bid > 0 && bid < Price::kOne) q.bid = market::Level{Price{bid}, size};
  return q;
}

// "Above" contracts every hundred dollars, 60 of them, around a normal law of this width.
Expiry aboves(Time close, double sd, double half = 0.005) {
  Expiry e{close, {}};
  for (int i = -30; i <= 30; ++i) {
    const double strike = kIndex + 100 * i;
    e.quotes.push_back(quote("T" + std::to_string(i), {static_cast<std::int64_t>(strike * 100), CentRange::kAboveAll},
                             above(strike, sd), half));
  }
  return e;
}
// The same law as ranges, with both ends open.
Expiry ranges(Time close, double sd, double half = 0.005) {
  Expiry e{close, {}};
  for (int i = -31; i <= 30; ++i) {
    const double low = kIndex + 100 * i, high = low + 100;
    const CentRange pays{i == -31 ? CentRange::kBelowAll : static_cast<std::int64_t>(low * 100),
                         i == 30 ? CentRange::kAboveAll : static_cast<std::int64_t>(high * 100)};
    const double p = (i == -31 ? 1 : above(low, sd)) - (i == 30 ? 0 : above(high, sd));
    e.quotes.push_back(quote("B" + std::to_string(i), pays, p, half));
  }
  return e;
}

double slope(Convex shape, double strike, double x) {
  if (shape == Convex::call) return x > strike ? 0.01 : 0;
  if (shape == Convex::put) return x < strike ? -0.01 : 0;
  return x > strike ? 0.01 : -0.01;
}

// Dollars at the end of one path: contracts and fees, and bitcoin traded at each second of the earlier minute and back
// over the later one. Averages as published, in whole cents.
double outcome(const CalendarFinding& f, const Expiry& earlier, const Expiry& later,
               const std::array<double, 60>& first, double last) {
  double average = 0;
  for (const double s : first) average += s / 60;
  double total = 0;
  for (const double s : first) total -= slope(f.shape, f.strike, s) * (last - s) / 60;
  const auto cents = [](double x) { return static_cast<std::int64_t>(std::llround(x * 100)); };
  for (const auto& leg : f.legs) {
    const auto& q = (leg.later ? later : earlier).quotes[leg.quote];
    const bool paid = q.pays.contains(cents(leg.later ? last : average)) == (leg.side == Side::bid);
    total += (paid ? leg.qty.contracts() : 0) - (leg.cost + leg.fee).dollars();
  }
  return total;
}

// The worst of many paths inside the domain, steps of every size.
double worst_path(const CalendarFinding& f, const Expiry& earlier, const Expiry& later, const CalendarRules& rules) {
  Rng rng{11};
  const double low = kIndex * (1 - rules.domain), high = kIndex * (1 + rules.domain);
  double worst = 1e9;
  for (int i = 0; i < 20'000; ++i) {
    std::array<double, 60> first{};
    double s = rng.uniform(low, high);
    if (i % 3 == 0) s = f.strike + rng.uniform(-300, 300);
    const double step = std::pow(10.0, rng.uniform(-2, 3));
    for (double& x : first) x = s = std::clamp(s + step * rng.normal(), low, high);
    const double last = i % 2 == 0 ? rng.uniform(low, high) : std::clamp(s + 500 * rng.normal(), low, high);
    worst = std::min(worst, outcome(f, earlier, later, first, last));
  }
  return worst;
}

constexpr Time kT1{3'600'000'000'000}, kT2{7'200'000'000'000};

TEST(Calendar, finds_a_variance_that_halves_and_the_gain_is_there_on_every_path) {
  const CalendarRules rules{.domain = 0.06, .hedge_bp = 0};
  for (const auto& [earlier, later] :
       {std::pair{aboves(kT1, 1'200), aboves(kT2, 500)}, std::pair{ranges(kT1, 1'200), aboves(kT2, 500)}}) {
    const auto found = compare_expiries(earlier, later, kIndex, rules);
    ASSERT_TRUE(found.compared);
    ASSERT_TRUE(found.best);
    EXPECT_TRUE(found.best->sure()) << found.best->gain;
    EXPECT_GE(worst_path(*found.best, earlier, later, rules), found.best->gain - 1e-9);
    EXPECT_GT(found.best->times, 0);
    EXPECT_LT(found.best->times, 1'000) << "the sizes at the touch bound it";
  }
}

TEST(Calendar, finds_nothing_where_variance_grows_or_stays) {
  for (const double half : {0.0, 0.005, 0.02}) {
    for (const auto& [one, two] : {std::pair{400.0, 570.0}, std::pair{800.0, 800.0}, std::pair{150.0, 1'500.0}}) {
      for (const auto& earlier : {aboves(kT1, one, half), ranges(kT1, one, half)}) {
        const auto found = compare_expiries(earlier, aboves(kT2, two, half), kIndex, {.domain = 0.06, .hedge_bp = 0});
        ASSERT_TRUE(found.compared);
        EXPECT_FALSE(found.best && found.best->sure()) << one << " " << two << " " << half;
      }
    }
  }
}

TEST(Calendar, whatever_the_prices_no_path_earns_less_than_it_says) {
  Rng rng{5};
  const CalendarRules rules{.domain = 0.05, .hedge_bp = 0};
  int compared = 0, sure = 0;
  for (int round = 0; round < 30; ++round) {
    const auto earlier =
        round % 2 == 0 ? aboves(kT1, rng.uniform(300, 2'500), 0.01) : ranges(kT1, rng.uniform(300, 900));
    auto later = aboves(kT2, rng.uniform(100, 900), 0.01);
    for (auto& q : later.quotes) {
      if (rng.below(8) == 0) q.ask.reset();
      if (rng.below(8) == 0) q.bid.reset();
    }
    const auto found = compare_expiries(earlier, later, kIndex, rules);
    if (!found.compared || !found.best) continue;
    ++compared;
    sure += found.best->sure();
    EXPECT_GE(worst_path(*found.best, earlier, later, rules), found.best->gain - 1e-9) << round;
  }
  EXPECT_GT(compared, 10);
  EXPECT_GT(sure, 2);
}

TEST(Calendar, trading_bitcoin_and_a_wider_domain_cost_what_they_cost) {
  const auto earlier = aboves(kT1, 1'200), later = aboves(kT2, 500);
  const auto at = [&](double domain, double bp) {
    return compare_expiries(earlier, later, kIndex, {.domain = domain, .hedge_bp = bp}).best.value().gain;
  };
  const auto free = compare_expiries(earlier, later, kIndex, {.domain = 0.06, .hedge_bp = 0}).best;
  ASSERT_TRUE(free);
  EXPECT_NEAR(at(0.06, free->even_bp), 0, 1e-9);
  EXPECT_LT(at(0.06, 2), free->gain);
  EXPECT_LT(at(0.12, 0), free->gain) << "the outermost step is bought out to the end of the domain";
}

TEST(Calendar, an_instant_that_is_wrong_by_itself_says_nothing_of_another) {
  auto earlier = aboves(kT1, 1'200);
  earlier.quotes.push_back({"twice", earlier.quotes[30].pays, std::nullopt, market::Level{Price{1'000}, kContract}});
  EXPECT_FALSE(compare_expiries(earlier, aboves(kT2, 500), kIndex, {}).compared);
  MarketCheck check;
  check_moment({Time{}, kIndex, {earlier, aboves(kT2, 500)}}, {}, check);
  ASSERT_EQ(check.within.size(), 1u);
  EXPECT_EQ(check.within[0].close, kT1);
  EXPECT_EQ(check.compared(), 0);
}

TEST(Calendar, a_falling_variance_is_told_as_a_view_where_it_is_no_arbitrage) {
  MarketCheck check;
  check_moment({Time{}, kIndex, {aboves(kT1, 700), aboves(kT2, 600)}}, {}, check);
  check_moment({Time{}, kIndex, {aboves(kT1, 500), aboves(kT2, 700)}}, {}, check);
  EXPECT_EQ(check.compared(), 2);
  EXPECT_EQ(check.sure(), 0);
  EXPECT_EQ(check.fitted(), 2);
  EXPECT_EQ(check.falls(), 1);
  EXPECT_TRUE(check.pairs[0].falls());
  EXPECT_NE(check_text(check).find("2 pairs, 2 compared"), std::string::npos) << check_text(check);
}

}  // namespace
}  // namespace voltage::app
