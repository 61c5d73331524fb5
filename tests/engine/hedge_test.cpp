// An order on its way that would close a hedge risks more than it costs: what it hedged is then bare.
#include <gtest/gtest.h>

#include "engine/engine.hpp"

namespace voltage::engine {
namespace {

using namespace literals;

const Time kOpen = Time::from_ms(1'778'478'300'000);
constexpr event::ContractId kLow{0}, kMiddle{1}, kHigh{2};

// Wants what it is told, where it is told.
class Told final : public strategy::Strategy {
 public:
  void observe(const event::Event&, const strategy::Context&) override {}
  strategy::View view(event::ContractId, const strategy::Context&) override { return {0.5, 0.5}; }
  bool wants_decision(event::ContractId id, const strategy::Context&) override { return wish && wish->contract == id; }
  std::optional<strategy::Intent> decide(event::ContractId, const strategy::Context&, event::Decision&) override {
    return wish;
  }
  std::optional<pricing::Greeks> greeks(event::ContractId, const strategy::Context&) override {
    return pricing::Greeks{};
  }
  std::optional<strategy::Intent> wish;
};

class Hedge : public ::testing::Test {
 protected:
  static EngineConfig config() {
    EngineConfig c;
    c.limits.contract_loss_max = c.limits.day_loss_max = Money{500 * kDollar.micros};
    c.limits.instant_loss_max = Money{80 * kDollar.micros};
    return c;
  }
  Hedge() : engine{config(), strategy} {
    for (std::size_t i = 0; i < event::kStreams; ++i)
      say(event::StreamHealth{static_cast<event::Stream>(i), event::Health::healthy, ""});
    for (const auto id : {kLow, kMiddle, kHigh}) {
      market::Contract c;
      c.id = id;
      c.ticker = "KXBTCD-TEST-" + std::to_string(id.v);
      c.open = kOpen;
      c.close = kOpen + 15_min;
      c.strike = {market::StrikeType::greater, market::index_from_usd(99'000 + 1'000.0 * id.v), std::nullopt};
      c.ticks = market::TickGrid::linear_cent();
      say(event::ContractSeen{c});
    }
  }
  std::optional<event::OrderTerms> say(event::Payload what) {
    now = now + 10_ms;
    std::optional<event::OrderTerms> placed;
    for (const auto& fx : engine.on({++seq, now, std::move(what)})) {
      if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) placed = o->terms();
    }
    return placed;
  }
  void holds(event::ContractId id, Side side, Price price, Qty qty) {
    say(event::FillSeen{{}, "t" + std::to_string(seq), id, side, price, qty, Money{}, true});
  }
  std::optional<event::OrderTerms> wants(event::ContractId id, Side side, Price limit, Qty qty) {
    strategy.wish = strategy::Intent{id, side, limit, qty, event::TimeInForce::immediate_or_cancel, false, {}};
    return say(event::BookSnapshot{id, {{Price{4'000}, Qty{50'000}}}, {{Price{6'000}, Qty{50'000}}}});
  }

  Told strategy;
  Engine engine;
  Time now = kOpen + 1_min;
  std::uint64_t seq = 0;
};

// $100 for YES above 99,000 and NO above 100,000: whatever happens one of them pays a hundred.
TEST_F(Hedge, closed_by_an_order_on_its_way_counts_as_gone) {
  holds(kLow, Side::bid, Price{4'000}, Qty{10'000});
  holds(kMiddle, Side::ask, Price{4'000}, Qty{10'000});
  // Filled, it leaves $60 at stake for the NO alone; the order itself costs $10 at most.
  ASSERT_TRUE(wants(kLow, Side::ask, Price{9'000}, Qty{10'000}));
  const auto cut = wants(kHigh, Side::bid, Price{5'000}, Qty{5'000});
  ASSERT_TRUE(cut);
  EXPECT_LT(cut->qty, Qty{4'000}) << "with these $25 more than the $80 of the limit";
  EXPECT_GT(cut->qty, Qty{2'500});
}

}  // namespace
}  // namespace voltage::engine
