#include "venue/kalshi/order_desk.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "io/json_writer.hpp"
#include "venue/kalshi/ownership.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr Duration kForgetEvery{60'000'000'000};

}  // namespace

Time OrderDesk::expiry(const event::OrderTerms& t, Time now) const {
  return venue_expiry(t.expires, now, rules_.expiry_max);
}

OrderDesk::OrderDesk(DeskRules rules, std::string run)
    : rules_{rules}, run_{std::move(run)}, tokens_{static_cast<double>(rules.write_capacity)} {}

std::string OrderDesk::client_id(event::OrderId order, std::uint32_t revision) const {
  return client_order_id(run_, order, revision);
}

void OrderDesk::know(const market::Contract& contract) {
  contracts_[contract.id] = contract;
  by_ticker_[contract.ticker] = contract.id;
  if (rules_.group_limit.centis > 0 && contract.exchange_index >= 0) groups_.try_emplace(contract.exchange_index);
}

bool OrderDesk::take_tokens(std::int64_t cost, std::int64_t keep, Time now) {
  if (tokens_at_.ns > 0) tokens_ += (now - tokens_at_).seconds() * static_cast<double>(rules_.write_rate);
  tokens_ = std::min(tokens_, static_cast<double>(rules_.write_capacity));
  tokens_at_ = now;
  if (tokens_ < static_cast<double>(cost + keep)) return false;
  tokens_ -= static_cast<double>(cost);
  return true;
}

void OrderDesk::send(Flight flight, net::Request request) {
  flights_[++last_number_] = std::move(flight);
  requests_.push_back({last_number_, std::move(request)});
}

std::optional<OrderDesk::Flight> OrderDesk::land(std::uint64_t number) {
  auto flight = flights_.extract(number);
  return flight.empty() || flight.mapped().kind == Kind::straggler ? std::nullopt
                                                                   : std::optional{std::move(flight.mapped())};
}

void OrderDesk::place(const event::OrderTerms& t, Time now) {
  CHECK(!orders_.contains(t.order));
  const auto refuse = [&](std::string why) { events_.push_back(event::OrderRefused{t.order, "local: " + why}); };
  const auto contract = contracts_.find(t.contract);
  if (contract == contracts_.end()) return refuse("contract not known");
  if (const auto group = groups_.find(contract->second.exchange_index);
      group != groups_.end() && group->second.id.empty()) {
    group->second.wanted = true;
    return refuse("its order group " + group->second.why);
  }
  if (!take_tokens(kCreateCost, rules_.cancel_reserve, now)) return refuse("rate limit, the rest is kept for cancels");
  Ours& ours = orders_[t.order];
  ours.terms = t;
  if (t.tif == event::TimeInForce::good_till_time) ours.expires = expiry(t, now);
  ours.sent = now;
  by_client_id_[client_id(t.order)] = t.order;
  creates_.push_back(t.order);
}

void OrderDesk::cancel(event::OrderId id, Time now) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return events_.push_back(event::CancelRefused{id, "local: no such order"});
  Ours& ours = found->second;
  if (ours.amend && ours.amend->state == Revision::State::waiting)
    not_amended(ours, id, "local: the order is cancelled");
  ours.cancelling = true;  // an order whose place is not known yet is cancelled as soon as it is
  if (ours.state == State::done) return events_.push_back(event::CancelRefused{id, "local: the order is done"});
  if (ours.state != State::live || ours.cancel_out) return;
  static_cast<void>(take_tokens(kCancelCost, 0, now));  // a cancel goes out in any case
  ours.cancel_out = true;
  ours.cancel_at.reset();
  cancels_.push_back(id);
}

std::vector<DeskRequest> OrderDesk::take_requests() {
  flush_creates();
  flush_cancels();
  flush_triggers();  // after the cancels: each order is then told by its own answer where there is time for it
  return std::exchange(requests_, {});
}

std::vector<OrderDesk::Flight> OrderDesk::batches(Kind kind, std::vector<event::OrderId>& ids) {
  std::vector<Flight> out;
  for (auto from = ids.begin(); from != ids.end();) {
    const auto until = from + std::min<std::ptrdiff_t>(kBatchMax, ids.end() - from);
    out.push_back({kind, {from, until}, 0, until - from > 1});
    from = until;
  }
  ids.clear();
  return out;
}

void OrderDesk::flush_creates() {
  for (auto& flight : batches(Kind::create, creates_)) {
    io::JsonWriter w;
    if (flight.batch) w.begin_object().begin_array("orders");
    for (const auto id : flight.orders) {
      Ours& ours = orders_.at(id);
      const auto& contract = contracts_.at(ours.terms.contract);
      ours.group = group_of(contract);
      write_create(w, ours.terms, client_id(id), contract, ours.expires, ours.group);
    }
    if (flight.batch) w.end_array().end_object();
    const std::string target{flight.batch ? kBatched : kOrders};
    send(std::move(flight), {"POST", target, w.take(), {}});
  }
}

void OrderDesk::send_cancel(Flight flight, const std::string& venue_id, std::optional<std::int64_t> shard,
                            std::string_view ticker) {
  send(std::move(flight), {"DELETE", fmt::format("{}/{}?{}", kOrders, venue_id, way_to(shard, ticker)), "", {}});
}

void OrderDesk::flush_cancels() {
  for (auto& flight : batches(Kind::cancel, cancels_)) {
    if (!flight.batch) {
      const Ours& ours = orders_.at(flight.orders[0]);
      const auto& contract = contracts_.at(ours.terms.contract);
      send_cancel(std::move(flight), ours.venue_id, shard_of(contract), contract.ticker);
      continue;
    }
    io::JsonWriter w;
    w.begin_object().begin_array("orders");
    for (const auto id : flight.orders) {
      const Ours& ours = orders_.at(id);
      const auto& c = contracts_.at(ours.terms.contract);
      write_cancel(w, ours.venue_id, shard_of(c), c.ticker);
    }
    send(std::move(flight), {"DELETE", std::string{kBatched}, w.end_array().end_object().take(), {}});
  }
}

