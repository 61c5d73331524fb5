#include "venue/virtual/kalshi_api.hpp"

#include <algorithm>
#include <array>

#include "base/decimal.hpp"
#include "io/json_writer.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

constexpr std::string_view kRoot = "/trade-api/v2/";

struct NamedTier {
  const char* name;
  std::int64_t read, write;
};
constexpr std::array<NamedTier, 7> kTiers = {{{"basic", 200, 100},
                                              {"advanced", 300, 300},
                                              {"expert", 600, 600},
                                              {"premier", 1000, 1000},
                                              {"paragon", 2000, 2000},
                                              {"prime", 4000, 4000},
                                              {"prestige", 10000, 8000}}};

// True if the path fits the pattern; what {} stood for goes into `holes`.
bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& holes) {
  const auto wanted = net::split(pattern, '/');
  const auto given = net::split(path, '/');
  if (wanted.size() != given.size()) return false;
  holes.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "{}") {
      if (given[i].empty()) return false;
      holes.emplace_back(given[i]);
    } else if (wanted[i] != given[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Tier> tier_of(std::string_view wanted) {
  for (const auto& t : kTiers) {
    if (wanted != t.name) continue;
    const bool basic = wanted == "basic";
    return Tier{t.name, t.read, basic ? 600 : 2 * t.read, t.write, 2 * t.write};
  }
  return std::nullopt;
}

bool Bucket::take(std::int64_t cost, Time now) {
  const double seconds = at_.ns == 0 ? 0 : std::max(0.0, (now - at_).seconds());
  at_ = now;
  tokens_ = std::min(static_cast<double>(capacity_), tokens_ + seconds * static_cast<double>(rate_));
  if (tokens_ < static_cast<double>(cost)) return false;
  tokens_ -= static_cast<double>(cost);
  return true;
}

Gate::Gate(std::string key_id, kalshi::Key key) {
  keys_.emplace(std::move(key_id), Known{"the first", {"read", "write"}, std::move(key)});
}

std::string Gate::add(Known known) {
  return keys_.emplace(uuid_of('a', ++made_), std::move(known)).first->first;
}

bool Gate::remove(std::string_view id) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return false;
  keys_.erase(found);
  return true;
}

std::string Gate::refuse(const net::Request& request, Time wall, Time world) const {
  const auto id = request.header("kalshi-access-key");
  const auto timestamp = request.header("kalshi-access-timestamp");
  const auto signature = request.header("kalshi-access-signature");
  if (id.empty() || timestamp.empty() || signature.empty()) return "MISSING_HEADERS";
  const auto known = keys_.find(id);
  if (known == keys_.end()) return "NOT_FOUND";
  const auto ms = parse_int(timestamp);
  const auto near = [&](Time clock) { return ms && std::abs(*ms - clock.ms()) <= 5'000; };
  if (!near(wall) && !near(world)) return "TIMESTAMP_OUT_OF_RANGE";
  if (!known->second.key.verify(timestamp, request.method, request.path(), signature))
    return "INCORRECT_API_KEY_SIGNATURE";
  return {};
}

KalshiApi::KalshiApi(World& world, Gate& gate, const Tier& tier)
    : world_{world},
      gate_{gate},
      tier_{tier},
      read_{tier.read_rate, tier.read_capacity},
      write_{tier.write_rate, tier.write_capacity},
      balance_bucket_{1, 2} {
  for (const std::int64_t shard : {1, 2}) shard_writes_.emplace(shard, Bucket{tier.write_rate, tier.write_capacity});
}

std::string error_body(const ApiError& error) {
  io::JsonWriter w;
  w.begin_object().begin_object("error").string("code", error.code).string("message", error.message);
  if (!error.details.empty()) w.string("details", error.details);
  return w.end_object().end_object().take();
}

const std::vector<KalshiApi::Route>& KalshiApi::routes() {
  using A = KalshiApi;
  static const std::vector<Route> all = {
      {"GET", "exchange/status", &A::exchange_status, 10, false, true, 200},
      {"GET", "exchange/schedule", &A::exchange_schedule, 10, false, true, 200},
      {"GET", "exchange/user_data_timestamp", &A::user_data_timestamp, 10, false, true, 200},
      {"GET", "markets", &A::markets, 10, false, true, 200},
      {"GET", "markets/trades", &A::trades, 10, false, true, 200},
      {"GET", "markets/orderbooks", &A::orderbooks, 10, false, true, 200},
      {"GET", "markets/candlesticks", &A::batch_candlesticks, 10, false, true, 200},
      {"GET", "markets/{}", &A::one_market, 10, false, true, 200},
      {"GET", "markets/{}/orderbook", &A::orderbook, 10, false, true, 200},
      {"GET", "series", &A::all_series, 10, false, true, 200},
      {"GET", "series/fee_changes", &A::fee_changes, 10, false, true, 200},
      {"GET", "series/{}", &A::one_series, 10, false, true, 200},
      {"GET", "series/{}/markets/{}/candlesticks", &A::candlesticks, 10, false, true, 200},
      {"GET", "series/{}/events/{}/candlesticks", &A::event_candlesticks, 10, false, true, 200},
      {"GET", "events", &A::events, 10, false, true, 200},
      {"GET", "events/fee_changes", &A::event_fee_changes, 10, false, true, 200},
      {"GET", "events/{}", &A::one_event, 10, false, true, 200},
      {"GET", "historical/cutoff", &A::historical_cutoff, 10, false, true, 200},
      {"GET", "historical/markets", &A::empty_history, 10, false, true, 200},
      {"GET", "historical/trades", &A::empty_history, 10, false, true, 200},
      {"GET", "historical/fills", &A::empty_history, 10, false, false, 200},
      {"GET", "historical/orders", &A::empty_history, 10, false, false, 200},
      {"GET", "historical/positions", &A::empty_history, 10, false, false, 200},
      {"GET", "historical/markets/{}", &A::no_history, 10, false, true, 200},
      {"GET", "historical/markets/{}/candlesticks", &A::no_history, 10, false, true, 200},
      {"GET", "incentive_programs", &A::incentives, 10, false, true, 200},
      {"POST", "portfolio/events/orders", &A::create_order, 10, true, false, 201},
      {"DELETE", "portfolio/events/orders", &A::cancel_all, 2, true, false, 204},
      {"POST", "portfolio/events/orders/batched", &A::batch_create, 10, true, false, 201},
      {"DELETE", "portfolio/events/orders/batched", &A::batch_cancel, 2, true, false, 200},
      {"DELETE", "portfolio/events/orders/{}", &A::cancel_order, 2, true, false, 200},
      {"POST", "portfolio/events/orders/{}/amend", &A::amend_order, 10, true, false, 200},
      {"POST", "portfolio/events/orders/{}/decrease", &A::decrease_order, 10, true, false, 200},
      {"GET", "portfolio/orders", &A::orders, 10, false, false, 200},
      {"GET", "portfolio/orders/queue_positions", &A::queue_positions, 10, false, false, 200},
      {"GET", "portfolio/orders/{}", &A::one_order, 2, false, false, 200},
      {"GET", "portfolio/orders/{}/queue_position", &A::queue_position, 10, false, false, 200},
      {"GET", "portfolio/fills", &A::fills, 10, false, false, 200},
      {"GET", "portfolio/positions", &A::positions, 10, false, false, 200},
      {"GET", "portfolio/settlements", &A::settlements, 10, false, false, 200},
      {"GET", "portfolio/balance", &A::balance, 10, false, false, 200},
      {"GET", "portfolio/summary/total_resting_order_value", &A::resting_value, 10, false, false, 200},
      {"POST", "portfolio/intra_exchange_instance_transfer", &A::transfer, 10, true, false, 200},
      {"GET", "portfolio/intra_exchange_instance_transfers", &A::transfers, 10, false, false, 200},
      {"GET", "portfolio/intra_exchange_instance_transfers/{}", &A::one_transfer, 10, false, false, 200},
      {"POST", "portfolio/subaccounts", &A::open_subaccount, 10, true, false, 201},
      {"POST", "portfolio/subaccounts/transfer", &A::subaccount_transfer, 10, true, false, 200},
      {"GET", "portfolio/subaccounts/transfers", &A::subaccount_transfers, 10, false, false, 200},
      {"GET", "portfolio/subaccounts/balances", &A::subaccount_balances, 10, false, false, 200},
      {"GET", "portfolio/subaccounts/netting", &A::subaccount_netting, 10, false, false, 200},
      {"PUT", "portfolio/subaccounts/netting", &A::set_subaccount_netting, 10, true, false, 200},
      {"GET", "portfolio/target_balance_allocation", &A::allocation, 10, false, false, 200},
      {"POST", "portfolio/target_balance_allocation", &A::set_allocation, 10, true, false, 200},
      {"GET", "portfolio/deposits", &A::bank_transfers, 10, false, false, 200},
      {"GET", "portfolio/withdrawals", &A::bank_transfers, 10, false, false, 200},
      {"GET", "portfolio/order_groups", &A::groups, 10, false, false, 200},
      {"POST", "portfolio/order_groups/create", &A::create_group, 10, true, false, 201},
      {"GET", "portfolio/order_groups/{}", &A::one_group, 10, false, false, 200},
      {"DELETE", "portfolio/order_groups/{}", &A::delete_group, 2, true, false, 200},
      {"PUT", "portfolio/order_groups/{}/reset", &A::change_group, 10, true, false, 200},
      {"PUT", "portfolio/order_groups/{}/trigger", &A::change_group, 2, true, false, 200},
      {"PUT", "portfolio/order_groups/{}/limit", &A::change_group, 10, true, false, 200},
      {"GET", "api_keys", &A::api_keys, 10, false, false, 200},
      {"POST", "api_keys", &A::create_api_key, 10, true, false, 201},
      {"POST", "api_keys/generate", &A::generate_api_key, 10, true, false, 201},
      {"DELETE", "api_keys/{}", &A::delete_api_key, 10, true, false, 204},
      {"GET", "account/limits", &A::limits, 10, false, false, 200},
      {"GET", "account/endpoint_costs", &A::endpoint_costs, 10, false, true, 200},
  };
  return all;
}

// A write that names its shard is billed there; one without is billed everywhere, as on the real venue.
bool KalshiApi::within_limits(const Route& route, const Call& call) {
  if (!route.write) {
    if (route.pattern == "portfolio/balance" && !balance_bucket_.take(1, call.now)) return false;
    return read_.take(route.cost, call.now);
  }
  std::optional<std::int64_t> shard;
  int cost = route.cost;
  const auto parsed = call.request.body.empty() ? std::nullopt : std::optional{document_.parse(call.request.body)};
  if (parsed && *parsed && (*parsed)->is(JsonType::object)) {
    for (const JsonValue field : **parsed) {
      if (field.key() == "exchange_index") shard = parse_token(field.text(), 0);
      if (field.key() == "orders" && field.is(JsonType::array)) cost *= static_cast<int>(std::max(1U, field.size()));
    }
  }
  if (const auto given = call.query.first("exchange_index")) shard = parse_token(*given, 0);
  const bool batch = route.pattern.ends_with("batched");
  if (batch || (shard && *shard == 0)) return write_.take(cost, call.now);
  if (shard) {
    const auto bucket = shard_writes_.find(*shard);
    return bucket == shard_writes_.end() ? write_.take(cost, call.now) : bucket->second.take(cost, call.now);
  }
  bool all = write_.take(cost, call.now);
  for (auto& [index, bucket] : shard_writes_) all = bucket.take(cost, call.now) && all;
  return all;
}

Answer<std::string> KalshiApi::dispatch(const Route& route, Call& call) {
  call.action = net::split(route.pattern, '/').back();
  return (this->*route.handler)(call);
}

net::Response KalshiApi::handle(const net::Request& request, Time wall) {
  const auto path = request.path();
  Call call{request, net::Query::of(request.target), {}, world_.now(), 200, {}};
  const Route* route = nullptr;
  bool other_method = false;
  if (path.starts_with(kRoot)) {
    for (const auto& candidate : routes()) {
      std::vector<std::string> holes;
      if (!fits(candidate.pattern, path.substr(kRoot.size()), holes)) continue;
      if (candidate.method != request.method) {
        other_method = true;
        continue;
      }
      route = &candidate;
      call.path = std::move(holes);
      break;
    }
  }
  const auto answer = [](const ApiError& error) {
    return net::Response{error.status, error_body(error), "application/json"};
  };
  if (route == nullptr) {
    return other_method ? answer({405, "method_not_allowed", "method not allowed", ""})
                        : answer({404, "not_found", "not found", ""});
  }
  const bool signed_request = !request.header("kalshi-access-key").empty();
  if (!route->open || signed_request) {
    const std::string details = gate_.refuse(request, wall, world_.now());
    if (!details.empty()) return answer({401, "authentication_error", "authentication_error", details});
  }
  if (!within_limits(*route, call)) return {429, R"({"error":"too many requests"})", "application/json"};
  auto body = dispatch(*route, call);
  if (!body) return answer(body.error());
  return {route->success, std::move(*body), "application/json"};
}

std::string Page::next(std::size_t total) const {
  return from + limit >= total ? std::string{} : std::to_string(from + limit);
}

Answer<std::optional<std::int64_t>> integer_of(const net::Query& query, std::string_view name) {
  const auto text = query.first(name);
  if (!text || text->empty()) return std::optional<std::int64_t>{};
  const auto value = parse_int(*text);
  if (!value) return refuse(400, "invalid_parameters", "invalid parameters", std::string{name} + " is no integer");
  return value;
}

Answer<Page> page_of(const net::Query& query, std::size_t limit_default, std::size_t limit_max) {
  Page page{0, limit_default};
  const auto limit = integer_of(query, "limit");
  const auto cursor = integer_of(query, "cursor");
  if (!limit) return tl::unexpected<ApiError>(limit.error());
  if (!cursor) return tl::unexpected<ApiError>(cursor.error());
  if (*limit) {
    if (**limit < 1 || **limit > static_cast<std::int64_t>(limit_max)) {
      return refuse(400, "invalid_parameters", "invalid parameters", "limit is out of range");
    }
    page.limit = static_cast<std::size_t>(**limit);
  }
  if (*cursor) {
    if (**cursor < 0) return refuse(400, "invalid_parameters", "invalid parameters", "cursor is not one of ours");
    page.from = static_cast<std::size_t>(**cursor);
  }
  return page;
}

}  // namespace voltage::venue::virtual_kalshi
