#pragma once
// The virtual Kalshi's REST API: a request in, an answer out. Checks signatures, rate limits and shapes as
// the official documents say; what it does not have is 404, and docs/VENUES.md lists it.
#include <map>
#include <memory>
#include <string>

#include "venue/fields.hpp"
#include "venue/kalshi/signature.hpp"
#include "venue/net/http.hpp"
#include "venue/virtual/world.hpp"

namespace voltage::venue::virtual_kalshi {

struct Tier {
  std::string name{"basic"};
  std::int64_t read_rate{200}, read_capacity{600};
  std::int64_t write_rate{100}, write_capacity{200};
};
std::optional<Tier> tier_of(std::string_view name);

// Tokens that come back at a rate, up to a capacity.
class Bucket {
 public:
  Bucket(std::int64_t rate, std::int64_t capacity)
      : rate_{rate}, capacity_{capacity}, tokens_{1.0 * static_cast<double>(capacity)} {}
  bool take(std::int64_t cost, Time now);

 private:
  std::int64_t rate_, capacity_;
  double tokens_;
  Time at_{};
};

// Who may speak: the keys of one member, by their ids.
class Gate {
 public:
  struct Known {
    std::string name;
    std::vector<std::string> scopes;
    kalshi::Key key;
  };
  Gate(std::string key_id, kalshi::Key key);
  // Empty: welcome. Else the `details` of the 401. The signature's time must be within five seconds of
  // either clock: the wall's, or the virtual one that a client at another speed lives in.
  std::string refuse(const net::Request& request, Time wall, Time world) const;

  const std::map<std::string, Known, std::less<>>& keys() const { return keys_; }
  std::string add(Known known);  // its id
  bool remove(std::string_view id);

 private:
  std::map<std::string, Known, std::less<>> keys_;
  std::uint64_t made_{0};
};

class KalshiApi {
 public:
  KalshiApi(World& world, Gate& gate, const Tier& tier);
  net::Response handle(const net::Request& request, Time wall);

 private:
  struct Call;
  using Handler = Answer<std::string> (KalshiApi::*)(Call&);
  struct Route;
  static const std::vector<Route>& routes();
  bool within_limits(const Route& route, const Call& call);
  Answer<std::string> dispatch(const Route& route, Call& call);

  // Exchange and markets (kalshi_api_markets.cpp)
  Answer<std::string> exchange_status(Call&);
  Answer<std::string> exchange_schedule(Call&);
  Answer<std::string> markets(Call&);
  Answer<std::string> one_market(Call&);
  Answer<std::string> orderbook(Call&);
  Answer<std::string> orderbooks(Call&);
  Answer<std::string> trades(Call&);
  Answer<std::string> events(Call&);
  Answer<std::string> one_event(Call&);
  Answer<std::string> all_series(Call&);
  Answer<std::string> one_series(Call&);
  Answer<std::string> historical_cutoff(Call&);
  Answer<std::string> empty_history(Call&);
  Answer<std::string> no_history(Call&);
  Answer<std::string> incentives(Call&);

  // Candles (kalshi_api_candles.cpp) and fees (kalshi_api_fees.cpp)
  Answer<std::string> candlesticks(Call&);
  Answer<std::string> batch_candlesticks(Call&);
  Answer<std::string> event_candlesticks(Call&);
  Answer<std::string> fee_changes(Call&);
  Answer<std::string> event_fee_changes(Call&);

  // Orders (kalshi_api_orders.cpp)
  Answer<std::string> create_order(Call&);
  Answer<std::string> cancel_order(Call&);
  Answer<std::string> amend_order(Call&);
  Answer<std::string> decrease_order(Call&);
  Answer<std::string> cancel_all(Call&);
  Answer<std::string> batch_create(Call&);
  Answer<std::string> batch_cancel(Call&);
  Answer<std::string> create_group(Call&);
  Answer<std::string> groups(Call&);
  Answer<std::string> one_group(Call&);
  Answer<std::string> change_group(Call&);
  Answer<std::string> delete_group(Call&);

  // The account (kalshi_api_portfolio.cpp)
  Answer<std::string> balance(Call&);
  Answer<std::string> orders(Call&);
  Answer<std::string> one_order(Call&);
  Answer<std::string> queue_positions(Call&);
  Answer<std::string> queue_position(Call&);
  Answer<std::string> fills(Call&);
  Answer<std::string> positions(Call&);
  Answer<std::string> settlements(Call&);
  Answer<std::string> resting_value(Call&);
  Answer<std::string> bank_transfers(Call&);
  Answer<std::string> limits(Call&);
  Answer<std::string> endpoint_costs(Call&);
  Answer<std::string> user_data_timestamp(Call&);

  // Subaccounts and cash between shards (kalshi_api_accounts.cpp)
  Answer<std::string> transfer(Call&);
  Answer<std::string> transfers(Call&);
  Answer<std::string> one_transfer(Call&);
  Answer<std::string> open_subaccount(Call&);
  Answer<std::string> subaccount_transfer(Call&);
  Answer<std::string> subaccount_transfers(Call&);
  Answer<std::string> subaccount_balances(Call&);
  Answer<std::string> subaccount_netting(Call&);
  Answer<std::string> set_subaccount_netting(Call&);
  Answer<std::string> allocation(Call&);
  Answer<std::string> set_allocation(Call&);

  // Keys (kalshi_api_keys.cpp)
  Answer<std::string> api_keys(Call&);
  Answer<std::string> create_api_key(Call&);
  Answer<std::string> generate_api_key(Call&);
  Answer<std::string> delete_api_key(Call&);

  // By number; an account that was not opened is refused. The query's: the primary, or all, if it names none.
  Answer<AccountIndex> account_at(std::int64_t subaccount) const;
  Answer<AccountIndex> account_of(const Call& call) const;
  Answer<std::vector<AccountIndex>> accounts_of(const Call& call) const;

  Answer<OrderRequest> order_of(JsonValue body) const;
  Answer<JsonValue> body_of(Call& call);

  World& world_;
  Gate& gate_;
  Tier tier_;
  Bucket read_, write_, balance_bucket_;
  std::map<std::int64_t, Bucket> shard_writes_;
  JsonDocument document_;
  struct ShardTransfer {
    std::string client_id;
    std::int64_t from{}, to{};
    Money amount;
    Time at{};
  };
  struct SubaccountTransfer {
    std::string client_id;
    std::int64_t from{}, to{}, cents{}, shard{};
    Time at{};
  };
  std::vector<ShardTransfer> shard_transfers_;
  std::vector<SubaccountTransfer> subaccount_transfers_;
};

// --- Shared by the handlers ------------------------------------------------------------------------------
struct KalshiApi::Call {
  const net::Request& request;
  net::Query query;
  std::vector<std::string> path;  // what the route's {} stood for
  Time now{};
  int status{200};
  std::string action;  // the last word of the route
};

struct KalshiApi::Route {
  std::string_view method;
  std::string_view pattern;  // segments; {} stands for one
  Handler handler;
  int cost{10};
  bool write{false};
  bool open{false};  // needs no signature
  int success{200};
};

// A page of a list: items [from, from + limit) and the cursor of the next one, "" at the end.
struct Page {
  std::size_t from{0};
  std::size_t limit{100};
  std::string next(std::size_t total) const;
};
Answer<Page> page_of(const net::Query& query, std::size_t limit_default, std::size_t limit_max);
// An integer parameter; absent is nullopt, anything but an integer is refused.
Answer<std::optional<std::int64_t>> integer_of(const net::Query& query, std::string_view name);
std::string error_body(const ApiError& error);

}  // namespace voltage::venue::virtual_kalshi
