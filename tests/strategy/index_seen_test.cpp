// What contracts say of the index: their strikes and their settlements are averages of it.
#include <gtest/gtest.h>

#include "forecast/density.hpp"
#include "strategy/volatility.hpp"

namespace voltage::strategy {
namespace {

using namespace literals;

constexpr Time kOpen{1'778'500'800'000'000'000};

struct Listener {
  Listener() {
    event::ForecastReady f{1, kOpen, 80'000, "test", {}, {}};
    for (const Duration h : {1_min, 240_min}) {
      event::ForecastNode node{h, {}};
      const auto density = forecast::Density::make(0, 0.005 * std::sqrt(h.seconds() / 3'600), 0.5);
      for (std::size_t i = 0; i < node.components.size(); ++i) {
        const auto& c = density.components()[i];
        node.components[i] = {c.weight, c.mean, c.sd};
      }
      f.nodes.push_back(node);
    }
    say(kOpen, f);
  }
  void contract(Time close) {
    market::Contract c;
    c.id = {static_cast<std::uint32_t>(books.size())};
    c.open = close - 60_min;
    c.close = close;
    c.strike = {market::StrikeType::greater, market::index_from_usd(81'000), std::nullopt};
    books.see(c);
    say(c.open, event::ContractSeen{c});
  }
  void say(Time at, event::Payload what) {
    strategy.observe({++seq, at, std::move(what)}, {at, books, ledger, health});
  }

  Volatility strategy{VolatilityConfig{}};
  market::Books books;
  ledger::Ledger ledger{Money{}};
  std::array<event::Health, event::kStreams> health{};
  std::uint64_t seq = 0;
};

TEST(IndexSeen, a_settlement_teaches_the_basis_of_the_prices_of_its_minute) {
  Listener l;
  const Time close = kOpen + 60_min;
  l.contract(close);
  for (int s = -60; s <= 150; ++s) l.say(close + 1_s * s, event::SpotSeen{event::SpotVenue::coinbase, close, 80'000});
  const auto before = l.strategy.price_now(close + 150_s);
  l.say(close + 150_s, event::Settled{{0}, event::Outcome::no, market::index_from_usd(80'032)});
  const auto after = l.strategy.price_now(close + 150_s);
  ASSERT_TRUE(before && after);
  EXPECT_LT(before->usd, 80'012);
  EXPECT_GT(after->usd, 80'025) << "four basis points, where one was expected";
  EXPECT_LT(after->sd_usd, before->sd_usd);
}

TEST(IndexSeen, without_a_price_of_bitcoin_a_settlement_is_one) {
  Listener l;
  const Time close = kOpen + 60_min;
  l.contract(close);
  EXPECT_FALSE(l.strategy.price_now(close + 145_s));
  l.say(close + 145_s, event::Settled{{0}, event::Outcome::no, market::index_from_usd(80'032)});
  const auto now = l.strategy.price_now(close + 145_s);
  ASSERT_TRUE(now);
  EXPECT_NEAR(now->usd, 80'032, 1e-6);
  EXPECT_GT(now->sd_usd, 80'032 * 0.005 * std::sqrt(145 / 3'600.0)) << "as old as its minute";
}

TEST(IndexSeen, a_settlement_without_its_value_or_of_a_contract_never_seen_teaches_nothing) {
  Listener l;
  l.contract(kOpen + 60_min);
  l.say(kOpen + 62_min, event::Settled{{0}, event::Outcome::no, std::nullopt});
  l.say(kOpen + 62_min, event::Settled{{7}, event::Outcome::no, market::index_from_usd(80'000)});
  EXPECT_FALSE(l.strategy.price_now(kOpen + 62_min));
}

}  // namespace
}  // namespace voltage::strategy
