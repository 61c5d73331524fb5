#include "execution/executor.hpp"

#include <algorithm>

namespace voltage::execution {

event::PlaceOrder Executor::place(const risk::Approved<strategy::Intent>& approved, const market::FeeTerms& fees,
                                  Time now) {
  const strategy::Intent& wish = approved.get();
  event::OrderTerms terms;
  terms.order = {(std::uint64_t{run_number_} << 32) | ++count_};
  terms.contract = wish.contract;
  terms.side = wish.side;
  terms.limit = wish.limit;
  terms.qty = wish.qty;
  terms.tif = wish.tif;
  terms.post_only = wish.post_only;
  terms.expires = wish.expires;
  orders_.emplace(terms.order, TrackedOrder{ledger::Order{terms}, fees, now});
  unended_.insert(terms.order);
  return event::PlaceOrder{terms};
}

event::AmendOrder Executor::amend(const risk::Approved<strategy::Amend>& approved, Time now) {
  const strategy::Amend& wish = approved.get();
  TrackedOrder& tracked = orders_.at(wish.order);
  CHECK(tracked.order.phase() == ledger::OrderPhase::live && tracked.order.pending() == nullptr);
  const event::AmendTerms terms{wish.order, tracked.order.revisions() + 1, wish.to.limit,
                                tracked.order.filled() + wish.to.qty, wish.to.expires};
  tracked.order.amend(terms);
  tracked.sent = now;
  return event::AmendOrder{terms};
}

void Executor::settled(event::ContractId contract) {
  std::erase_if(orders_, [&](const auto& entry) {
    if (entry.second.order.terms().contract != contract) return false;
    unended_.erase(entry.first);
    return true;
  });
}

bool Executor::pending(event::ContractId contract) const {
  return std::any_of(unended_.begin(), unended_.end(),
                     [&](event::OrderId id) { return orders_.at(id).order.terms().contract == contract; });
}

const TrackedOrder* Executor::quote(event::ContractId contract) const {
  for (const auto id : unended_) {
    const TrackedOrder& tracked = orders_.at(id);
    if (tracked.order.terms().contract == contract && tracked.order.terms().post_only) return &tracked;
  }
  return nullptr;
}

Money Executor::in_flight() const {
  Money total;
  for (const auto id : unended_) {
    const auto& tracked = orders_.at(id);
    const auto& terms = tracked.order.terms();
    const auto add = [&](Price limit, Qty open) {
      if (open.centis == 0) return;
      total += risk::cost_max({terms.contract, terms.side, limit, open, terms.tif, terms.post_only, terms.expires},
                              tracked.fees);
    };
    add(terms.limit, tracked.order.open_qty());
    if (const auto* amended = tracked.order.pending()) add(amended->limit, tracked.order.pending_qty());
  }
  return total;
}

std::vector<event::OrderId> Executor::open() const {
  return {unended_.begin(), unended_.end()};
}

}  // namespace voltage::execution
