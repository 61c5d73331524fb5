#include "venue/kalshi/order_desk.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "io/json_writer.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr std::int64_t kCreateCost = 10, kCancelCost = 2;
constexpr std::string_view kOrders = "/portfolio/events/orders";
constexpr std::int64_t kListBack = 120;  // seconds before the sending from which orders are listed

// The venue said no: nothing of the request was done.
bool refuses(int status) {
  return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 || status == 410 ||
         status == 429;
}

event::OrderStatus status_of(OrderState state) {
  return state == OrderState::executed   ? event::OrderStatus::executed
         : state == OrderState::canceled ? event::OrderStatus::canceled
                                         : event::OrderStatus::resting;
}

std::string code_of(int status, std::string_view body) {
  const RestError e = decode_error(body);
  const std::string& word = e.code.empty() ? e.message : e.code;
  return e.details.empty() ? fmt::format("{} {}", status, word) : fmt::format("{} {}: {}", status, word, e.details);
}

// The shard where the market said it; else the venue finds it by the ticker.
void name_shard(io::JsonWriter& w, const market::Contract& c) {
  if (c.exchange_index >= 0) w.integer("exchange_index", c.exchange_index);
}
std::string way_to(const market::Contract& c) {
  return c.exchange_index >= 0 ? fmt::format("exchange_index={}", c.exchange_index)
                               : "market_ticker=" + net::percent_encoded(c.ticker);
}

}  // namespace

