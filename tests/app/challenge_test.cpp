// Champion and challenger: the worse one is never promoted, a leak is always refused, the better one wins.
#include "app/lifecycle/challenge.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "app/lifecycle_fixture.hpp"
#include "base/rng.hpp"
#include "support/full.hpp"

namespace voltage::app::lifecycle {
namespace {

using namespace literals;
using ::testing::HasSubstr;

class Challenge : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { market_ = new TrainedMarket{train_market(7, 140, 35)}; }
  static void TearDownTestSuite() { delete market_; }
  static ChallengeRules rules(std::uint64_t seed) {
    ChallengeRules r;
    r.every = 20_min;
    r.leak.moments = 4;
    r.leak.seed = seed;
    return r;
  }
  static TrainedMarket* market_;
};
TrainedMarket* Challenge::market_ = nullptr;

// A bundle that is worse than `good`: one thing wrong with it, by an amount that the seed draws.
forecast::Bundle worse(const forecast::Bundle& good, Rng& rng) {
  forecast::Bundle bad = good;
  const double size = rng.uniform(0.15, 0.6) * (rng.chance(0.5) ? 1 : -1);
  switch (rng.below(4)) {
    case 0:  // sees all moves as more, or less, likely
      for (auto& row : bad.scale.har) {
        for (auto& node : row) node[0] += size;
      }
      break;
    case 1: {  // over- or under-confident
      auto rows = bad.blend_calibration.rows();
      for (auto& row : rows) {
        for (double& y : row) y *= 1 + size;
      }
      bad.blend_calibration = {bad.blend_calibration.x0(), bad.blend_calibration.step(), rows};
      break;
    }
    case 2: {  // has its hours wrong
      auto factors = bad.season.factors();
      const auto turn = 40 + static_cast<std::ptrdiff_t>(rng.below(500));
      std::rotate(factors.begin(), factors.begin() + turn, factors.end());
      bad.season = features::Season{factors};
      break;
    }
    default: {  // trusts one poor member alone, which was calibrated on something else
      for (auto& w : bad.weights) w = {1, 0, 0, 0};
      auto rows = bad.calibration[forecast::kEwma].rows();
      for (auto& row : rows) {
        for (double& y : row) y += size;
      }
      auto& c = bad.calibration[forecast::kEwma];
      c = {c.x0(), c.step(), rows};
      break;
    }
  }
  return bad;
}

TEST_F(Challenge, a_worse_challenger_is_never_promoted) {
  const auto cases = tests::cases(8, 100);
  for (std::int64_t seed = 1; seed <= cases; ++seed) {
    Rng rng{static_cast<std::uint64_t>(seed)};
    const Contender champion{market_->bundle};
    const Contender challenger{worse(market_->bundle, rng)};
    const auto verdict = challenge(&champion, challenger, market_->candles, rules(static_cast<std::uint64_t>(seed)));
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_FALSE(verdict->promote) << "seed " << seed << ": " << verdict->why;
    EXPECT_EQ(verdict->opponent, "champion");
  }
  RecordProperty("cases", static_cast<int>(cases));
}

TEST_F(Challenge, a_better_challenger_is_promoted_and_an_equal_one_is_not) {
  Rng rng{3};
  const Contender champion{worse(market_->bundle, rng)}, challenger{market_->bundle};
  const auto won = challenge(&champion, challenger, market_->candles, rules(1));
  ASSERT_TRUE(won) << won.error().message;
  EXPECT_TRUE(won->promote) << won->why;
  const auto even = challenge(&challenger, challenger, market_->candles, rules(1));
  ASSERT_TRUE(even);
  EXPECT_FALSE(even->promote) << even->why;
}

// --- Leaks ---------------------------------------------------------------------------------------------

// Mixes into one column what it, or what the price, will be in `ahead` bars. In the simulation volume follows the
// volatility and not what the price then does, so its own later values tell nothing: only code that reads them is a
// leak.
enum Leak : std::uint64_t { later_takers, later_range_as_volume, later_range_as_trades, later_volume, later_trades };
constexpr std::uint64_t kOfThePrice = 3, kAll = 5;

io::Candles with_leak(const io::Candles& candles, std::uint64_t seed, std::uint64_t kinds) {
  Rng rng{seed};
  const auto kind = static_cast<Leak>(rng.below(kinds));
  const auto ahead = 1 + rng.below(45);
  const double share = rng.uniform(0.7, 1);
  io::Candles out = candles;
  auto& bars = out.fine.bars;
  for (std::size_t i = 0; i + ahead < bars.size(); ++i) {
    auto& bar = bars[i];
    const auto& then = candles.fine.bars[i + ahead];
    const auto mix = [&](double own, double theirs) { return own * (1 - share) + theirs * share; };
    const double range = std::log(then.high / then.low);
    const double lean = mix(bar.taker_buy / bar.volume, then.taker_buy / then.volume);
    switch (kind) {
      case later_takers:
        break;
      case later_range_as_volume:
        bar.volume = mix(bar.volume, 1e4 * range);
        break;
      case later_range_as_trades:
        bar.trades = std::floor(mix(bar.trades, 1e6 * range));
        break;
      case later_volume:
        bar.volume = mix(bar.volume, then.volume);
        break;
      case later_trades:
        bar.trades = std::floor(mix(bar.trades, then.trades));
        break;
    }
    bar.taker_buy = kind == later_takers ? bar.volume * lean : std::min(bar.taker_buy, bar.volume);
  }
  return out;
}

// A build whose features see the future: its forecasting mends the candles before it looks at them.
MakeForecasting seeing(std::uint64_t seed) {
  return [seed](forecast::Bundle bundle, const io::Candles& candles) {
    return Forecasting::make(std::move(bundle), with_leak(candles, seed, kAll));
  };
}

TEST_F(Challenge, a_bundle_with_a_leaked_feature_is_refused) {
  const auto cases = tests::cases(10, 100);
  const Contender champion{market_->bundle};
  for (std::int64_t k = 1; k <= cases; ++k) {
    const auto seed = static_cast<std::uint64_t>(k);
    const bool in_code = k % 2 == 0;  // else in the candle file
    const Contender challenger{market_->bundle, in_code ? seeing(seed) : MakeForecasting{&Forecasting::make}};
    const auto candles = in_code ? market_->candles : with_leak(market_->candles, seed, kOfThePrice);
    const auto verdict = challenge(&champion, challenger, candles, rules(seed));
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_FALSE(verdict->promote) << "seed " << seed;
    EXPECT_THAT(verdict->why, HasSubstr("future")) << "seed " << seed;
  }
  RecordProperty("cases", static_cast<int>(cases));
}

TEST_F(Challenge, no_leak_is_seen_where_there_is_none) {
  const auto& bars = market_->candles.fine.bars;
  const Contender honest{market_->bundle};
  const auto found =
      truncation_leak(honest, market_->candles, bars.back().begin - 24_h * 20, bars.back().begin, {6, 11});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, "");
  EXPECT_EQ(column_leak(market_->candles, bars.front().begin, bars.back().begin), "");
}

