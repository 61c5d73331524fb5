// The requests that a simulated venue understands.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "app/sim/order_venue.hpp"
#include "io/json_writer.hpp"
#include "venue/kalshi/order_wire.hpp"

namespace voltage::app::sim {
namespace {

namespace kalshi = venue::kalshi;
using kalshi::OrderState;
using venue::Fields;
using venue::Flaws;
using venue::JsonType;
using venue::JsonValue;

// Of the venue's "o-17".
event::OrderId order_of(std::string_view order_id) {
  event::OrderId out;
  std::from_chars(order_id.data() + 2, order_id.data() + order_id.size(), out.v);
  return out;
}

std::string error(std::string_view code) {
  return fmt::format(R"({{"error":{{"code":"{}","message":"refused"}}}})", code);
}

// "orders/ID/amend" of a path below `base`: the part between.
std::string_view inner(std::string_view path, std::string_view base, std::string_view end) {
  path.remove_prefix(std::min(path.size(), base.size() + 1));
  path.remove_suffix(std::min(path.size(), end.size()));
  return path;
}

const char* name(OrderState state) {
  return state == OrderState::resting ? "resting" : state == OrderState::executed ? "executed" : "canceled";
}

void write(io::JsonWriter& w, const kalshi::Order& o) {
  w.begin_object().string("order_id", o.order_id).string("client_order_id", o.client_order_id);
  w.string("ticker", o.ticker).string("status", name(o.state)).string("book_side", o.side == Side::bid ? "bid" : "ask");
  w.price("yes_price_dollars", o.price).qty("initial_count_fp", o.initial).qty("fill_count_fp", o.filled);
  w.qty("remaining_count_fp", o.remaining).string("order_group_id", o.group_id).end_object();
}

}  // namespace

std::optional<OrderVenue::Answer> OrderVenue::receive(std::uint64_t request, const venue::net::Request& asked,
                                                      Time now) {
  shut(now);
  const std::string_view path = asked.path();
  const bool has_body = asked.method != "GET" && !asked.body.empty();
  const auto root = document_.parse(has_body ? std::string_view{asked.body} : std::string_view{"{}"});
  if (!root) return Answer{request, 400, error("invalid_json")};
  if (asked.method == "GET") return list(request, asked);
  if (asked.method == "PUT") return trigger(request, inner(path, kalshi::kGroups, "/trigger"), now);
  if (path.starts_with(kalshi::kGroups) && asked.method == "DELETE")
    return drop_group(request, inner(path, kalshi::kGroups, ""), now);
  if (path.starts_with(kalshi::kGroups)) return make_group(request);
  if (asked.method == "POST" && path.ends_with("/amend"))
    return amend(request, inner(path, kalshi::kOrders, "/amend"), *root, now);
  if (asked.method == "POST" && path.ends_with("/decrease"))
    return decrease(request, inner(path, kalshi::kOrders, "/decrease"), *root, now);
  if (asked.method == "POST") return create(request, *root, now);
  if (path == kalshi::kBatched) return cancel_batch(request, *root, now);
  waiting_[request] = {false, {""}, 1, 0};
  return cancel({request, 0}, inner(path, kalshi::kOrders, ""), now);
}

std::optional<OrderVenue::Answer> OrderVenue::done(Entry entry, int status, std::string body) {
  Waiting& w = waiting_.at(entry.first);
  w.entries.at(entry.second) = std::move(body);
  w.status = status;
  if (--w.left > 0) return std::nullopt;
  Answer answer{entry.first, w.status, w.entries[0]};
  if (w.batch) {
    std::string all;
    for (const auto& one : w.entries) all += (all.empty() ? "" : ",") + one;
    answer = {entry.first, 200, "{\"orders\":[" + all + "]}"};
  }
  waiting_.erase(entry.first);
  return answer;
}

std::optional<OrderVenue::Answer> OrderVenue::create(std::uint64_t request, JsonValue body, Time now) {
  Flaws flaws;
  Fields f{body, "orders", flaws};
  const auto batch = f.maybe_child("orders", JsonType::array);
  if (!batch) {
    waiting_[request] = {false, {""}, 1, 0};
    return create_one({request, 0}, body, now);
  }
  waiting_[request] = {true, std::vector<std::string>(batch->size()), batch->size(), 0};
  std::optional<Answer> answer;
  std::size_t place = 0;
  for (const JsonValue one : *batch) answer = create_one({request, place++}, one, now);
  return answer;
}

std::optional<OrderVenue::Answer> OrderVenue::create_one(Entry entry, JsonValue body, Time now) {
  Flaws flaws;
  Fields f{body, "order", flaws};
  const std::string client_id{f.text("client_order_id")};
  const auto refuse = [&](int status, std::string_view code) {
    return done(
        entry, status,
        fmt::format(R"({{"client_order_id":"{}","error":{{"code":"{}","message":"refused"}}}})", client_id, code));
  };
  const auto contract = by_ticker_.find(f.text("ticker"));
  if (contract == by_ticker_.end()) return refuse(404, "market_not_found");
  if (names_.contains(client_id)) return refuse(409, "order_already_exists");
  const std::string group{f.text_or("order_group_id")};
  if (!group.empty() && !groups_.contains(group)) return refuse(404, "order_group_not_found");
  if (!group.empty() && groups_.at(group)) return refuse(409, "order_group_triggered");
  event::OrderTerms terms;
  terms.order = {++last_order_};
  terms.contract = contract->second;
  terms.side = f.text("side") == "bid" ? Side::bid : Side::ask;
  terms.limit = f.price("price");
  terms.qty = f.qty("count");
  const bool immediate = f.text("time_in_force") == "immediate_or_cancel";
  terms.tif = immediate ? event::TimeInForce::immediate_or_cancel : event::TimeInForce::good_till_time;
  terms.post_only = f.maybe_boolean("post_only").value_or(false);
  if (const auto end = f.maybe_time_s("expiration_time")) terms.expires = *end;
  if (!flaws.error.empty()) return refuse(400, "invalid_order");
  names_[client_id] = last_order_;
  creates_[last_order_] = entry;
  Record& record = orders_[last_order_];
  auto& o = record.shown;
  o.order_id = fmt::format("o-{}", last_order_);
  o.client_order_id = client_id;
  o.ticker = contract->first;
  o.state = OrderState::unknown;
  o.side = terms.side;
  o.price = terms.limit;
  o.initial = o.remaining = terms.qty;
  o.group_id = group;
  o.expires = terms.expires;
  record.contract = terms.contract;
  record.immediate = immediate;
  exchange_.submit(terms, now);
  return std::nullopt;
}

OrderVenue::Record* OrderVenue::find(std::string_view order_id) {
  if (order_id.starts_with("by-hand")) foreign_touched_ = true;
  if (!order_id.starts_with("o-")) return nullptr;
  const auto found = orders_.find(order_of(order_id).v);
  return found == orders_.end() ? nullptr : &found->second;
}

std::optional<OrderVenue::Answer> OrderVenue::cancel_batch(std::uint64_t request, JsonValue body, Time now) {
  Flaws flaws;
  Fields f{body, "orders", flaws};
  const JsonValue orders = f.child("orders", JsonType::array);
  if (!flaws.error.empty()) return Answer{request, 400, error("invalid_order")};
  waiting_[request] = {true, std::vector<std::string>(orders.size()), orders.size(), 0};
  std::optional<Answer> answer;
  std::size_t place = 0;
  for (const JsonValue one : orders) {
    Fields order{one, "order", flaws};
    answer = cancel({request, place++}, order.text("order_id"), now);
  }
  return answer;
}

std::optional<OrderVenue::Answer> OrderVenue::cancel(Entry entry, std::string_view order_id, Time now) {
  Record* record = find(order_id);
  if (record == nullptr || record->shown.state != OrderState::resting) {
    return done(
        entry, 404,
        fmt::format(R"({{"order_id":"{}","error":{{"code":"not_found","message":"order not found"}}}})", order_id));
  }
  record->cancels.push_back(entry);
  exchange_.cancel(order_of(order_id), now);
  return std::nullopt;
}

std::optional<OrderVenue::Answer> OrderVenue::amend(std::uint64_t request, std::string_view order_id, JsonValue body,
                                                    Time now) {
  Record* record = find(order_id);
  if (record == nullptr) return Answer{request, 404, error("not_found")};
  Flaws flaws;
  Fields f{body, "order", flaws};
  Amended change{request, std::string{f.text_or("updated_client_order_id")}, {}};
  const auto end = f.maybe_time_s("expiration_time");
  change.terms = {order_of(order_id), ++revisions_, f.price("price"), f.qty("count"), end.value_or(Time{})};
  if (!flaws.error.empty() || !end) return Answer{request, 400, error("invalid_order")};
  if (f.text_or("client_order_id", record->shown.client_order_id) != record->shown.client_order_id)
    return Answer{request, 400, error("client_order_id_mismatch")};
  exchange_.amend(change.terms, now);
  amended_[revisions_] = std::move(change);
  return std::nullopt;
}

std::optional<OrderVenue::Answer> OrderVenue::decrease(std::uint64_t request, std::string_view order_id, JsonValue body,
                                                       Time now) {
  Record* record = find(order_id);
  if (record == nullptr) return Answer{request, 404, error("not_found")};
  Flaws flaws;
  Fields f{body, "order", flaws};
  const Qty by = f.qty("reduce_by");
  if (!flaws.error.empty() || by.centis <= 0) return Answer{request, 400, error("invalid_order")};
  const auto& shown = record->shown;
  Amended change{
      request, {}, {order_of(order_id), ++revisions_, shown.price, shown.initial - by, shown.expires.value_or(now)}};
  exchange_.amend(change.terms, now);
  amended_[revisions_] = std::move(change);
  return std::nullopt;
}

OrderVenue::Answer OrderVenue::make_group(std::uint64_t request) {
  const std::string id = fmt::format("g-{}", ++last_group_);
  groups_[id] = false;
  return {request, 201, fmt::format(R"({{"order_group_id":"{}"}})", id)};
}

OrderVenue::Answer OrderVenue::trigger(std::uint64_t request, std::string_view id, Time now) {
  const auto group = groups_.find(id);
  if (group == groups_.end()) return {request, 404, error("order_group_not_found")};
  group->second = true;
  for (auto& [number, record] : orders_) {
    const bool on_its_way = creates_.contains(number);
    if (record.shown.group_id != id || record.immediate || (!on_its_way && !resting_.contains(number))) continue;
    record.cancels.emplace_back(0, 0);
    exchange_.cancel({number}, now);
  }
  return {request, 200, "{}"};
}

OrderVenue::Answer OrderVenue::drop_group(std::uint64_t request, std::string_view id, Time now) {
  Answer answer = trigger(request, id, now);
  if (const auto group = groups_.find(id); group != groups_.end()) groups_.erase(group);
  return answer;
}

OrderVenue::Answer OrderVenue::list(std::uint64_t request, const venue::net::Request& asked) const {
  constexpr std::string_view kList = "/portfolio/orders";
  const std::string_view path = asked.path();
  io::JsonWriter w;
  if (path != kList) {
    const std::string_view id = path.substr(std::min(path.size(), kList.size() + 1));
    for (const auto& [number, record] : orders_) {
      if (record.shown.order_id != id || record.shown.state == OrderState::unknown) continue;
      w.begin_object().name("order");
      write(w, record.shown);
      return {request, 200, w.end_object().take()};
    }
    return {request, 404, error("not_found")};
  }
  const auto ticker = venue::net::Query::of(asked.target).first("ticker");
  w.begin_object().begin_array("orders");
  for (const auto& [number, record] : orders_) {
    if (record.shown.state == OrderState::unknown || (ticker && record.shown.ticker != *ticker)) continue;
    write(w, record.shown);
  }
  return {request, 200, w.end_array().string("cursor", "").end_object().take()};
}

}  // namespace voltage::app::sim
