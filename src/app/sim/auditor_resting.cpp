// What rests at the venue, whatever anybody believes of it.
#include "app/sim/auditor.hpp"
#include "app/sim/order_path.hpp"

namespace voltage::app::sim {

using namespace literals;

namespace {

// From the moment that a reason is known: the core looks every second, a request and its answer take a moment.
constexpr Duration kGoneIn = 5_s;
constexpr Duration kGoneByGuard = 10_s;
// Whatever is lost on the way, and whoever is dead: the order's own end at the venue.
constexpr Duration kGoneAnyhow = 32_s;

}  // namespace

void Auditor::check_resting(Time now, const OrderVenue& venue, const Care& care) {
  if (venue.foreign_touched()) breach("a person's own order was touched");
  bool foreign = false;
  std::set<std::string> tickers;
  for (const auto& [contract, line] : lines_) {
    const bool well = !killed_ && !drawn_down_ && doubt(line, now).empty() && streams_well() && !forecast_is_old(now);
    if (well)
      doubted_since_.erase(contract);
    else
      doubted_since_.try_emplace(contract, now);
  }
  for (const auto& order : venue.resting()) {
    const auto ours = our_order(order.client_order_id);
    if (!ours) {
      foreign = true;
      continue;
    }
    const std::string& id = order.client_order_id;
    if (!tickers.insert(order.ticker).second) breach(id + ": rests beside another of its contract");
    const auto found = orders_.find(ours->order);
    if (found == orders_.end()) return breach(id + ": rests and was never asked for");
    const Watched& w = found->second;
    const bool as_known = order.price == w.terms.limit && order.initial == w.terms.qty;
    const bool as_asked = w.amend && order.price == w.amend->limit && order.initial == w.amend->qty;
    if (!care.dead_since && !as_known && !as_asked)
      breach(id + ": rests with terms that we neither know nor asked for");
    check_stops(now, order, w, care);
  }
  if (!foreign && !lines_.empty()) breach("a person's own order is gone");
}

void Auditor::check_stops(Time now, const venue::kalshi::Order& resting, const Watched& w, const Care& care) {
  const auto over = [&](Time since, Duration calm) {
    return now - since > kGoneAnyhow || now - std::max(since, care.undisturbed_since) > calm;
  };
  if (care.dead_since) {
    if (over(*care.dead_since, care.guarded ? kGoneByGuard : kGoneAnyhow))
      breach(resting.client_order_id + ": rests although the trader is dead");
    return;
  }
  const auto since = doubted_since_.find(w.terms.contract.v);
  if (since == doubted_since_.end() || !over(std::max(since->second, w.asked), kGoneIn)) return;
  const std::string why = killed_ || drawn_down_ ? "after the stop" : doubt(lines_.at(w.terms.contract.v), now);
  breach(resting.client_order_id + ": rests " +
         (!why.empty()            ? why
          : !forecast_is_old(now) ? "while a stream is not well"
                                  : "on a forecast that is too old"));
}

}  // namespace voltage::app::sim
