#pragma once
// An exchange for recorded or simulated books: takes our orders after a latency, fills them against the
// book as it then stands, charges the venue's fee, answers after a latency. Pure and deterministic: time
// comes in with each call. It sees the same market events as the core, but earlier by nothing and later
// by nothing; what the core can't know yet (the book at arrival) it knows.
//
// Resting orders stand in a queue whose front the recording does not show: what was there when we came is ahead of
// us, a level that shrinks may have traded or been withdrawn, and a recording without trades does not say which. So
// maker fills are bounds, and the fill model says which (see FillModel). A price that the market trades through fills
// in every model. Post-only orders that would take are refused, and so is an amend that would take; one that moves
// the price goes to the end of its new queue.
//
// Taker orders only walk sizes that were really shown, less what we took from that level ourselves and
// the market hasn't traded away since (own impact).
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "base/types.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"
#include "ledger/fees.hpp"
#include "market/books.hpp"

namespace voltage::venue::sim {

// How kind the world is to our orders. Shown side by side in every report.
struct FillModel {
  std::string name;
  Duration order_latency{};         // decision to arrival at the matching engine
  Duration answer_latency{};        // match to our knowledge of it
  std::int64_t shown_percent{100};  // how much of a shown size is really there for us
  std::int64_t traded_percent{50};  // how much of a shrinking level is taken for trades that move our queue
  std::int64_t ahead_percent{100};  // how much of what a level shows when we come stands before us
};
FillModel pessimistic();
FillModel neutral();
FillModel optimistic();

class SimExchange {
 public:
  explicit SimExchange(FillModel model, Money fee_precision = ledger::kDirectPrecision);

  // Market data, in order of time. Only contracts, snapshots, deltas and losses matter here.
  void observe(const event::Event& e);
  void submit(const event::OrderTerms& terms, Time now);
  void cancel(event::OrderId order, Time now);
  void amend(const event::AmendTerms& terms, Time now);

  // When the next order arrives or the next answer is due; empty when nothing is under way.
  std::optional<Time> next_due() const;
  // Does the next thing due. An answer comes back as a payload; an arrival gives nothing to tell yet.
  std::optional<event::Payload> step();

 private:
  struct Due {
    Time at{};
    std::uint64_t order_of_entry{};
    std::optional<event::OrderTerms> arrival;
    std::optional<event::Payload> answer;
    std::optional<event::OrderId> cancel;  // of a resting order, on its way
    std::optional<event::OrderId> expiry;
    std::optional<event::AmendTerms> amend{};  // of a resting order, on its way
    bool operator>(const Due& o) const { return at != o.at ? at > o.at : order_of_entry > o.order_of_entry; }
  };
  struct LevelKey {
    market::ContractId contract{};
    Side side{};
    Price price{};
    auto operator<=>(const LevelKey&) const = default;
  };

  struct Resting {
    event::OrderTerms terms;
    ledger::OrderFees fees;
    Qty open, ahead;
  };
  void match(const event::OrderTerms& terms, Time at);
  void rest(const event::OrderTerms& terms, Time at);
  void end(event::OrderId id, Time at, bool expired);
  void change(const event::AmendTerms& terms, Time at);
  void follow_queue(const event::BookDelta& delta, Time at);
  void follow_touch(market::ContractId contract, Time at);
  void fill(Resting& order, Qty qty, Time at);
  std::string refusal(const event::OrderTerms& terms, Time at) const;
  Qty available(const LevelKey& key, Qty shown) const;
  void forget_traded(const LevelKey& key, Qty change);
  void answer(Time at, event::Payload payload);

  FillModel model_;
  Money fee_precision_;
  market::Books books_;
  std::map<LevelKey, Qty> taken_;
  std::map<event::OrderId, Resting> resting_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t entries_{0};
  std::uint64_t trades_{0};
};

}  // namespace voltage::venue::sim
