#include "venue/sim/sim_exchange.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace voltage::venue::sim {

using namespace literals;

FillModel pessimistic() {
  return {"pessimistic", 400_ms, 400_ms, 50};
}
FillModel neutral() {
  return {"neutral", 120_ms, 60_ms, 100};
}
FillModel optimistic() {
  return {"optimistic", 20_ms, 20_ms, 100};
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
  } else if (const auto* lost = std::get_if<event::BookLost>(&e.what)) {
    books_.lose(lost->contract, lost->reason);
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
  due_.push({now + model_.order_latency, ++entries_, terms, std::nullopt});
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
  return next.answer;
}

void SimExchange::answer(Time at, event::Payload payload) {
  due_.push({at + model_.answer_latency, ++entries_, std::nullopt, std::move(payload)});
}

// Empty when the order may trade; else the venue's code.
std::string SimExchange::refusal(const event::OrderTerms& terms, Time at) const {
  if (!books_.has(terms.contract)) return "market_not_found";
  const market::Listing& listing = books_.at(terms.contract);
  if (at >= listing.contract.close) return "MARKET_INACTIVE";
  if (!listing.contract.ticks.on_grid(terms.limit)) return "invalid_price";
  if (terms.qty.centis <= 0) return "invalid_order";
  if (terms.tif != event::TimeInForce::immediate_or_cancel) return "resting orders are not simulated on recordings";
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

}  // namespace voltage::venue::sim
