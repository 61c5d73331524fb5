#pragma once
// The two feeds on real sockets: what src/venue/kalshi/feed.hpp and src/venue/kraken/feed.hpp ask for is done
// here, what they make of it goes to one callback on the loop's thread, in the order in which it came. Times
// are the wall clock's.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"
#include "venue/endpoints.hpp"
#include "venue/net/loop.hpp"

namespace voltage::venue {

struct LiveRules {
  std::vector<std::string> series{"KXBTC15M"};
  bool kraken_v1{false};
  Duration history{};  // of Kraken's trades, before the start
};

class LiveFeeds {
 public:
  using Sink = std::function<void(Time, event::Payload)>;

  // Fails on a bad URL or key; connects when start() is called.
  static Result<std::unique_ptr<LiveFeeds>> make(net::Loop& loop, const Endpoints& endpoints, const LiveRules& rules,
                                                 Sink sink);
  ~LiveFeeds();
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

Time wall_now();

}  // namespace voltage::venue
