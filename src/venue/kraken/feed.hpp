#pragma once
// Kraken's BTC/USD for the core: one WebSocket (v2; v1 by option) with trades and candles, one REST client,
// made into contiguous trades, bars and health. Pure: sockets feed it and carry out what it asks for. After
// every cut the missed trades are fetched by REST, id by id, before live ones count again; v1 has no trade
// ids, so there the live tape is a signal that something traded and REST is what the bars are made of.
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <utility>
#include <vector>

#include "event/event.hpp"
#include "venue/kraken/candle_builder.hpp"
#include "venue/kraken/decode.hpp"
#include "venue/stream_supervisor.hpp"

namespace voltage::venue::kraken {

struct FeedRules {
  bool v1{false};
  StreamRules stream{};
  Duration poll_every{10'000'000'000};      // v1: how often REST is asked for trades
  Duration request_spacing{1'100'000'000};  // Kraken's public limit is about one a second
  Duration history{};                       // fetched at the first start
};

namespace out {
struct Connect {
  std::uint64_t generation{};
};
struct Send {
  std::uint64_t generation{};
  std::string text;
};
struct Close {
  std::uint64_t generation{};
};
struct Get {  // answer with rest_answer or rest_failed of the same number
  std::uint64_t request{};
  std::string target;
};
}  // namespace out
using FeedAction = std::variant<out::Connect, out::Send, out::Close, out::Get>;

class Feed {
 public:
  Feed(FeedRules rules, std::uint64_t seed);

  void start(Time now);
  void opened(std::uint64_t generation, Time now);
  void text(std::uint64_t generation, std::string_view frame, Time now);
  void closed(std::uint64_t generation, const std::string& why, Time now);
  void rest_answer(std::uint64_t request, std::string_view body, Time now);
  void rest_failed(std::uint64_t request, const std::string& why, Time now);
  void tick(Time now);

  std::vector<FeedAction> take_actions() { return std::exchange(actions_, {}); }
  std::vector<event::Payload> take_events() { return std::exchange(events_, {}); }
  std::vector<BuiltCandle> take_revisions() { return std::exchange(revisions_, {}); }

  bool healthy() const { return supervisor_.live() && !catching_up_; }
  std::int64_t last_trade_id() const { return last_id_.value_or(0); }
  const StreamSupervisor& supervisor() const { return supervisor_; }
  std::int64_t undecodable() const { return undecodable_; }

 private:
  void act(Time now);
  void subscribe(bool again);
  void on_trades(const Trades& trades, bool live, Time now);
  void accept(const TradeRow& row);
  void request_trades(Time now);
  void drain_waiting();
  void close_bars(Time now);
  void say_health(Time now);

  FeedRules rules_;
  StreamSupervisor supervisor_;
  Decoder decoder_;
  CandleBuilder builder_;
  std::optional<std::int64_t> last_id_;
  std::int64_t cursor_ns_{0};
  Time candle_at_{}, trade_at_{};  // when the stream last gave one
  bool checking_{false};           // REST is asked whether trades are missing
  std::deque<TradeRow> waiting_;   // live trades behind a hole
  bool catching_up_{true};
  std::optional<std::uint64_t> asked_;  // the request under way
  Time ask_at_{};
  Time asked_at_{};
  std::uint64_t requests_{0};
  std::int64_t undecodable_{0};
  std::optional<event::Health> said_;
  std::vector<FeedAction> actions_;
  std::vector<event::Payload> events_;
  std::vector<BuiltCandle> revisions_;
};

}  // namespace voltage::venue::kraken
