#pragma once
// What the tests of the engine stand on: one contract, and a strategy that always wants it.
#include <optional>
#include <utility>

#include "engine/engine.hpp"

namespace voltage::engine {

constexpr event::ContractId kId{0};
const Time kOpen = Time::from_ms(1'778'478'300'000);

// Wants to buy at the ask, always: what stops it is the engine.
class Eager final : public strategy::Strategy {
 public:
  void observe(const event::Event&, const strategy::Context&) override {}
  strategy::View view(event::ContractId, const strategy::Context&) override { return {0.9, 0.9}; }
  bool wants_decision(event::ContractId, const strategy::Context&) override { return true; }
  std::optional<strategy::Intent> decide(event::ContractId id, const strategy::Context& context,
                                         event::Decision&) override {
    const auto ask = context.books.at(id).book.best(Side::ask);
    if (!ask) return std::nullopt;
    return strategy::Intent{id, Side::bid, ask->price, qty, event::TimeInForce::immediate_or_cancel, false, {}};
  }
  std::optional<pricing::Greeks> greeks(event::ContractId, const strategy::Context&) override { return each; }

  Qty qty{1'000};
  std::optional<pricing::Greeks> each{std::in_place};  // of one contract; empty: not known
};

}  // namespace voltage::engine
