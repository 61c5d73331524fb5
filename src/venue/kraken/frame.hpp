#pragma once
// What Kraken says, v1 and v2 of the WebSocket and REST, decoded to one form. Prices and volumes are whole
// numbers of 1e-8, read from the digits that were sent. Symbols are the v2 spelling ("BTC/USD").
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/types.hpp"

namespace voltage::venue::kraken {

// 1e-8 USD, or 1e-8 BTC.
struct Fixed8 {
  std::int64_t e8{};
  constexpr auto operator<=>(const Fixed8&) const = default;
  double value() const { return static_cast<double>(e8) / 1e8; }
};

enum class Api : std::uint8_t { v1, v2, rest };
enum class Taker : std::uint8_t { buyer, seller };

struct Status {
  std::string system;  // online, cancel_only, maintenance, post_only, or what comes next
  std::string version;
  std::uint64_t connection_id{};
};
struct Heartbeat {};
struct Pong {};
// The answer to (un)subscribe. `ok` false is final: nothing will ever come, while heartbeats go on.
struct Ack {
  std::string method;  // subscribe or unsubscribe
  std::string channel;
  std::string symbol;
  std::optional<Duration> interval;
  bool ok{};
  std::string error;
};
struct CandleRow {
  std::string symbol;
  Time begin{};
  Duration interval{};
  Fixed8 open{}, high{}, low{}, close{}, vwap{}, volume{};
  std::int64_t trades{};
};
struct Candles {
  bool snapshot{};
  std::vector<CandleRow> rows;
};
struct TradeRow {
  std::string symbol;
  Time at{};
  Fixed8 price{}, qty{};
  Taker taker{};
  bool market_order{};
  std::optional<std::int64_t> id;  // consecutive per pair; v1 has none
};
struct Trades {
  bool snapshot{};
  std::vector<TradeRow> rows;
  std::optional<std::int64_t> cursor_ns;  // REST: `since` of the next page
};
struct TickerRow {
  std::string symbol;
  Fixed8 bid{}, bid_qty{}, ask{}, ask_qty{}, last{};
};
struct Ticker {
  TickerRow row;
};
struct BookLevel {
  Fixed8 price{}, qty{};  // qty 0: the level is gone
};
struct Book {
  std::string symbol;
  bool snapshot{};
  std::vector<BookLevel> bids, asks;
  std::optional<std::uint32_t> checksum;
};
// REST's {"error":[…]} with something in it, and {"Error":"Exceeded msg rate"}.
struct Refusal {
  std::string message;
};
struct ServerTime {
  Time at{};
};
struct Unknown {
  std::string channel;
};

using Message = std::variant<Status, Heartbeat, Pong, Ack, Candles, Trades, Ticker, Book, Refusal, ServerTime, Unknown>;

struct Frame {
  Api api{};
  std::optional<std::int64_t> request;  // req_id or reqid
  Message message;
};

}  // namespace voltage::venue::kraken
