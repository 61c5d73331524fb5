// A paying range is the strike's own set on whole cents.
#include "market/payoff.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace voltage::market {
namespace {

TEST(Payoff, a_range_says_what_the_strike_says_for_every_cent) {
  Rng rng{5};
  for (int i = 0; i < 5'000; ++i) {
    const auto value = [&] { return IndexValue{static_cast<std::int64_t>(rng.below(400)) * 250'000 - 50'000'000}; };
    const Strike strike{static_cast<StrikeType>(rng.below(5)), value(), value()};
    const CentRange range = paying_range(strike);
    for (std::int64_t cents = -60; cents <= 60; ++cents) {
      ASSERT_EQ(range.contains(cents), strike.pays(IndexValue{cents * 1'000'000})) << cents;
    }
  }
}

TEST(Payoff, neighbouring_buckets_meet_without_a_gap) {
  const auto bucket = [](std::int64_t floor_usd) {
    return Strike{StrikeType::between, IndexValue{floor_usd * 100'000'000},
                  IndexValue{(floor_usd + 100) * 100'000'000 - 1'000'000}};
  };
  EXPECT_EQ(paying_range(bucket(75'700)).high, paying_range(bucket(75'800)).low);
}

}  // namespace
}  // namespace voltage::market
