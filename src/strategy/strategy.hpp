#pragma once
// What a strategy is to the engine: it sees every event, and when asked about a contract it says what it
// thinks and what it wants. It sends nothing, holds no order and knows no limit of risk.
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "event/effect.hpp"
#include "event/event.hpp"
#include "ledger/ledger.hpp"
#include "market/books.hpp"
#include "pricing/asian.hpp"
#include "strategy/intent.hpp"

namespace voltage::strategy {

// What the engine knows, for reading. Valid during the call only.
struct Context {
  Time now{};
  const market::Books& books;
  const ledger::Ledger& ledger;
  const std::array<event::Health, event::kStreams>& health;
  // Our orders that have not ended, with what of each may still be filled.
  std::span<const Intent> on_the_way{};
};

// P(YES) of one contract: NaN where it can't be known now.
struct View {
  double fair{};   // from everything but this contract's own book and trades
  double blend{};  // from everything
};

// One order of several that are one bet, and what was thought of its contract.
struct Leg {
  Intent wish;
  event::Decision decision;  // contract, beliefs and edge
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual void observe(const event::Event& e, const Context& context) = 0;
  virtual View view(event::ContractId contract, const Context& context) = 0;
  // True if the contract is worth a decision after this event.
  virtual bool wants_decision(event::ContractId contract, const Context& context) = 0;
  // Fills `decision` (contract and vetoes are the engine's) and gives what it wants, if anything.
  virtual std::optional<Intent> decide(event::ContractId contract, const Context& context,
                                       event::Decision& decision) = 0;
  // What belongs to the wish that decide() gave just now: the other contracts of one bet, sized with it. They are sent
  // with it, all of them or none.
  virtual const std::vector<Leg>& companions() const {
    static const std::vector<Leg> none;
    return none;
  }
  // What decide() would have wished just now if there were no companions: sent where they may not be.
  virtual std::optional<Intent> alone(const Intent& wish) const { return wish; }
  // The order that should rest on the contract now, post-only and to expire by itself; empty: none.
  virtual std::optional<Intent> quote(event::ContractId, const Context&) { return std::nullopt; }
  // How long a quote rests at least before it is moved for a better one.
  virtual Duration rest_min() const { return {}; }
  // Of one contract of YES, dollars; empty where it can't be known now: nothing new is then risked beside it.
  virtual std::optional<pricing::Greeks> greeks(event::ContractId, const Context&) { return std::nullopt; }
  // Alarms that began or ended with the last observe(); asked for once after each.
  virtual std::vector<event::DriftAlarm> take_alarms() { return {}; }
};

}  // namespace voltage::strategy
