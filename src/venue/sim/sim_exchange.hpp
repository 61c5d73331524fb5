#pragma once
// An exchange for recorded or simulated books: takes our orders after a latency, fills them against the
// book as it then stands, charges the venue's fee, answers after a latency. Pure and deterministic: time
// comes in with each call. It sees the same market events as the core, but earlier by nothing and later
// by nothing; what the core can't know yet (the book at arrival) it knows.
//
// Taker orders only walk sizes that were really shown, less what we took from that level ourselves and
// the market hasn't traded away since (own impact). Resting orders are refused: maker fills can't be
// read off a book without trades.
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
    bool operator>(const Due& o) const { return at != o.at ? at > o.at : order_of_entry > o.order_of_entry; }
  };
  struct LevelKey {
    market::ContractId contract{};
    Side side{};
    Price price{};
    auto operator<=>(const LevelKey&) const = default;
  };

  void match(const event::OrderTerms& terms, Time at);
  std::string refusal(const event::OrderTerms& terms, Time at) const;
  Qty available(const LevelKey& key, Qty shown) const;
  void forget_traded(const LevelKey& key, Qty change);
  void answer(Time at, event::Payload payload);

  FillModel model_;
  Money fee_precision_;
  market::Books books_;
  std::map<LevelKey, Qty> taken_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t entries_{0};
  std::uint64_t trades_{0};
};

}  // namespace voltage::venue::sim
