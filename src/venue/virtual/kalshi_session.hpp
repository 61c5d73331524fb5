#pragma once
// One client's WebSocket on the virtual Kalshi: commands in, frames out. Sids start at 1 on each
// connection and each subscription counts its own sequence, acks included, as on the real venue.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/json_writer.hpp"
#include "venue/json.hpp"
#include "venue/virtual/world.hpp"

namespace voltage::venue::virtual_kalshi {

class KalshiSession {
 public:
  KalshiSession(const World& world, AccountIndex account) : world_{world}, account_{account} {}

  void on_text(std::string_view text);
  void on_notice(const Stamped& notice);
  void on_index(const IndexSecond& second);
  // The reader is too slow: every subscription ends with error 25.
  void overflow();
  // Call after each batch of notices: the tickers that moved go out, one each.
  void flush();

  // Frames to send, in order.
  std::vector<std::string> take_frames() { return std::exchange(frames_, {}); }

 private:
  struct Subscription {
    std::string channel;
    std::int64_t seq{0};
    bool all_markets{false};
    std::set<MarketIndex> markets;
    bool use_yes_price{false};
    std::set<std::string> index_ids;
    bool sequenced() const {
      return channel != "ticker" && channel != "fill" && channel != "user_orders" && channel != "market_positions";
    }
    bool wants(MarketIndex m) const { return all_markets || markets.contains(m); }
  };
  struct Command;

  void subscribe(Command& c);
  void unsubscribe(Command& c);
  void update(Command& c);
  void list(Command& c);
  void change_markets(Command& c, std::int64_t sid, Subscription& s, std::string_view action);
  std::optional<std::vector<MarketIndex>> markets_of(Command& c, bool required);
  void snapshot(std::int64_t sid, Subscription& s, MarketIndex m, std::optional<std::int64_t> id);
  void ok(Command& c, std::int64_t sid, Subscription& s);
  void error(const Command& c, int code, std::string_view message);
  void ticker(std::int64_t sid, MarketIndex m);
  void book_change(std::int64_t sid, Subscription& s, const BookChange& change, Time at);
  void lifecycle(std::int64_t sid, Subscription& s, const LifecycleNotice& notice);

  // {"type":…,"sid":…,"seq":…,"msg":{ … the caller goes on and ends both objects.
  io::JsonWriter begin(std::string_view type, std::int64_t sid, Subscription* s, std::optional<std::int64_t> id = {});
  void send(io::JsonWriter& w);
  template <class F>
  void each(std::string_view channel, F&& f) {
    for (auto& [sid, s] : subscriptions_) {
      if (s.channel == channel) f(sid, s);
    }
  }

  const World& world_;
  bool owns(AccountIndex a) const { return a >= account_; }  // the member's primary and its subaccounts
  AccountIndex account_;
  std::int64_t last_sid_{0};
  std::map<std::int64_t, Subscription> subscriptions_;
  std::set<MarketIndex> moved_;
  std::vector<std::string> frames_;
  JsonDocument document_;
};

}  // namespace voltage::venue::virtual_kalshi