void OrderDesk::tick(Time now) {
  for (auto& [id, ours] : orders_) {
    if ((ours.state == State::unknown || ours.amend_unknown()) && !ours.asking && now >= ours.look_at)
      ask(id, ours, now);
    const bool due = ours.state == State::live && ours.expires.ns > 0 &&
                     ours.expires + Duration{1'000'000'000} <= ours.terms.expires &&
                     now >= ours.expires - rules_.renew_before && now < ours.expires;
    if (due && !ours.renewing && !ours.amend && !ours.cancelling && now - alive_ <= rules_.alive_max)
      renew(id, ours, now);
    if (ours.cancel_at && now >= *ours.cancel_at && ours.state == State::live) cancel(id, now);
  }
  forget(now);
  look_after_groups(now);
  for (const auto& fill : std::exchange(waiting_, {})) on_fill(fill);
}

void OrderDesk::forget(Time now) {
  if (now < forget_at_) return;
  forget_at_ = now + kForgetEvery;
  std::set<event::OrderId> flying;
  for (const auto& [number, flight] : flights_) flying.insert(flight.orders.begin(), flight.orders.end());
  const auto over = [&](const auto& entry) {
    const auto& [id, ours] = entry;
    return ours.state == State::done && !flying.contains(id) &&
           now >= contracts_.at(ours.terms.contract).close + rules_.forget_after;
  };
  if (std::erase_if(orders_, over) == 0) return;
  const auto gone = [&](const auto& entry) { return !orders_.contains(entry.second); };
  std::erase_if(by_client_id_, gone);
  std::erase_if(by_venue_id_, gone);
}

std::optional<event::OrderId> OrderDesk::ours_of(std::string_view client_id, std::string_view venue_id) const {
  if (const auto found = by_client_id_.find(client_id); found != by_client_id_.end()) return found->second;
  if (const auto found = by_venue_id_.find(venue_id); found != by_venue_id_.end()) return found->second;
  return std::nullopt;
}

bool OrderDesk::in_doubt(market::ContractId contract) const {
  return std::any_of(orders_.begin(), orders_.end(), [&](const auto& o) {
    const Ours& ours = o.second;
    return ours.terms.contract == contract && (ours.state == State::sending || ours.state == State::unknown);
  });
}

void OrderDesk::on_fill(const Fill& fill) {
  const auto contract = by_ticker_.find(fill.ticker);
  if (contract == by_ticker_.end() || told_.contains(fill.trade_id)) return;
  const auto id = ours_of(fill.client_order_id, fill.order_id);
  if (!id && in_doubt(contract->second)) return waiting_.push_back(fill);
  told_.insert(fill.trade_id);
  events_.push_back(event::FillSeen{id.value_or(event::OrderId{}), fill.trade_id, contract->second, fill.side,
                                    fill.price, fill.qty, fill.fee, !fill.taker});
}

void OrderDesk::on_order(const Order& order) {
  const auto id = ours_of(order.client_order_id, order.order_id);
  if (!id || order.state == OrderState::unknown) return;
  Ours& ours = orders_.at(*id);
  if (ours.state != State::sending) see_amend(ours, *id, order);
  if (ours.state == State::unknown) return found(ours, *id, order);  // the stream is proof as well
  if (ours.state == State::sending) ours.early = order;
  if (ours.state != State::live) return;
  if (order.state != OrderState::resting) ours.state = State::done;
  events_.push_back(event::OrderUpdated{*id, status_of(order.state), order.filled, order.remaining});
}

void OrderDesk::on_resting(const std::vector<Order>& resting, Time asked, Time now) {
  if (!first_list_) first_list_ = asked;
  const Ownership ownership{run_ + "-"};
  std::set<std::string_view> there;
  for (const auto& order : resting) {
    there.insert(order.order_id);
    if (!ownership.ours(order.client_order_id) || ours_of(order.client_order_id, order.order_id)) continue;
    cancel_straggler(order, now);
    notice_twin(order, asked);
  }
  for (auto& [id, ours] : orders_) {
    // Reads lag: an order is missed only a while after it was sent.
    const bool expected = ours.state == State::live && ours.sent + rules_.look_again * 3 < asked;
    if (expected && !there.contains(ours.venue_id)) doubt(ours, id, "not among the resting orders", now);
  }
}

// Whatever the answer: the next list says whether it is still there.
void OrderDesk::cancel_straggler(const Order& order, Time now) {
  static_cast<void>(take_tokens(kCancelCost, 0, now));
  send_cancel({Kind::straggler, {}}, order.order_id, order.exchange_index, order.ticker);
}

void OrderDesk::notice_twin(const Order& order, Time asked) {
  if (twin_told_ || asked - *first_list_ < rules_.late_max) return;
  twin_told_ = true;
  events_.push_back(event::StreamHealth{
      event::Stream::kalshi_private, event::Health::down,
      fmt::format("{} on this account sends orders that begin with {}- ({}): stop it, or give each an order_prefix of "
                  "its own; then start again",
                  kAnotherTrader, run_, order.client_order_id)});
}

std::int64_t OrderDesk::unknown() const {
  return std::count_if(orders_.begin(), orders_.end(), [](const auto& o) {
    const Ours& ours = o.second;
    return ours.state == State::unknown || ours.amend_unknown();
  });
}

}  // namespace voltage::venue::kalshi
