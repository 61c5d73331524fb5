#include "venue/sim/sim_exchange.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace voltage::venue::sim {

using namespace literals;

FillModel pessimistic() {
  return {"pessimistic", 400_ms, 400_ms, 50, 0, 100};
}
FillModel neutral() {
  return {"neutral", 120_ms, 60_ms, 100, 50, 100};
}
FillModel optimistic() {
  return {"optimistic", 20_ms, 20_ms, 100, 100, 50};
}

SimExchange::SimExchange(FillModel model, Money fee_precision)
    : model_{std::move(model)}, fee_precision_{fee_precision} {}

void SimExchange::observe(const event::Event& e) {
  if (const auto* seen = std::get_if<event::ContractSeen>(&e.what)) {
    books_.see(seen->contract);
  } else if (const auto* snapshot = std::get_if<event::BookSnapshot>(&e.what)) {
    books_.load(snapshot->contract, e.at, snapshot->bids, snapshot->asks);
    std::erase_if(taken_, [&](const auto& entry) { return entry.first.contract == snapshot->contract; });
  } else if (const auto* delta = std::get_if<event::BookDelta>(&e.what)) {
    books_.apply(delta->contract, e.at, delta->side, delta->price, delta->change);
    forget_traded({delta->contract, delta->side, delta->price}, delta->change);
    follow_queue(*delta, e.at);
    follow_touch(delta->contract, e.at);
  } else if (const auto* lost = std::get_if<event::BookLost>(&e.what)) {
    books_.lose(lost->contract, lost->reason);
  } else if (const auto* settled = std::get_if<event::Settled>(&e.what)) {
    if (books_.has(settled->contract)) books_.lose(settled->contract, "settled");
  }
}

// What leaves a level may be what we had taken: our claim on it goes with it.
void SimExchange::forget_traded(const LevelKey& key, Qty change) {
  const auto entry = taken_.find(key);
  if (entry == taken_.end() || change.centis >= 0) return;
  entry->second = max(Qty{0}, entry->second + change);
  if (entry->second.centis == 0) taken_.erase(entry);
}

void SimExchange::submit(const event::OrderTerms& terms, Time now) {
  due_.push({now + model_.order_latency, ++entries_, terms, std::nullopt, std::nullopt, std::nullopt});
}

void SimExchange::cancel(event::OrderId order, Time now) {
  due_.push({now + model_.order_latency, ++entries_, std::nullopt, std::nullopt, order, std::nullopt});
}

void SimExchange::amend(const event::AmendTerms& terms, Time now) {
  due_.push({now + model_.order_latency, ++entries_, std::nullopt, std::nullopt, std::nullopt, std::nullopt, terms});
}

std::optional<Time> SimExchange::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.top().at;
}

std::optional<event::Payload> SimExchange::step() {
  CHECK(!due_.empty());
  const Due next = due_.top();
  due_.pop();
  if (next.arrival) match(*next.arrival, next.at);
  if (next.cancel) end(*next.cancel, next.at, false);
  if (next.expiry) end(*next.expiry, next.at, true);
  if (next.amend) change(*next.amend, next.at);
  return next.answer;
}

void SimExchange::answer(Time at, event::Payload payload) {
  due_.push({at + model_.answer_latency, ++entries_, std::nullopt, std::move(payload), std::nullopt, std::nullopt});
}

// Empty when the order may trade; else the venue's code.
std::string SimExchange::refusal(const event::OrderTerms& terms, Time at) const {
  if (!books_.has(terms.contract)) return "market_not_found";
  const market::Listing& listing = books_.at(terms.contract);
  if (at >= listing.contract.close) return "MARKET_INACTIVE";
  if (!listing.contract.ticks.on_grid(terms.limit)) return "invalid_price";
  if (terms.qty.centis <= 0) return "invalid_order";
  if (terms.tif == event::TimeInForce::immediate_or_cancel) return {};
  if (!terms.post_only) return "resting orders that may take are not simulated";
  if (terms.expires <= at) return "invalid_expiration";
  const auto touch = listing.book.best(opposite(terms.side));
  if (listing.trust != market::Trust::valid) return "market is not active";
  if (touch && (terms.side == Side::bid ? terms.limit >= touch->price : terms.limit <= touch->price))
    return "invalid_order: post only cross";
  return {};
}

Qty SimExchange::available(const LevelKey& key, Qty shown) const {
  const auto entry = taken_.find(key);
  const Qty ours = entry == taken_.end() ? Qty{0} : entry->second;
  return max(Qty{0}, Qty{shown.centis * model_.shown_percent / 100} - ours);
}

void SimExchange::match(const event::OrderTerms& terms, Time at) {
  if (std::string code = refusal(terms, at); !code.empty()) {
    answer(at, event::OrderRefused{terms.order, std::move(code)});
    return;
  }
  if (terms.tif != event::TimeInForce::immediate_or_cancel) return rest(terms, at);
  const market::Listing& listing = books_.at(terms.contract);
  const Side passive = opposite(terms.side);
  Qty open = terms.qty;
  std::vector<event::Payload> fills;
  ledger::OrderFees fees{fee_precision_};
  const bool believable = listing.trust == market::Trust::valid;
  for (auto level = believable ? listing.book.best(passive) : std::nullopt; level && open.centis > 0;
       level = listing.book.next(passive, level->price)) {
    if (terms.side == Side::bid ? level->price > terms.limit : level->price < terms.limit) break;
    const LevelKey key{terms.contract, passive, level->price};
    const Qty fill = min(open, available(key, level->qty));
    if (fill.centis == 0) continue;
    taken_[key] += fill;
    open -= fill;
    const Money fee =
        fees.charge(listing.contract.fees, terms.side, level->price, fill, ledger::Liquidity::taker).net();
    fills.emplace_back(event::FillSeen{terms.order, "sim-" + std::to_string(++trades_), terms.contract, terms.side,
                                       level->price, fill, fee, false});
  }
  answer(at, event::OrderAccepted{terms.order, "sim-" + std::to_string(terms.order.v), terms.qty - open, Qty{0}});
  for (auto& fill : fills) answer(at, std::move(fill));
}

