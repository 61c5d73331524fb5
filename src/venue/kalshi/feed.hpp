#pragma once
// Kalshi for the core: one WebSocket with books, trades, tickers, lifecycle, the settlement index and our own
// orders, one REST client for what is listed and how it settled. Pure: sockets feed it and carry out what it
// asks for. A book is vouched for only while every sequence number of its subscription came in order: one
// hole loses all of them, and each comes back with a snapshot: asked for by get_snapshot, else by leaving the market
// and joining it again, else by a new subscription, else by a new connection. A market whose subscription is refused is
// subscribed again later, alone.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "event/event.hpp"
#include "venue/feed_action.hpp"
#include "venue/kalshi/decode.hpp"
#include "venue/kalshi/rest.hpp"
#include "venue/schema_watch.hpp"
#include "venue/stream_supervisor.hpp"

namespace voltage::venue::kalshi {

struct FeedRules {
  std::vector<std::string> series{"KXBTC15M"};
  std::vector<std::string> tickers{};  // markets besides, followed until they settle, also after their close
  StreamRules stream{};
  bool index{true};  // false: an account that may not read it; books and trades then prove that the stream lives
  Duration transport_timeout{25'000'000'000};  // the venue pings every ten seconds
  Duration index_timeout{9'000'000'000};       // the index comes every second: a half-open socket is found in ten
  Duration index_stale{3'000'000'000};
  Duration discover_every{15'000'000'000};
  Duration settle_poll{5'000'000'000};
  Duration amend_poll{60'000'000'000};       // of an outcome that is not final yet,
  Duration amend_until{86'400'000'000'000};  // for so long after the close
  Duration status_every{5'000'000'000};      // which shards of the exchange pause: no stream tells
  Duration fees_every{30'000'000'000};       // what the fees are now: no stream tells those of a series
  Duration snapshot_timeout{2'500'000'000};  // for each of the four ways to a lost book
  Duration crossed_max{2'000'000'000};       // real books are crossed for milliseconds
  Duration age_alarm{1'000'000'000};         // a frame older than this when it comes: the stream is stale
  Duration age_limit{5'000'000'000};         // older than this: the connection goes
  market::FeeTerms fees{};                   // where the series is not among these:
  std::map<std::string, market::FeeTerms> fees_of_series{};  // as the venue says them
};

namespace out = venue::out;

class Feed {
 public:
  Feed(FeedRules rules, std::uint64_t seed);

  void start(Time now);
  void opened(std::uint64_t generation, Time now);
  void text(std::uint64_t generation, std::string_view frame, Time now);
  void pinged(std::uint64_t generation, Time now) { supervisor_.heard(generation, now); }
  void closed(std::uint64_t generation, const std::string& why, Time now);
  void rest_answer(std::uint64_t request, int status, std::string_view body, Time now);
  void rest_failed(std::uint64_t request);
  void tick(Time now);

  std::vector<FeedAction> take_actions() { return std::exchange(actions_, {}); }
  std::vector<event::Payload> take_events() { return std::exchange(events_, {}); }
  std::vector<Fill> take_fills() { return std::exchange(fills_, {}); }
  std::vector<Position> take_positions() { return std::exchange(positions_, {}); }
  std::vector<Order> take_orders() { return std::exchange(orders_, {}); }

  const StreamSupervisor& supervisor() const { return supervisor_; }
  const Counts& counts() const { return decoder_.counts(); }
  std::int64_t gaps() const { return gaps_; }
  std::int64_t undecodable() const { return undecodable_; }
  // What the venue has changed in its format; empty: nothing. From then on no stream of it is healthy.
  const std::string& schema_changed() const { return schema_.changed(); }
  const SchemaWatch& schema() const { return schema_; }
  // Books that are vouched for now.
  std::size_t valid_books() const;
  // Markets of which more may be heard: all that were seen, less those whose outcome is final.
  std::size_t followed() const { return tracked_.size(); }

 private:
  enum class Way : std::uint8_t { subscribed, asked, rejoined, subscribed_anew };
  struct Tracked {
    market::Contract contract;
    std::map<Price, Qty> bids, asks;
    bool valid{false};
    bool settled{false};
    MarketResult result{};  // once settled
    Time look_again_at{};   // an outcome may be amended until it is final
    bool final{false};
    std::optional<Time> crossed_since;
    std::optional<Time> awaiting;  // a snapshot, since then
    Way way{Way::subscribed};      // by which it is awaited
    Time refused_at{};             // the last subscription that was
  };
  struct Subscription {
    std::string channel;
    std::optional<std::int64_t> last_seq;
  };

  void act(Time now);
  void subscribe();
  void subscribe_new(Time now);
  void subscribe_to(const std::vector<std::string>& tickers);
  void subscribe_anew(Time now);
  void refused(const Refusal& refusal, std::optional<std::int64_t> command, Time now);
  void wait_for_snapshots(Time now);
  void change_books(const char* action, const std::vector<std::string>& tickers);
  void on_result(Tracked& t, const Market& m, Time now);
  void ask_results(Time now);
  void forget_final(Time now);
  bool by_name(const std::string& ticker) const;
  bool follow(const Frame& frame, Time now);
  void dispatch(const Frame& frame, Time now);
  void on_snapshot(const BookSnapshot& m);
  void on_delta(const BookDelta& m, Time now);
  void on_fees(const FeeUpdate& m, Time now);
  void ask_fees(Time now);
  struct Asked {
    enum class For : std::uint8_t { markets, status, series_fees, fee_schedule, event_fees } what{For::markets};
    std::string series{};  // of which the fees are asked
    Time at{};
    std::string target{};
  };
  void on_series_fees(const Asked& asked, std::string_view body);
  void on_fee_schedule(const Asked& asked, std::string_view body);
  void on_event_fees(const Asked& asked, std::string_view body);
  void charge_scheduled(Time now);
  void apply_fees();
  market::FeeTerms fees_of(const std::string& event, std::string_view series) const;
  void on_lifecycle(const Lifecycle& m);
  void on_market(const Market& m, Time now);
  void lose(Tracked& t, const std::string& why, Time now);
  void lose_all(const std::string& why, Time now);
  void ask_snapshots(Time now);
  void send(std::string text) { actions_.push_back(out::Send{supervisor_.generation(), std::move(text)}); }
  void get(std::string target) { get(std::move(target), Asked{}); }
  void get(std::string target, Asked asked);
  void on_status(std::string_view body);
  void on_markets(std::string_view body, Time now);
  std::string why_books_are_stale() const;
  void say_health(Time now);
  Tracked* find(const std::string& ticker);

  FeedRules rules_;
  StreamSupervisor supervisor_;
  SchemaWatch schema_;
  Decoder decoder_{NoPrices::yes_axis};
  JsonDocument document_;
  Counts rest_counts_;
  std::map<std::string, Tracked> tracked_;
  std::uint32_t next_contract_{0};                      // dense from 0: the core keeps arrays
  std::map<std::int64_t, Subscription> subscriptions_;  // by sid, of this connection
  std::set<std::string> subscribed_;
  std::map<std::int64_t, std::vector<std::string>> subscribing_;  // by command: its tickers
  std::int64_t commands_{0};
  std::uint64_t requests_{0};
  std::map<std::uint64_t, Asked> pending_;
  Time discover_at_{}, settle_at_{}, event_fees_at_{}, status_at_{};
  std::optional<Time> series_fees_at_;
  std::optional<Time> index_at_;
  std::string stale_;              // why the frames' times are not to be believed
  std::set<std::int64_t> paused_;  // shards
  bool schema_told_{false};
  std::map<event::Stream, event::Health> said_;
  std::int64_t gaps_{0}, undecodable_{0};
  std::vector<FeedAction> actions_;
  std::vector<event::Payload> events_;
  std::vector<Fill> fills_;
  std::map<std::string, FeeUpdate, std::less<>> fee_overrides_;         // by event
  std::map<std::string, Time, std::less<>> fees_told_at_;               // by event, by the stream
  std::map<std::string, std::map<Time, market::FeeTerms>> fees_ahead_;  // by series: what is announced
  std::map<std::string, Time> fees_charged_at_;                         // by series: when the last of them began
  std::vector<Order> orders_;
  std::vector<Position> positions_;
};

}  // namespace voltage::venue::kalshi
