#include "ledger/order.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace voltage::ledger {

using event::OrderStatus;

const char* name(OrderPhase phase) {
  switch (phase) {
    case OrderPhase::sent:
      return "sent";
    case OrderPhase::unknown:
      return "unknown";
    case OrderPhase::live:
      return "live";
    case OrderPhase::ending:
      return "ending";
    case OrderPhase::done:
      return "done";
    case OrderPhase::refused:
      return "refused";
  }
  return "?";
}

void Order::ends_with(Qty filled) {
  total_ = total_ ? Totals{min(total_->least, filled), max(total_->most, filled)} : Totals{filled, filled};
}

void Order::amend(const event::AmendTerms& terms) {
  CHECK(terms.revision == revisions_.size() + 1);
  revisions_.push_back({terms});
}

// The last revision that was done; one that is said to be done and refused counts as done, the more dangerous.
void Order::follow_revisions() {
  terms_ = first_;
  for (const auto& r : revisions_) {
    if (!r.done) continue;
    terms_.limit = r.terms.limit;
    terms_.qty = r.terms.qty;
    terms_.expires = r.terms.expires;
  }
}

const event::AmendTerms* Order::pending() const {
  return revisions_.empty() || revisions_.back().answered() ? nullptr : &revisions_.back().terms;
}

bool Order::amend_refused() const {
  return std::any_of(revisions_.begin(), revisions_.end(), [](const Revision& r) { return r.refused; });
}

void Order::on(const event::OrderAccepted& m) {
  seen_ = true;
  reported_ = max(reported_, m.filled);
  // What an immediate order does not fill at once is gone, whatever the answer calls it.
  if (terms_.tif == event::TimeInForce::immediate_or_cancel || m.remaining.centis == 0) ends_with(m.filled);
}

void Order::on(const event::OrderRefused&) {
  refused_ = true;
}

void Order::on(const event::OrderUnknown& m) {
  if (m.revision == 0) answer_lost_ = true;
  if (m.revision > 0 && m.revision <= revisions_.size()) revisions_[m.revision - 1].lost = true;
}

void Order::on(const event::AmendDone& m) {
  if (m.revision == 0 || m.revision > revisions_.size()) return;
  seen_ = true;
  revisions_[m.revision - 1].done = true;
  follow_revisions();
}

void Order::on(const event::AmendRefused& m) {
  if (m.revision == 0 || m.revision > revisions_.size()) return;
  revisions_[m.revision - 1].refused = true;
}

void Order::on(const event::OrderUpdated& m) {
  seen_ = true;
  reported_ = max(reported_, m.filled);
  if (m.status != OrderStatus::resting) ends_with(m.filled);
}

void Order::on(const event::FillSeen& m) {
  seen_ = true;
  const auto [known, fresh] = fills_.emplace(m.trade_id, m.qty);
  if (!fresh && known->second != m.qty) {
    conflicting_fill_ = true;
    known->second = max(known->second, m.qty);
  }
}

void Order::on(const event::CancelDone& m) {
  seen_ = true;
  // "Reduced by nothing" is what a cancel says of an order that ended before it: no word on how.
  const Qty by = m.reduced_by;
  if (by.centis > 0) reduced_ = reduced_ ? Totals{min(reduced_->least, by), max(reduced_->most, by)} : Totals{by, by};
  if (by.centis == 0) cancel_refused_ = true;
}

void Order::on(const event::CancelRefused&) {
  cancel_refused_ = true;
}

Qty Order::filled() const {
  Qty sum;
  for (const auto& [id, qty] : fills_) sum += qty;
  return sum;
}

// What a cancel took away leaves the rest of what the order was for; while a revision is not answered, that is not
// known.
std::optional<Order::Totals> Order::totals() const {
  std::optional<Totals> out = total_;
  if (!reduced_ || pending() != nullptr) return out;
  const Totals left{max(terms_.qty - reduced_->most, Qty{}), max(terms_.qty - reduced_->least, Qty{})};
  return out ? Totals{min(out->least, left.least), max(out->most, left.most)} : left;
}

OrderPhase Order::phase() const {
  const Qty sum = filled();
  const event::AmendTerms* amended = pending();
  if (sum >= (amended != nullptr ? max(terms_.qty, amended->qty) : terms_.qty)) return OrderPhase::done;
  if (const auto total = totals()) return sum >= total->most ? OrderPhase::done : OrderPhase::ending;
  // A refusal is believed only while nothing says that the order was there.
  if (refused_ && !seen_) return OrderPhase::refused;
  if (amended != nullptr && revisions_.back().lost) return OrderPhase::unknown;
  if (seen_ && !refused_) return OrderPhase::live;
  if (seen_ || answer_lost_) return OrderPhase::unknown;
  return OrderPhase::sent;
}

Qty Order::open_qty() const {
  switch (phase()) {
    case OrderPhase::done:
    case OrderPhase::refused:
      return {};
    case OrderPhase::ending:
      return totals()->most - filled();
    case OrderPhase::sent:
    case OrderPhase::unknown:
    case OrderPhase::live:
      break;
  }
  return max(terms_.qty - filled(), Qty{});
}

Qty Order::pending_qty() const {
  const event::AmendTerms* amended = pending();
  const OrderPhase now = phase();
  if (amended == nullptr || (now != OrderPhase::live && now != OrderPhase::unknown)) return {};
  return max(amended->qty - filled(), Qty{});
}

// The most that could ever be filled: under each of the terms that the venue may have had.
Qty Order::ever_most() const {
  Qty most = first_.qty;
  for (const auto& r : revisions_) {
    if (r.done || !r.refused) most = max(most, r.terms.qty);
  }
  return most;
}

bool Order::conflict() const {
  const Qty sum = filled(), most = ever_most();
  const bool amends =
      std::any_of(revisions_.begin(), revisions_.end(), [](const Revision& r) { return r.done && r.refused; });
  const auto total = totals();
  return conflicting_fill_ || amends || (refused_ && seen_) || sum > most || reported_ > most ||
         (total && (total->least != total->most || sum > total->most || reported_ > total->most));
}

bool Order::needs_query() const {
  const OrderPhase now = phase();
  if (now == OrderPhase::done || now == OrderPhase::refused) return conflict();
  return now == OrderPhase::unknown || cancel_refused_ || conflict();
}

}  // namespace voltage::ledger