void SimExchange::rest(const event::OrderTerms& terms, Time at) {
  const Qty shown = books_.at(terms.contract).book.at(terms.side, terms.limit);
  resting_.emplace(terms.order, Resting{terms, ledger::OrderFees{fee_precision_}, terms.qty,
                                        Qty{shown.centis * model_.ahead_percent / 100}});
  due_.push({terms.expires, ++entries_, std::nullopt, std::nullopt, std::nullopt, terms.order});
  answer(at, event::OrderAccepted{terms.order, "sim-" + std::to_string(terms.order.v), Qty{0}, terms.qty});
}

void SimExchange::end(event::OrderId id, Time at, bool expired) {
  const auto found = resting_.find(id);
  if (expired && found != resting_.end() && found->second.terms.expires > at) return;  // it was given longer
  if (found == resting_.end()) {
    if (!expired) answer(at, event::CancelRefused{id, "not_found"});
    return;
  }
  const Resting order = found->second;
  resting_.erase(found);
  if (expired)
    answer(at, event::OrderUpdated{id, event::OrderStatus::canceled, order.terms.qty - order.open, Qty{0}});
  else
    answer(at, event::CancelDone{id, order.open});
}

void SimExchange::change(const event::AmendTerms& amended, Time at) {
  const auto refuse = [&](std::string code) {
    answer(at, event::AmendRefused{amended.order, amended.revision, std::move(code)});
  };
  const auto found = resting_.find(amended.order);
  if (found == resting_.end()) return refuse("not_found");
  Resting& order = found->second;
  event::OrderTerms terms = order.terms;
  terms.limit = amended.limit;
  terms.qty = amended.qty;
  terms.expires = amended.expires;
  const Qty open = amended.qty - (order.terms.qty - order.open);
  if (open.centis <= 0) return refuse("invalid_order: count is not above what is filled");
  if (std::string code = refusal(terms, at); !code.empty()) return refuse(std::move(code));
  if (terms.limit != order.terms.limit || open > order.open) {
    const Qty shown = books_.at(terms.contract).book.at(terms.side, terms.limit);
    order.ahead = Qty{shown.centis * model_.ahead_percent / 100};
  }
  order.terms = terms;
  order.open = open;
  due_.push({terms.expires, ++entries_, std::nullopt, std::nullopt, std::nullopt, terms.order});
  answer(at, event::AmendDone{amended.order, amended.revision});
}

void SimExchange::fill(Resting& order, Qty qty, Time at) {
  const auto& t = order.terms;
  order.open -= qty;
  const auto& terms = books_.at(t.contract).contract.fees;
  const Money fee = order.fees.charge(terms, t.side, t.limit, qty, ledger::Liquidity::maker).net();
  answer(at, event::FillSeen{t.order, "sim-" + std::to_string(++trades_), t.contract, t.side, t.limit, qty, fee, true});
}

// A level that shrinks: some of it traded, from the front.
void SimExchange::follow_queue(const event::BookDelta& delta, Time at) {
  if (delta.change.centis >= 0 || model_.traded_percent == 0) return;
  for (auto entry = resting_.begin(); entry != resting_.end();) {
    Resting& order = entry->second;
    const auto& t = order.terms;
    const auto best = books_.at(delta.contract).book.best(delta.side);
    // Trades happen at the touch; what leaves a level behind it was withdrawn.
    const bool at_touch = !best || (delta.side == Side::bid ? best->price <= delta.price : best->price >= delta.price);
    if (t.contract == delta.contract && t.side == delta.side && t.limit == delta.price && at_touch) {
      Qty traded{-delta.change.centis * model_.traded_percent / 100};
      const Qty before_us = min(order.ahead, traded);
      order.ahead -= before_us;
      traded -= before_us;
      if (const Qty ours = min(order.open, traded); ours.centis > 0) fill(order, ours, at);
    }
    entry = order.open.centis == 0 ? resting_.erase(entry) : std::next(entry);
  }
}

// The other side has come to our price: the market traded through us.
void SimExchange::follow_touch(market::ContractId contract, Time at) {
  const auto& listing = books_.at(contract);
  if (resting_.empty() || listing.trust != market::Trust::valid) return;
  for (auto entry = resting_.begin(); entry != resting_.end();) {
    Resting& order = entry->second;
    const auto& t = order.terms;
    const auto touch = t.contract == contract ? listing.book.best(opposite(t.side)) : std::nullopt;
    if (touch && (t.side == Side::bid ? touch->price <= t.limit : touch->price >= t.limit)) fill(order, order.open, at);
    entry = order.open.centis == 0 ? resting_.erase(entry) : std::next(entry);
  }
}

}  // namespace voltage::venue::sim
