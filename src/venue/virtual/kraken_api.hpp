#pragma once
// The virtual Kraken: public REST (OHLC, Trades, Time, SystemStatus, AssetPairs, Ticker, Depth) and
// WebSocket v1 and v2 (ohlc, trade, ticker, heartbeat, status, ping). One pair: BTC/USD.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/json_writer.hpp"
#include "venue/json.hpp"
#include "venue/net/http.hpp"
#include "venue/virtual/kraken_tape.hpp"

namespace voltage::venue::virtual_kraken {

// Always 200, errors in the body, as Kraken does it.
net::Response rest(const Tape& tape, const net::Request& request, Time now);

enum class Version : std::uint8_t { v1, v2 };

class KrakenSession {
 public:
  KrakenSession(const Tape& tape, Version version, Time now, std::uint64_t connection_id);

  void on_text(std::string_view text, Time now);
  // New trades since the last call, heartbeats; call it as time goes.
  void on_time(Time now);
  std::vector<std::string> take_frames() { return std::exchange(frames_, {}); }

 private:
  struct Subscription {
    std::string channel;  // ohlc, trade, ticker
    std::int64_t interval{0};
    auto operator<=>(const Subscription&) const = default;
  };

  void command_v2(JsonValue root, Time now);
  void command_v1(JsonValue root, Time now);
  void subscribe_v2(JsonValue params, const std::string& method, const std::string& request, Time now);
  void send_candle(const Subscription& s, const Candle& c, Time now);
  void send_candle_snapshot(const Subscription& s, Time now);
  void send_trades(std::size_t from, std::size_t to);
  void send_ticker();
  void send(std::string text, Time now);

  const Tape& tape_;
  Version version_;
  std::map<Subscription, bool> subscriptions_;
  std::size_t seen_;  // trades
  Time last_sent_{};
  Time now_{};
  std::vector<std::string> frames_;
  JsonDocument document_;
};

}  // namespace voltage::venue::virtual_kraken
