// A ladder's prices give back the volatility, level and shape that they were made with.
#include "pricing/implied.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>

#include "base/rng.hpp"

namespace voltage::pricing {
namespace {

using forecast::Density;
using market::CentRange;

constexpr double kIndex = 80'000, kHorizon = 1'800;

double scale_of(double annual_vol) {
  return annual_vol * std::sqrt(kHorizon / kSecondsPerYear);
}
std::vector<CentRange> buckets() {
  std::vector<CentRange> out{{.high = 7'900'000}};
  for (std::int64_t usd = 79'000; usd < 81'000; usd += 100) out.push_back({usd * 100, (usd + 100) * 100});
  out.push_back({.low = 8'100'000});
  return out;
}
std::vector<CentRange> tails() {
  std::vector<CentRange> out;
  for (std::int64_t usd = 79'000; usd <= 81'000; usd += 100) out.push_back({.low = usd * 100});
  return out;
}
double chance(const Density& d, const CentRange& r) {
  const auto above = [&](std::int64_t cents) {
    if (cents == CentRange::kBelowAll) return 1.0;
    if (cents == CentRange::kAboveAll) return 0.0;
    return d.above(std::log((static_cast<double>(cents) - 0.5) * 0.01 / kIndex));
  };
  return above(r.low) - above(r.high);
}
// In whole cents around the density, as a real ladder shows it.
std::vector<LadderQuote> quoted(const Density& d, const std::vector<CentRange>& ranges, double half = 0.01) {
  std::vector<LadderQuote> out;
  for (const auto& r : ranges) {
    const double p = chance(d, r);
    out.push_back(
        {r, std::max(std::floor((p - half) * 100) / 100, 0.0), std::min(std::ceil((p + half) * 100) / 100, 1.0)});
  }
  return out;
}

TEST(Implied, exact_prices_give_the_density_back) {
  for (const auto& ranges : {buckets(), tails()}) {
    const Density truth = Density::make(2e-4, scale_of(0.55), 0.5, 0.15);
    std::vector<LadderQuote> quotes;
    for (const auto& r : ranges) quotes.push_back({r, chance(truth, r), chance(truth, r)});
    const auto got = imply_ladder(quotes, kIndex, kHorizon);
    ASSERT_TRUE(got);
    EXPECT_NEAR(got->annual_vol, std::sqrt(truth.variance() / kHorizon * kSecondsPerYear), 0.01);
    EXPECT_NEAR(got->level, kIndex * std::exp(truth.mean()), 2);
    EXPECT_LT(got->rms_cents, 0.05);
  }
}

TEST(Implied, whole_cents_still_tell_volatility_and_level) {
  Rng rng{4};
  for (int i = 0; i < 40; ++i) {
    const double vol = rng.uniform(0.3, 1.0), drift = scale_of(vol) * rng.uniform(-0.5, 0.5);
    const Density truth = Density::make(drift, scale_of(vol), rng.uniform(0.1, 0.8), rng.uniform(-0.1, 0.1));
    const auto got = imply_ladder(quoted(truth, buckets()), kIndex, kHorizon);
    ASSERT_TRUE(got);
    EXPECT_NEAR(got->annual_vol / std::sqrt(truth.variance() / kHorizon * kSecondsPerYear), 1, 0.15);
    EXPECT_NEAR((std::log(got->level / kIndex) - truth.mean()) / scale_of(vol), 0, 0.12);
    EXPECT_LT(got->outside_cents, 0.1);
  }
}

TEST(Implied, the_sign_of_the_skew_is_found) {
  for (const double skew : {-0.3, 0.3}) {
    const Density truth = Density::make(0, scale_of(0.5), 0.7, skew);
    std::vector<LadderQuote> quotes;
    for (const auto& r : buckets()) quotes.push_back({r, chance(truth, r), chance(truth, r)});
    const auto got = imply_ladder(quotes, kIndex, kHorizon);
    ASSERT_TRUE(got);
    EXPECT_GT(got->skew * skew, 0.01);
  }
}

TEST(Implied, says_nothing_where_there_is_nothing_to_say) {
  EXPECT_FALSE(imply_ladder({}, kIndex, kHorizon));
  std::vector<LadderQuote> nonsense;
  for (const auto& r : tails()) nonsense.push_back({r, nonsense.size() % 2 == 0 ? 0.05 : 0.9, 0.95});
  EXPECT_FALSE(imply_ladder(nonsense, kIndex, kHorizon));
}

TEST(Implied, a_market_with_more_volatility_is_rich_in_the_wings_and_cheap_in_the_middle) {
  const forecast::Surface surface{
      Time{}, kIndex, {{Duration{3'600'000'000'000}, Density::make(0, 0.5 * std::sqrt(3'600 / kSecondsPerYear), 0.3)}}};
  const SettlementLaw ours{surface, {.now = Time{}, .close = Time{1'839'500'000'000}, .index_now = kIndex}};
  const Density market = Density::make(0, scale_of(0.6), 0.3);
  std::vector<LadderQuote> quotes;
  for (const auto& r : buckets()) quotes.push_back({r, chance(market, r), chance(market, r)});
  const auto view = rich_cheap(quotes, ours);
  EXPECT_GT(view.front().mid_less_ours_cents, 0.02);
  EXPECT_LT(view[view.size() / 2].mid_less_ours_cents, -0.5);
  EXPECT_NEAR(view[view.size() / 2].vol_points, 10, 3);  // sixty against fifty
}

TEST(Implied, a_whole_ladder_takes_milliseconds) {
  std::vector<CentRange> ranges;
  for (int i = 0; i < 188; ++i) ranges.push_back({(7'060'000 + i * 10'000), (7'060'000 + (i + 1) * 10'000)});
  const auto quotes = quoted(Density::make(0, scale_of(0.5), 0.3), ranges);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(imply_ladder(quotes, kIndex, kHorizon));
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  std::printf("188 buckets: %.2f ms\n", ms);
  EXPECT_LT(ms, 1'000);  // a bound for a machine under load
}

}  // namespace
}  // namespace voltage::pricing
