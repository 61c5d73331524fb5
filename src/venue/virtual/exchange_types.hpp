#pragma once
// The nouns of the virtual Kalshi: markets, orders, accounts, and what it tells its listeners. Values
// only; src/venue/virtual/exchange.hpp says how they change.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "base/types.hpp"
#include "ledger/fees.hpp"
#include "market/contract.hpp"

namespace voltage::venue::virtual_kalshi {

using MarketIndex = std::uint32_t;
using AccountIndex = std::uint32_t;
inline constexpr AccountIndex kHouse = 0;    // all other traders: unlimited cash, no notices
inline constexpr AccountIndex kPrimary = 1;  // the one member's; accounts opened after it are its subaccounts 1, 2, …
constexpr std::int64_t subaccount_of(AccountIndex a) {
  return static_cast<std::int64_t>(a) - kPrimary;
}

// A refusal as the REST API words it.
struct ApiError {
  int status{400};
  std::string code;
  std::string message;
  std::string details;
};
template <class T>
using Answer = tl::expected<T, ApiError>;
inline tl::unexpected<ApiError> refuse(int status, std::string code, std::string message, std::string details = {}) {
  return tl::unexpected<ApiError>(ApiError{status, std::move(code), std::move(message), std::move(details)});
}

enum class Tif : std::uint8_t { good_till_canceled, immediate_or_cancel, fill_or_kill };
enum class Stp : std::uint8_t { taker_at_cross, maker };
enum class OrderStatus : std::uint8_t { resting, canceled, executed };

struct OrderRequest {
  std::string ticker;
  std::string client_order_id;
  Side side{};
  Qty count{};
  Price price{};
  Tif tif{};
  Stp stp{};
  bool post_only{};
  bool reduce_only{};
  bool cancel_on_pause{};
  std::optional<Time> expires;
  std::string group_id;
  std::optional<std::int64_t> exchange_index;
  std::int64_t subaccount{0};
};

struct Order {
  std::uint64_t id{};
  AccountIndex account{};
  MarketIndex market{};
  std::string client_order_id;
  Side side{};
  Price price{};
  Qty initial{}, filled{}, remaining{};
  Stp stp{};
  bool cancel_on_pause{}, post_only{};
  std::optional<Time> expires;
  std::string group_id;
  OrderStatus status{OrderStatus::resting};
  std::string reason;  // of the last change
  Time created{}, updated{};
  Money taker_cost, maker_cost, taker_fees, maker_fees;
  ledger::OrderFees fees{};
};

struct Level {
  Qty total{};
  std::deque<std::uint64_t> queue;  // order ids, oldest first
};

struct Trade {
  std::uint64_t id{};
  Time at{};
  Price price{};
  Qty qty{};
  Side taker{};
};

// One minute of a market's life, for /candlesticks. -1: nothing was there.
struct Bar {
  Time begin{};
  struct Ohlc {
    std::int32_t open{-1}, high{-1}, low{-1}, close{-1};
    void add(std::int32_t pips);
  } bid, ask, price;
  std::int64_t price_qty_sum{0};  // Σ pips × centis
  Qty volume{}, open_interest{};
  std::optional<Price> previous;
};

enum class Phase : std::uint8_t { initialized, active, inactive, closed, determined, finalized };

struct Market {
  market::Contract contract;  // its strike is what is published: a bound appears when it is known
  std::string title, yes_title, no_title, rules;
  std::string market_id;
  Phase phase{Phase::initialized};
  Time created{}, updated{};
  Duration settlement_timer{};
  std::map<Price, Level> bids, asks;
  std::optional<Price> last;
  Qty last_qty{};
  Qty volume{}, open_interest{};
  std::int64_t clock{0};
  std::deque<Trade> trades;
  std::deque<Bar> bars;
  std::optional<bool> yes;  // the outcome
  std::optional<market::IndexValue> expiration_value;
  std::optional<Time> settled;

  std::optional<Price> best_bid() const;
  std::optional<Price> best_ask() const;
  bool open_at(Time now) const { return phase == Phase::active && now < contract.close; }
};

struct Fill {
  std::uint64_t trade_id{}, order_id{};
  MarketIndex market{};
  Side side{};
  Price price{};
  Qty qty{};
  Money fee{};
  bool taker{};
  Qty position_after{};
  Time at{};
};

struct Position {
  Qty qty{};   // signed
  Money cost;  // of what is held
  Money realized;
  Money fees;
  Money traded;  // Σ price × qty
  Qty volume{};
  Time updated{};
};

struct Settlement {
  MarketIndex market{};
  Qty yes{}, no{};
  Money yes_cost, no_cost, revenue, fees;
  Time at{};
};

struct OrderGroup {
  std::string id;
  Qty limit{};
  std::int64_t exchange_index{};
  bool triggered{false};
  std::deque<std::pair<Time, Qty>> fills;  // of the last 15 seconds
};

// From or to a bank: positive came.
struct BankTransfer {
  Money amount;
  Time at{};
};

// How cash is spread over the shards, by shard in percent; empty: as it lies. What stays for resting orders: nothing,
// the largest side of a market, or all.
enum class Reservation : std::uint8_t { none, max, sum };
struct Allocation {
  std::map<std::int64_t, int> percent;
  Reservation keep{Reservation::sum};
};

struct Account {
  std::map<std::int64_t, Money> cash;  // by shard
  std::map<MarketIndex, Position> positions;
  std::vector<Fill> fills;
  std::vector<Settlement> settlements;
  std::vector<BankTransfer> bank;
  std::vector<std::uint64_t> orders;  // in order of creation
  std::set<std::uint64_t> resting;
  std::map<std::string, std::uint64_t> by_client_id;
  std::map<std::string, OrderGroup> groups;
  std::optional<Time> cancel_all_until;
  Allocation allocation;
  bool netting{true};  // kept and told; positions always net
};

// --- What listeners hear ---------------------------------------------------------------------------
struct BookChange {
  MarketIndex market{};
  Side side{};
  Price price{};
  Qty change{};
  std::int64_t clock{};
  AccountIndex account{};
  std::string client_order_id;
};
struct TradePrint {
  MarketIndex market{};
  Trade trade;
};
struct FillNotice {
  AccountIndex account{};
  Fill fill;
  std::string client_order_id;
};
struct OrderNotice {
  AccountIndex account{};
  Order order;
};
struct PositionNotice {
  AccountIndex account{};
  MarketIndex market{};
  Position position;
};
enum class LifecycleKind : std::uint8_t { created, activated, deactivated, determined, settled, metadata_updated };
struct LifecycleNotice {
  MarketIndex market{};
  LifecycleKind kind{};
};
struct GroupNotice {
  AccountIndex account{};
  std::string id, kind;
  Qty limit{};
};
// An event has fees of its own now, or none any more.
struct FeeNotice {
  std::string event;
  std::optional<market::FeeTerms> own;
};
using Notice = std::variant<BookChange, TradePrint, FillNotice, OrderNotice, PositionNotice, LifecycleNotice,
                            GroupNotice, FeeNotice>;
struct Stamped {
  Time at{};
  Notice what;
};

// Identifiers as the wire has them: UUIDs made of a kind and a number, so that equal runs have equal ids.
std::string uuid_of(char kind, std::uint64_t number);
std::optional<std::uint64_t> number_of(std::string_view uuid, char kind);

}  // namespace voltage::venue::virtual_kalshi
