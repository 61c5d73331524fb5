#include "ledger/order.hpp"

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

void Order::ends_with(Qty filled_in_all) {
  total_ = total_ ? max(*total_, filled_in_all) : filled_in_all;
  total_least_ = total_least_ ? min(*total_least_, filled_in_all) : filled_in_all;
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

void Order::on(const event::OrderUnknown&) {
  answer_lost_ = true;
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
  if (m.reduced_by.centis > 0) ends_with(max(terms_.qty - m.reduced_by, Qty{}));
  if (m.reduced_by.centis == 0) cancel_refused_ = true;
}

void Order::on(const event::CancelRefused&) {
  cancel_refused_ = true;
}

Qty Order::filled() const {
  Qty sum;
  for (const auto& [id, qty] : fills_) sum += qty;
  return sum;
}

OrderPhase Order::phase() const {
  const Qty sum = filled();
  if (sum >= terms_.qty) return OrderPhase::done;
  if (total_) return sum >= *total_ ? OrderPhase::done : OrderPhase::ending;
  // A refusal is believed only while nothing says that the order was there.
  if (refused_ && !seen_) return OrderPhase::refused;
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
      return *total_ - filled();
    case OrderPhase::sent:
    case OrderPhase::unknown:
    case OrderPhase::live:
      break;
  }
  return terms_.qty - filled();
}

bool Order::conflict() const {
  const Qty sum = filled();
  return conflicting_fill_ || (refused_ && seen_) || sum > terms_.qty || reported_ > terms_.qty ||
         (total_ && (*total_ != *total_least_ || sum > *total_ || reported_ > *total_));
}

bool Order::needs_query() const {
  const OrderPhase now = phase();
  if (now == OrderPhase::done || now == OrderPhase::refused) return conflict();
  return now == OrderPhase::unknown || cancel_refused_ || conflict();
}

}  // namespace voltage::ledger
