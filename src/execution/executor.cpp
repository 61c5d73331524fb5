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
  open_[terms.order] = {terms, Phase::sent, {}, std::nullopt, now, risk::cost_max(wish, fees)};
  return event::PlaceOrder{terms};
}

void Executor::close_if_done(event::OrderId id) {
  const auto entry = open_.find(id);
  if (entry == open_.end() || !entry->second.total) return;
  if (entry->second.filled >= *entry->second.total) open_.erase(entry);
}

void Executor::on(const event::OrderAccepted& m) {
  const auto entry = open_.find(m.order);
  if (entry == open_.end()) return;
  entry->second.phase = Phase::live;
  if (m.remaining.centis == 0) entry->second.total = m.filled;
  close_if_done(m.order);
}

void Executor::on(const event::OrderRefused& m) {
  open_.erase(m.order);
}

void Executor::on(const event::OrderUnknown& m) {
  const auto entry = open_.find(m.order);
  if (entry != open_.end()) entry->second.phase = Phase::unknown;
}

void Executor::on(const event::OrderUpdated& m) {
  const auto entry = open_.find(m.order);
  if (entry == open_.end()) return;
  entry->second.phase = Phase::live;
  if (m.status != event::OrderStatus::resting) entry->second.total = m.filled;
  close_if_done(m.order);
}

void Executor::on(const event::FillSeen& m) {
  const auto entry = open_.find(m.order);
  if (entry == open_.end()) return;
  entry->second.filled += m.qty;
  close_if_done(m.order);
}

void Executor::on(const event::Settled& m) {
  std::erase_if(open_, [&](const auto& entry) { return entry.second.terms.contract == m.contract; });
}

bool Executor::pending(event::ContractId contract) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const auto& entry) { return entry.second.terms.contract == contract; });
}

Money Executor::in_flight() const {
  Money total;
  for (const auto& [id, order] : open_) total += order.cost_max;
  return total;
}

}  // namespace voltage::execution