// Whole seconds, never later than asked for.
Time OrderDesk::expiry(const event::OrderTerms& t, Time now) const {
  const Time at = std::min(t.expires, now + rules_.expiry_max);
  return Time{at.ns - at.ns % 1'000'000'000};
}

OrderDesk::OrderDesk(DeskRules rules, std::string run)
    : rules_{rules}, run_{std::move(run)}, tokens_{static_cast<double>(rules.write_capacity)} {}

std::string OrderDesk::client_id(event::OrderId order) const {
  return fmt::format("{}-{}", run_, order.v);
}

void OrderDesk::know(const market::Contract& contract) {
  contracts_[contract.id] = contract;
  by_ticker_[contract.ticker] = contract.id;
}

bool OrderDesk::take_tokens(std::int64_t cost, std::int64_t keep, Time now) {
  if (tokens_at_.ns > 0) tokens_ += (now - tokens_at_).seconds() * static_cast<double>(rules_.write_rate);
  tokens_ = std::min(tokens_, static_cast<double>(rules_.write_capacity));
  tokens_at_ = now;
  if (tokens_ < static_cast<double>(cost + keep)) return false;
  tokens_ -= static_cast<double>(cost);
  return true;
}

std::uint64_t OrderDesk::send(Kind kind, event::OrderId order, net::Request request) {
  flights_[++last_number_] = {kind, order};
  requests_.push_back({last_number_, std::move(request)});
  return last_number_;
}

void OrderDesk::place(const event::OrderTerms& t, Time now) {
  CHECK(!orders_.contains(t.order));
  const auto contract = contracts_.find(t.contract);
  if (contract == contracts_.end()) return events_.push_back(event::OrderRefused{t.order, "local: contract not known"});
  if (!take_tokens(kCreateCost, rules_.cancel_reserve, now)) {
    return events_.push_back(event::OrderRefused{t.order, "local: rate limit, the rest is kept for cancels"});
  }
  const std::string id = client_id(t.order);
  io::JsonWriter w;
  w.begin_object().string("ticker", contract->second.ticker).string("client_order_id", id);
  w.string("side", t.side == Side::bid ? "bid" : "ask").qty("count", t.qty).price("price", t.limit);
  if (t.tif == event::TimeInForce::good_till_time) {
    w.string("time_in_force", "good_till_canceled").integer("expiration_time", expiry(t, now).ns / 1'000'000'000);
    w.boolean("post_only", t.post_only);
  } else {
    w.string("time_in_force", "immediate_or_cancel");
  }
  w.string("self_trade_prevention_type", "taker_at_cross").boolean("cancel_order_on_pause", true);
  name_shard(w, contract->second);
  w.end_object();
  Ours& ours = orders_[t.order];
  ours.terms = t;
  if (t.tif == event::TimeInForce::good_till_time) ours.expires = expiry(t, now);
  ours.sent = now;
  by_client_id_[id] = t.order;
  send(Kind::create, t.order, {"POST", std::string{kOrders}, w.take(), {}});
}

void OrderDesk::cancel(event::OrderId id, Time now) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return events_.push_back(event::CancelRefused{id, "local: no such order"});
  Ours& ours = found->second;
  ours.cancelling = true;  // an order whose place is not known yet is cancelled as soon as it is
  if (ours.state == State::done) return events_.push_back(event::CancelRefused{id, "local: the order is done"});
  if (ours.state != State::live) return;
  static_cast<void>(take_tokens(kCancelCost, 0, now));  // a cancel goes out in any case
  const auto& contract = contracts_.at(ours.terms.contract);
  send(Kind::cancel, id, {"DELETE", fmt::format("{}/{}?{}", kOrders, ours.venue_id, way_to(contract)), "", {}});
}

void OrderDesk::answered(std::uint64_t number, int status, std::string_view body, Time now) {
  const auto flight = flights_.find(number);
  if (flight == flights_.end()) return;
  const auto [kind, id] = flight->second;
  flights_.erase(flight);
  Ours& ours = orders_.at(id);
  if (kind == Kind::create) return on_create(ours, id, status, body, now);
  if (kind == Kind::cancel) return on_cancel(ours, id, status, body, now);
  if (kind == Kind::renew) {
    // Refused or not readable: the order ends at its old time, and the streams tell it.
    ours.renewing = false;
    if (status == 200) ours.expires = ours.renewed_to;
    return;
  }
  on_list(ours, id, status, body, now);
}

void OrderDesk::not_sent(std::uint64_t number, const std::string& why, Time now) {
  const auto flight = flights_.find(number);
  if (flight == flights_.end()) return;
  const auto [kind, id] = flight->second;
  flights_.erase(flight);
  Ours& ours = orders_.at(id);
  if (kind == Kind::create) {
    ours.state = State::done;
    events_.push_back(event::OrderRefused{id, "not sent: " + why});
  } else if (kind == Kind::cancel) {
    events_.push_back(event::CancelRefused{id, "not sent: " + why});
  } else if (kind == Kind::renew) {
    ours.renewing = false;
  } else {
    ours.asking = false;
    ours.look_at = now + rules_.look_again;
  }
}

void OrderDesk::lost(std::uint64_t number, const std::string& why, Time now) {
  const auto flight = flights_.find(number);
  if (flight == flights_.end()) return;
  const auto [kind, id] = flight->second;
  flights_.erase(flight);
  Ours& ours = orders_.at(id);
  if (kind == Kind::create || kind == Kind::cancel) return doubt(ours, id, why, now);
  if (kind == Kind::renew) {
    ours.renewing = false;  // said again in a moment: the same words twice change nothing
    return;
  }
  ours.asking = false;
  ours.look_at = now + rules_.look_again;
}

void OrderDesk::doubt(Ours& ours, event::OrderId id, const std::string& why, Time now) {
  if (ours.state == State::done) return;
  if (ours.state != State::unknown) events_.push_back(event::OrderUnknown{id, why});
  ours.state = State::unknown;
  ours.absent = 0;
  ask(id, ours, now);
}

void OrderDesk::ask(event::OrderId id, Ours& ours, Time now) {
  if (ours.asking) return;
  ours.asking = true;
  ours.look_at = now + rules_.look_again;
  if (!ours.venue_id.empty()) {
    send(Kind::read, id, {"GET", "/portfolio/orders/" + ours.venue_id, "", {}});
    return;
  }
  // There is no filter by client_order_id: list the contract's recent orders and look for ours.
  const auto& contract = contracts_.at(ours.terms.contract);
  send(Kind::list, id,
       {"GET",
        fmt::format("/portfolio/orders?ticker={}&limit=1000&min_ts={}", net::percent_encoded(contract.ticker),
                    ours.sent.ns / 1'000'000'000 - kListBack),
        "",
        {}});
}

void OrderDesk::on_create(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  if (refuses(status)) {
    ours.state = State::done;
    return events_.push_back(event::OrderRefused{id, code_of(status, body)});
  }
  // 409: an order of this name exists. It is ours and nobody else's: find it.
  if (status != 201) return doubt(ours, id, code_of(status, body), now);
  const auto root = document_.parse(body);
  Flaws flaws;
  std::string venue_id;
  Qty filled{}, remaining{};
  if (root) {
    Fields f{*root, "order", flaws};
    venue_id = f.text("order_id");
    filled = f.qty("fill_count");
    remaining = f.qty("remaining_count");
  }
  if (!root || !flaws.error.empty()) return doubt(ours, id, "accepted, but the answer can't be read", now);
  ours.venue_id = venue_id;
  by_venue_id_[venue_id] = id;
  ours.state = remaining.centis > 0 ? State::live : State::done;
  events_.push_back(event::OrderAccepted{id, venue_id, filled, remaining});
  if (const auto early = std::exchange(ours.early, {})) on_order(*early);
  if (ours.cancelling && ours.state == State::live) cancel(id, now);
}

void OrderDesk::on_cancel(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  if (status == 200) {
    const auto root = document_.parse(body);
    Flaws flaws;
    Qty reduced{};
    if (root) {
      Fields f{*root, "order", flaws};
      reduced = f.qty("reduced_by");
    }
    if (!root || !flaws.error.empty()) return doubt(ours, id, "cancelled, but the answer can't be read", now);
    ours.state = State::done;
    return events_.push_back(event::CancelDone{id, reduced});
  }
  // 404 can be an order that was filled a moment ago: the order itself knows.
  if (status == 404) return doubt(ours, id, "cancel: " + code_of(status, body), now);
  if (refuses(status)) return events_.push_back(event::CancelRefused{id, code_of(status, body)});
  doubt(ours, id, "cancel: " + code_of(status, body), now);
}

void OrderDesk::found(Ours& ours, event::OrderId id, const Order& order) {
  const bool was_placed = !ours.venue_id.empty();
  ours.venue_id = order.order_id;
  by_venue_id_[order.order_id] = id;
  ours.state = order.state == OrderState::resting ? State::live : State::done;
  if (!was_placed) events_.push_back(event::OrderAccepted{id, order.order_id, order.filled, order.remaining});
  if (was_placed || ours.state == State::done) {
    events_.push_back(event::OrderUpdated{id, status_of(order.state), order.filled, order.remaining});
  }
}

void OrderDesk::on_list(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  ours.asking = false;
  if (ours.state != State::unknown) return;
  const auto root = status == 200 ? document_.parse(body) : Result<JsonValue>{fail("")};
  const auto object = root ? decode_rest(*root, counts_) : Result<RestObject>{fail("")};
  const auto* orders = object ? std::get_if<RestOrders>(&*object) : nullptr;
  if (orders == nullptr) {
    ours.look_at = now + rules_.look_again;
    return;
  }
  const std::string mine = client_id(id);
  for (const auto& order : orders->orders) {
    if (order.client_order_id != mine || order.state == OrderState::unknown) continue;
    found(ours, id, order);
    if (ours.cancelling && ours.state == State::live) cancel(id, now);
    return;
  }
  // Reads lag the engine: absence counts only after a while, and only twice.
  ++ours.absent;
  ours.look_at = now + rules_.look_again;
  if (ours.absent >= 2 && now - ours.sent >= rules_.absent_after && orders->cursor.empty()) {
    ours.state = State::done;
    events_.push_back(event::OrderRefused{id, "the venue does not have it"});
  }
}

// The same order with a later end: count is what was filled and what rests, so a fill on the way changes nothing.
void OrderDesk::renew(event::OrderId id, Ours& ours, Time now) {
  if (!take_tokens(kCreateCost, rules_.cancel_reserve, now)) return;
  const auto& contract = contracts_.at(ours.terms.contract);
  io::JsonWriter w;
  w.begin_object().string("ticker", contract.ticker).string("side", ours.terms.side == Side::bid ? "bid" : "ask");
  w.qty("count", ours.terms.qty).price("price", ours.terms.limit);
  ours.renewed_to = expiry(ours.terms, now);
  w.integer("expiration_time", ours.renewed_to.ns / 1'000'000'000);
  name_shard(w, contract);
  ours.renewing = true;
  send(Kind::renew, id, {"POST", fmt::format("{}/{}/amend", kOrders, ours.venue_id), w.end_object().take(), {}});
}

void OrderDesk::tick(Time now) {
  for (auto& [id, ours] : orders_) {
    if (ours.state == State::unknown && !ours.asking && now >= ours.look_at) ask(id, ours, now);
    const bool due = ours.state == State::live && ours.expires.ns > 0 &&
                     ours.expires + Duration{1'000'000'000} <= ours.terms.expires &&
                     now >= ours.expires - rules_.renew_before && now < ours.expires;
    if (due && !ours.renewing && !ours.cancelling && now - alive_ <= rules_.alive_max) renew(id, ours, now);
  }
  for (const auto& fill : std::exchange(waiting_, {})) on_fill(fill);
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
  if (ours.state == State::unknown) return found(ours, *id, order);  // the stream is proof as well
  if (ours.state == State::sending) ours.early = order;
  if (ours.state != State::live) return;
  if (order.state != OrderState::resting) ours.state = State::done;
  events_.push_back(event::OrderUpdated{*id, status_of(order.state), order.filled, order.remaining});
}

void OrderDesk::on_resting(const std::set<std::string>& venue_ids, Time asked, Time now) {
  for (auto& [id, ours] : orders_) {
    // Reads lag: an order is missed only a while after it was sent.
    const bool expected = ours.state == State::live && ours.sent + rules_.look_again * 3 < asked;
    if (expected && !venue_ids.contains(ours.venue_id)) doubt(ours, id, "not among the resting orders", now);
  }
}

std::int64_t OrderDesk::unknown() const {
  return std::count_if(orders_.begin(), orders_.end(), [](const auto& o) { return o.second.state == State::unknown; });
}

}  // namespace voltage::venue::kalshi
