#pragma once
// Kraken's BTC/USD for the core: one WebSocket (v2; v1 by option) with trades, candles and the best bid and
// ask, one REST client, made into contiguous trades, bars and health. Pure: sockets feed it and carry out what
// it asks for. A cold start takes its week of bars from /OHLC, and while it runs makes the minutes of that week
// anew of trades (minute_fill.hpp), as bars of the past; after every cut the missed trades are fetched by
// REST, id by id, before live ones count again; v1 has no trade ids, so there the live tape is a signal that
// something traded and REST is what the bars are made of. Every five minutes our bars are held against the
// venue's (bar_audit.hpp); while they are in doubt the stream is not healthy.
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "event/event.hpp"
#include "venue/feed_action.hpp"
#include "venue/kraken/bar_audit.hpp"
#include "venue/kraken/candle_builder.hpp"
#include "venue/kraken/cold_start.hpp"
#include "venue/kraken/decode.hpp"
#include "venue/kraken/minute_fill.hpp"
#include "venue/schema_watch.hpp"
#include "venue/stream_supervisor.hpp"

namespace voltage::venue::kraken {

struct FeedRules {
  bool v1{false};
  StreamRules stream{};
  Duration poll_every{10'000'000'000};      // v1: how often REST is asked for trades
  Duration request_spacing{1'100'000'000};  // Kraken's public limit is about one a second
  Duration history{};                       // of trades, fetched at the first start
  bool cold_start{true};                    // the week before them from /OHLC
  bool fill{true};                          // and its minutes from trades, when nothing else is to be asked
};

namespace out = venue::out;

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
  // How far the past is filled in, where that has changed.
  std::optional<Filling> take_filling() { return std::exchange(filling_, std::nullopt); }

  bool healthy() const { return supervisor_.live() && !catching_up_ && !recheck_; }
  std::int64_t last_trade_id() const { return last_id_.value_or(0); }
  const StreamSupervisor& supervisor() const { return supervisor_; }
  // What the venue has changed in its format; empty: nothing. From then on no stream of it is healthy.
  const std::string& schema_changed() const { return schema_.changed(); }
  const SchemaWatch& schema() const { return schema_; }
  std::int64_t undecodable() const { return undecodable_; }
  std::int64_t differences() const { return differences_; }  // five minutes that were not the venue's
  std::int64_t corrected() const { return corrected_; }      // bars that were ours to mend

 private:
  enum class Ask : std::uint8_t { trades, history, recheck, fill };
  struct Asked {
    std::uint64_t number{};
    Ask what{};
    Time at{};
  };

  void act(Time now);
  void subscribe(bool again);
  void on_candles(const Candles& candles, Time now);
  void on_trades(const Trades& trades, bool live, Time now);
  void on_ticker(const TickerRow& row, Time now);
  void accept(const TradeRow& row);
  void drain_waiting();
  void request(Time now);
  void answered_trades(const Trades& trades, Time asked_at, Time now);
  void answered_history(const Message& message);
  void answered_recheck(const Message& message, Time now);
  void answered_fill(const Message& message, Time now);
  void history_failed();
  void history_done();
  void give_bars();
  void close_bars(Time now);
  void audit(Time now);
  void say_health();
  std::string why_not() const;

  FeedRules rules_;
  StreamSupervisor supervisor_;
  SchemaWatch schema_;
  bool schema_told_{false};
  Decoder decoder_;
  CandleBuilder builder_;
  BarAudit audit_;
  std::optional<Recheck> recheck_;
  std::optional<ColdStart> history_;
  int history_failures_{0};
  std::optional<std::pair<Time, Time>> to_fill_;  // until the fill begins: its span
  std::optional<MinuteFill> fill_;
  std::optional<Filling> filling_;
  std::optional<std::int64_t> first_id_, last_id_;
  std::int64_t cursor_ns_{0};
  Time candle_at_{}, trade_at_{};  // when the stream last gave one
  bool echo_{false};               // v1: the first candle of a subscription is the last one known, however old
  bool checking_{false};           // REST is asked whether trades are missing
  std::deque<TradeRow> waiting_;   // live trades behind a hole
  bool catching_up_{true};
  double middle_{0};  // of the best bid and ask last told
  std::optional<Asked> asked_;
  Time ask_at_{};   // not before: the rate limit
  Time poll_at_{};  // v1: the next look for trades
  std::uint64_t requests_{0};
  std::int64_t undecodable_{0}, differences_{0}, corrected_{0};
  std::optional<event::Health> said_;
  std::vector<FeedAction> actions_;
  std::vector<event::Payload> events_;
  std::vector<BuiltCandle> revisions_;
};

}  // namespace voltage::venue::kraken