TEST_F(Challenge, a_challenger_that_has_seen_the_sealed_days_or_is_too_good_is_refused) {
  const Contender champion{market_->bundle};
  auto seen = market_->bundle;
  seen.facts.trained_to = market_->candles.fine.bars.back().begin;
  const auto learnt = challenge(&champion, {seen}, market_->candles, rules(1));
  ASSERT_TRUE(learnt);
  EXPECT_FALSE(learnt->promote);
  EXPECT_THAT(learnt->why, HasSubstr("learnt"));
  auto r = rules(1);
  r.gain_implausible = 0.0001;
  Rng rng{3};
  const Contender poor{worse(market_->bundle, rng)};
  const auto bright = challenge(&poor, champion, market_->candles, r);
  ASSERT_TRUE(bright);
  EXPECT_THAT(bright->why, HasSubstr("too good to be true"));
}

TEST_F(Challenge, an_expired_champion_leaves_its_place_to_the_baseline) {
  auto old = market_->bundle;
  old.facts.expires = market_->candles.fine.bars.back().begin - 24_h;
  const Contender champion{old}, challenger{market_->bundle};
  const auto verdict = challenge(&champion, challenger, market_->candles, rules(1));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->opponent, "baseline");
  EXPECT_TRUE(verdict->promote) << verdict->why;
  const auto first = challenge(nullptr, challenger, market_->candles, rules(1));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->promote) << first->why;
  const auto stale = challenge(nullptr, champion, market_->candles, rules(1));
  ASSERT_TRUE(stale);
  EXPECT_THAT(stale->why, HasSubstr("expiry"));
}

}  // namespace
}  // namespace voltage::app::lifecycle
