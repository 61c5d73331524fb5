#pragma once
// The account, asked for again and again on a thread of its own, so that our books can be compared with the venue's:
// the first time when a comparison can be made, then every second until one found them equal, then every three, or a
// second after the last where the venue tells a position that is not ours.
// Fills and resting orders go to the gateway, a statement to whoever compares, both by way of the sockets' thread:
// behind what that has told already.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "app/watch/heartbeats.hpp"
#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/account.hpp"
#include "venue/kalshi/fills_asked.hpp"
#include "venue/kalshi/gateway.hpp"
#include "venue/net/loop.hpp"

namespace voltage::app::live {

class AccountWatch {
 public:
  // What was said, or why nothing could be read; from any thread.
  using Say = std::function<void(Result<venue::kalshi::Statement>)>;

  AccountWatch(const venue::Endpoints& endpoints, venue::net::Loop& loop, venue::kalshi::Gateway& gateway,
               watch::Heartbeat& beat, Say say);
  ~AccountWatch() { end(); }  // not before the sockets' thread has ended
  AccountWatch(const AccountWatch&) = delete;
  AccountWatch& operator=(const AccountWatch&) = delete;

  // A comparison can be made from now on: what is held is on the books, and the account's stream lives.
  void comparable();
  void equal();      // the books were found equal
  void look_soon();  // something differs: asked again as soon as the venue allows
  // Cash differs: the next statement says what came or went without a trade since then.
  void look_for_moves(Time since);
  void end();  // waits for the question that is under way

 private:
  void work();
  void ask();
  void compare_published();

  const venue::Endpoints& endpoints_;
  venue::net::Loop& loop_;
  venue::kalshi::Gateway& gateway_;
  watch::Heartbeat& beat_;
  Say say_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool comparable_{false}, equal_{false}, soon_{false}, done_{false};
  std::optional<Time> moves_since_;
  venue::kalshi::FillsAsked fills_asked_;
  std::chrono::steady_clock::time_point specs_due_;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace voltage::app::live
