// Profit in parts: they add up to the ledger's profit to the micro-dollar, and each says what its name says.
#include "app/backtest/attribution.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "forecast/density.hpp"
#include "ledger/ledger.hpp"
#include "support/full.hpp"

namespace voltage::app::backtest {
namespace {

using namespace literals;

pricing::SettlementLaw law(double usd, double sd_15_min) {
  std::vector<forecast::SurfaceNode> nodes;
  for (const Duration h : {1_min, 15_min, 60_min})
    nodes.push_back({h, forecast::Density::make(0, sd_15_min * std::sqrt(h.seconds() / 900), 0.5)});
  const forecast::Surface surface{Time{}, usd, std::move(nodes)};
  return {surface, {.now = Time{}, .close = Time{} + 15_min, .index_now = usd, .index_sd = 1}};
}

event::FillSeen fill(std::uint32_t contract, Side side, std::int32_t pips, std::int64_t centis, std::int64_t fee,
                     int id) {
  return {{1}, std::to_string(id), {contract}, side, Price{pips}, Qty{centis}, Money{fee}, false};
}

TEST(Attribution, adds_up_to_the_ledgers_profit_whatever_is_known) {
  Rng rng{4};
  for (std::int64_t round = 0; round < tests::cases(300, 20'000); ++round) {
    ledger::Ledger ledger{Money{1'000'000'000}};
    ledger::Ledger::Changes changes;
    const double index = rng.uniform(50'000, 150'000);
    const auto strike = static_cast<std::int64_t>(index * 100 * (1 + 0.004 * rng.normal()));
    const market::CentRange pays{strike, rng.below(2) == 0 ? market::CentRange::kAboveAll : strike + 10'000};
    std::vector<AtFill> fills;
    for (int i = 0; i < 6; ++i) {
      const auto f =
          fill(0, rng.below(2) == 0 ? Side::bid : Side::ask, static_cast<std::int32_t>(100 + rng.below(9'800)),
               static_cast<std::int64_t>(1 + rng.below(50'000)), static_cast<std::int64_t>(rng.below(90'000)), i);
      ASSERT_EQ(ledger.on(f, changes), ledger::FillVerdict::applied);
      AtFill at{f, std::nullopt, std::nullopt, pays};
      if (rng.below(4) != 0) at.mid = rng.uniform(0.01, 0.99);
      if (rng.below(4) != 0) at.law = law(index, rng.uniform(0.0005, 0.01));
      fills.push_back(at);
    }
    const auto outcome = rng.below(2) == 0 ? event::Outcome::yes : event::Outcome::no;
    ledger.on(event::Settled{{0}, outcome, std::nullopt}, changes);
    std::optional<double> own, published;
    if (rng.below(4) != 0) own = index * (1 + 0.003 * rng.normal());
    if (rng.below(4) != 0) published = own.value_or(index) + rng.normal();
    Parts parts;
    for (const auto& f : fills) parts += attribute(f, outcome, own, published);
    ASSERT_EQ(parts.total(), ledger.realised()) << round;
    ASSERT_EQ(-parts.fees, ledger.fees());
  }
}

TEST(Attribution, gives_a_move_to_direction_and_a_standstill_to_volatility) {
  const market::CentRange above{10'000'000, market::CentRange::kAboveAll};
  AtFill f{fill(0, Side::bid, 5'000, 10'000, 0, 1), 0.5, law(100'000, 0.002), above};
  // One standard deviation up: most of the half dollar is bitcoin's.
  auto parts = attribute(f, event::Outcome::yes, 100'200.0, 100'200.0);
  EXPECT_GT(parts.direction, Money{30 * kDollar.micros});
  EXPECT_LT(parts.volatility, Money{20 * kDollar.micros});
  EXPECT_EQ(parts.basis, Money{});
  // Nothing moved: a range that was bought for 50 cents and was not left.
  const market::CentRange bucket{9'990'000, 10'010'000};
  AtFill range{fill(0, Side::bid, 5'000, 10'000, 0, 1), 0.5, law(100'000, 0.002), bucket};
  parts = attribute(range, event::Outcome::yes, 100'000.0, 100'000.0);
  EXPECT_NEAR(parts.direction.dollars(), 0, 6);
  EXPECT_GT(parts.volatility, Money{40 * kDollar.micros});
}

TEST(Attribution, gives_the_touch_to_execution_and_the_published_average_to_basis) {
  const market::CentRange above{10'000'000, market::CentRange::kAboveAll};
  AtFill f{fill(0, Side::ask, 4'900, 10'000, 12'000, 1), 0.5, law(100'000, 0.002), above};
  const auto parts = attribute(f, event::Outcome::yes, 99'999.0, 100'001.0);
  EXPECT_EQ(parts.execution, Money{-1'000'000});
  EXPECT_EQ(parts.fees, Money{-12'000});
  EXPECT_LT(parts.basis, Money{0}) << "the published average was above ours, and we had sold";
}

}  // namespace
}  // namespace voltage::app::backtest
