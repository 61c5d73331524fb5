#pragma once
// The core: on(Event) -> effects. No clock, thread, socket, file or randomness: the same events give the
// same effects, to the bit, in a backtest, a replay, on paper and live. Time is that of the events.
//
//   event -> books, ledger, orders, health -> strategy (view, decision, wish) -> risk -> executor -> effects
//
// Not thread-safe: one sequencer feeds it. The returned effects are valid until the next call.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "event/effect.hpp"
#include "event/event.hpp"
#include "execution/executor.hpp"
#include "ledger/ledger.hpp"
#include "market/books.hpp"
#include "market/quiet.hpp"
#include "risk/evidence_book.hpp"
#include "risk/gate.hpp"
#include "strategy/strategy.hpp"

namespace voltage::engine {

struct EngineConfig {
  Money cash{1'000 * kDollar.micros};
  risk::Limits limits{};
  risk::Carried carried{};
  std::uint32_t run_number{1};
  // Streams without which nothing new is risked. The private stream and the index are not on recordings;
  // the journal is needed where one is kept.
  std::array<bool, event::kStreams> needed{true, true, true, true, true, false};
  Duration book_age_max{Duration{10'000'000'000}};  // a book without a message for longer is stale
  Duration final_seconds{Duration{5'000'000'000}};  // no new risk so close to the settlement
  std::vector<market::QuietSpan> quiet{};           // around scheduled releases
  std::int32_t assumptions_open{0};                 // facts that touch money and are not settled for this account
  // The rung that this run stands on; from canary on money is at stake, and each series needs the evidence for it.
  risk::Rung rung{risk::Rung::paper};
  std::vector<risk::Observation> evidence{};  // of earlier runs
};

struct Counters {
  std::int64_t events{0};
  std::int64_t decisions{0};
  std::int64_t orders{0};
  std::int64_t amends{0};
  std::int64_t fills{0};
  std::int64_t fills_refused{0};  // duplicates and impossible ones
  std::array<std::int64_t, event::kVetoes> vetoes{};
};

class Engine {
 public:
  // The strategy outlives the engine.
  Engine(const EngineConfig& config, strategy::Strategy& strategy);

  // seq must be one more than the last, and time must not go back.
  std::span<const event::Effect> on(const event::Event& e);

  const market::Books& books() const { return books_; }
  const ledger::Ledger& ledger() const { return ledger_; }
  const execution::Executor& executor() const { return executor_; }
  const risk::Gate& gate() const { return gate_; }
  const risk::EvidenceBook& evidence() const { return evidence_; }
  const Counters& counters() const { return counters_; }
  Time now() const { return now_; }
  // Reasons not to take risk on the contract now, a bit for each event::Veto, whatever the strategy thinks.
  event::Vetoes vetoes(event::ContractId contract) const;

 private:
  void apply(const event::ContractSeen& m);
  void apply(const event::BookSnapshot& m);
  void apply(const event::BookDelta& m);
  void apply(const event::BookLost& m);
  void apply(const event::StreamHealth& m);
  void apply(const event::CandleClosed& m);
  void apply(const event::IndexSeen&) { reconsider_quotes(); }
  void apply(const event::SpotSeen&) { reconsider_quotes(); }
  void apply(const event::ForecastReady& m);
  void apply(const event::OrderAccepted& m) { follow_order(m); }
  void apply(const event::OrderRefused& m) { follow_order(m); }
  void apply(const event::OrderUnknown& m) { follow_order(m); }
  void apply(const event::OrderUpdated& m) { follow_order(m); }
  void apply(const event::CancelDone& m) { follow_order(m); }
  void apply(const event::CancelRefused& m) { follow_order(m); }
  void apply(const event::AmendDone& m) { follow_order(m); }
  void apply(const event::AmendRefused& m) { follow_order(m); }
  void apply(const event::CashMoved& m);
  void apply(const event::CashPlaced& m) { ledger_.on(m); }
  void apply(const event::FillSeen& m);
  void apply(const event::Settled& m);
  void apply(const event::TimePassed& m);
  void apply(const event::OperatorSaid& m);
  template <class T>
  void apply(const T&) {}  // for the strategy alone
  // A bar that ends before one that the same venue told already: it is there for whoever answers forecasts, and
  // the core decides nothing by it.
  bool fills_the_past(const event::CandleClosed& bar);

  // What the venue says of an order and what it said before can't both be true: no new risk on such books.
  template <class Message>
  void follow_order(const Message& m) {
    if (executor_.on(m)) gate_.halt("the venue contradicts itself about order " + std::to_string(m.order.v));
  }
  strategy::Context context() const { return {now_, books_, ledger_, health_, on_the_way_}; }
  void list_on_the_way();
  void consider(event::ContractId contract);
  void count(const event::Decision& decision);
  void try_order(const strategy::Intent& wish, event::Decision& decision);
  struct ApprovedLeg {
    risk::Approved<strategy::Intent> wish;
    event::Decision decision;
  };
  std::vector<ApprovedLeg> send_bet(const strategy::Intent& wish, event::Decision& decision);
  std::vector<ApprovedLeg> approve_bet(const strategy::Intent& wish, const event::Decision& decision);
  // All of them, or none.
  std::vector<ApprovedLeg> approve_all(std::span<const strategy::Leg> legs);
  void place(const risk::Approved<strategy::Intent>& approved, event::Decision& decision);
  void quote_all();
  void rest(event::ContractId contract);
  void quote_anew(const strategy::Intent& wish);
  void reconsider_quotes();
  bool amend(const execution::TrackedOrder& quote, const strategy::Intent& wish);
  void withdraw(const execution::TrackedOrder& quote);
  void withdraw_vetoed();
  // `with`: wishes that would be filled before it. `changed`: the order that the wish would take the place of.
  risk::SensitivityIfFilled sensitivity(const strategy::Intent& wish, std::span<const strategy::Intent> with = {},
                                        event::OrderId changed = {});
  void emit_cash();

  EngineConfig config_;
  strategy::Strategy& strategy_;
  market::Books books_;
  ledger::Ledger ledger_;
  execution::Executor executor_;
  risk::Gate gate_;
  risk::EvidenceBook evidence_;
  std::array<event::Health, event::kStreams> health_{};
  Counters counters_;
  std::uint64_t next_seq_{1};
  std::uint64_t forecasts_asked_{0};
  std::map<event::SpotVenue, Time> bars_until_;  // end of the newest bar of each venue
  Time now_{};
  std::vector<event::ContractId> touched_;
  std::vector<strategy::Intent> on_the_way_;
  std::set<event::OrderId> withdrawn_;  // quotes whose cancel was asked for
  ledger::Ledger::Changes cash_changes_;
  std::vector<event::Effect> effects_;
};

}  // namespace voltage::engine
