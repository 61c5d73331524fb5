#pragma once
// The two feeds on real sockets: what src/venue/kalshi/feed.hpp and src/venue/kraken/feed.hpp ask for is done
// here, what they make of it goes to the callbacks on the loop's thread, in the order in which it came. Times
// are those of the venue's clock (endpoints.clock).
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/frame.hpp"
#include "venue/kraken/minute_fill.hpp"
#include "venue/net/loop.hpp"

namespace voltage::venue {

struct LiveRules {
  std::vector<std::string> series{"KXBTC15M"};
  bool kraken_v1{false};
  Duration history{};  // of Kraken's trades, before the start
  // Markets besides those of the series: where something is held. Followed until they settle, also after their close.
  std::vector<std::string> tickers{};
  // Of each series, as the venue says them; of one that is not here the published schedule is taken.
  std::map<std::string, market::FeeTerms> fees{};
  bool index{true};  // false: Kalshi's settlement index is not read
};

class LiveFeeds {
 public:
  using Sink = std::function<void(Time, event::Payload)>;
  // Of the account, as the private streams tell it; whose orders they are is for the caller to know.
  struct PrivateSink {
    std::function<void(const kalshi::Fill&)> fill;
    std::function<void(const kalshi::Order&)> order;
    std::function<void(const kalshi::Position&)> position;
  };

  // Fails on a bad URL or key; connects when start() is called.
  static Result<std::unique_ptr<LiveFeeds>> make(net::Loop& loop, const Endpoints& endpoints, const LiveRules& rules,
                                                 Sink sink, PrivateSink private_sink = {});
  ~LiveFeeds();
  // How far Kraken's past is filled in, on the loop's thread. Before start().
  void on_filling(std::function<void(const kraken::Filling&)> sink);
  void start();

  struct Counts {
    std::int64_t connections_kalshi{0}, connections_kraken{0}, gaps{0}, undecodable{0};
    std::size_t books{0};
  };
  Counts counts() const;

  struct Impl;

 private:
  explicit LiveFeeds(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace voltage::venue
