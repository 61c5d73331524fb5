#pragma once
// What Kalshi says over the WebSocket, decoded: prices on the YES axis, sides as bid and ask, sizes and
// money in fixed point. A text field is a view's copy and lives on its own. Fields that Kalshi may leave
// out are optional; absent never means zero.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/types.hpp"
#include "market/book.hpp"
#include "market/contract.hpp"

namespace voltage::venue::kalshi {

enum class MarketResult : std::uint8_t { none, yes, no, scalar };

struct Subscribed {
  std::string channel;
  std::int64_t sid{};
};
struct Unsubscribed {};
struct Ok {
  std::vector<std::string> tickers;
  std::vector<std::string> index_ids;
  std::vector<Subscribed> subscriptions;  // the answer to list_subscriptions
};
struct Refusal {
  std::int64_t code{};
  std::string message;
  std::string ticker;
  // 10 and 25: the subscription is gone and must be made anew.
  bool terminal() const { return code == 10 || code == 25; }
};
struct BookSnapshot {
  std::string ticker;
  std::vector<market::Level> bids, asks;  // asks ascending, on the YES axis
  bool has_yes_key{}, has_no_key{};       // neither on every snapshot: the wire format has changed
  std::optional<std::int64_t> clock;
};
struct BookDelta {
  std::string ticker;
  Side side{};
  Price price{};
  Qty change{};
  std::optional<std::int64_t> clock;
  std::optional<Time> at;
  std::string client_order_id;  // only if we caused it
};
struct Ticker {
  std::string ticker;
  std::optional<Price> last, bid, ask;
  std::optional<Qty> bid_qty, ask_qty, last_qty, volume, open_interest;
  std::optional<Time> at;
};
struct Trade {
  std::string trade_id;
  std::string ticker;
  Price price{};
  Qty qty{};
  Side taker{};
  bool block{};
  std::optional<Time> at;
};
struct Fill {
  std::string trade_id;
  std::string order_id;
  std::string client_order_id;
  std::string ticker;
  Side side{};
  Price price{};
  Qty qty{};
  Money fee{};
  bool taker{};
  std::optional<Qty> position;  // after the fill, signed
  std::optional<std::int64_t> exchange_index;
  std::optional<Time> at;
};
enum class OrderState : std::uint8_t { resting, canceled, executed, unknown };
struct Order {
  std::string order_id;
  std::string client_order_id;
  std::string ticker;
  OrderState state{};
  Side side{};
  Price price{};
  Qty initial{}, filled{}, remaining{};
  std::optional<Money> taker_fees, maker_fees;
  std::string group_id;
  std::string reason;  // last_update_reason
  std::optional<std::int64_t> exchange_index;
  std::optional<Time> expires, updated;
};
struct Position {
  std::string ticker;
  Qty qty{};
  std::optional<Money> cost, realized, fees;
};
struct Lifecycle {
  std::string ticker;
  std::string event_type;
  std::optional<Time> open, close, determined, settled;
  MarketResult result{};
  std::optional<Money> settlement_value;
  std::optional<market::StrikeType> strike_type;
  std::optional<market::IndexValue> floor, cap;
  std::optional<market::TickGrid> ticks;
  std::optional<std::int64_t> exchange_index;
  std::string event_ticker;
};
struct EventSeen {
  std::string event_ticker;
  std::string series;
};
struct FeeUpdate {
  std::string event_ticker;
  std::string fee_type;  // empty: the override is cleared
  std::optional<std::int64_t> multiplier_e6;
};
struct GroupUpdate {
  std::string group_id;
  std::string event_type;
  std::optional<Qty> limit;
};
struct IndexAverage {
  market::IndexValue value{};
  std::int64_t count{};
  Time from{}, until{};
};
struct IndexTick {
  std::string index_id;
  market::IndexValue value{};
  Time value_time{};
  std::optional<IndexAverage> last_60s;
  std::optional<IndexAverage> settlement_minute;  // in the final minute of a quarter hour only
};
struct IndexList {
  std::vector<std::string> index_ids;
};
struct Unknown {
  std::string type;
};

using Message = std::variant<Subscribed, Unsubscribed, Ok, Refusal, BookSnapshot, BookDelta, Ticker, Trade, Fill, Order,
                             Position, Lifecycle, EventSeen, FeeUpdate, GroupUpdate, IndexTick, IndexList, Unknown>;

struct Frame {
  std::optional<std::int64_t> id;   // of the command that it answers
  std::optional<std::int64_t> sid;  // of the subscription; restarts at 1 on every connection
  std::optional<std::int64_t> seq;  // per sid, +1 on each frame that carries one, acks included
  std::optional<Time> sent;
  Message message;
};

}  // namespace voltage::venue::kalshi
