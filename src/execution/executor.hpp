#pragma once
// Turns what risk approved into orders and follows them to their end. One order per contract at a time;
// while one is open, unanswered or unknown, the contract takes no other. An order ends only by the
// venue's word: silence makes it unknown, never gone (ledger/order.hpp holds the evidence). One that rests may be
// amended, one revision at a time: until that is answered it counts as it was and as it was asked for.
//
// Ids are the run's number and a counter, so they are the same in a replay and never repeat in a run.
// An order is kept until its contract settles, so that a late or second message still finds it.
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "event/effect.hpp"
#include "event/event.hpp"
#include "ledger/order.hpp"
#include "market/contract.hpp"
#include "risk/gate.hpp"

namespace voltage::execution {

struct TrackedOrder {
  ledger::Order order;
  market::FeeTerms fees;
  Time sent{};  // or amended
};

class Executor {
 public:
  explicit Executor(std::uint32_t run_number) : run_number_{run_number} {}

  event::PlaceOrder place(const risk::Approved<strategy::Intent>& approved, const market::FeeTerms& fees, Time now);
  // The order must be live and without a revision on its way.
  event::AmendOrder amend(const risk::Approved<strategy::Amend>& approved, Time now);
  // A message about an order. Unknown ids are not ours and are left alone. True if the order's evidence
  // now contradicts itself and did not before: the books can't be trusted until they are reconciled.
  template <class Message>
  [[nodiscard]] bool on(const Message& m) {
    const auto entry = orders_.find(m.order);
    if (entry == orders_.end()) return false;
    const bool before = entry->second.order.conflict();
    entry->second.order.on(m);
    note(m.order, entry->second.order);
    return !before && entry->second.order.conflict();
  }
  // Nothing is live on a settled contract.
  void settled(event::ContractId contract);

  bool pending(event::ContractId contract) const;
  // The quote of ours that rests on the contract, or may: post-only and not ended.
  const TrackedOrder* quote(event::ContractId contract) const;
  // The most that all open orders can still cost.
  Money in_flight() const;
  std::vector<event::OrderId> open() const;  // not ended, oldest first
  const std::map<event::OrderId, TrackedOrder>& orders() const { return orders_; }
  std::int64_t placed() const { return static_cast<std::int64_t>(count_); }

 private:
  void note(event::OrderId id, const ledger::Order& order) {
    if (order.ended())
      unended_.erase(id);
    else
      unended_.insert(id);
  }

  std::uint32_t run_number_;
  std::uint32_t count_{0};
  std::map<event::OrderId, TrackedOrder> orders_;
  std::set<event::OrderId> unended_;  // of orders_: the few that each decision must look at
};

}  // namespace voltage::execution
