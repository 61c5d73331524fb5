#pragma once
// Carries messages to the webhooks and the ping to the outside watcher, on a loop's thread. A message that no
// hook takes is tried again, later and later, until one does; each hook is tried by itself, so that one dead
// service does not silence the others. Not thread-safe: everything on the loop's thread.
#include <functional>
#include <memory>
#include <optional>

#include "app/watch/webhooks.hpp"
#include "venue/net/loop.hpp"

namespace voltage::app::watch {

struct CourierRules {
  Duration timeout{10'000'000'000};
  Duration retry_first{5'000'000'000};  // doubles, up to retry_max
  Duration retry_max{600'000'000'000};
  Duration ping_every{60'000'000'000};
  Duration test_every{86'400'000'000'000};
};

class Courier {
 public:
  // Fails on a URL that can't be used. `say` gets a line for the log; it never holds a URL.
  static Result<std::unique_ptr<Courier>> make(venue::net::Loop& loop, const HookConfig& config, CourierRules rules,
                                               std::function<void(const std::string&)> say);
  ~Courier();

  void send(const AlertMessage& message);
  // Sends what is due: retries, the ping (its /fail when not `well`), the daily test.
  void tick(Duration now, bool well);

  std::int64_t sent() const;
  std::int64_t failures() const;
  std::int64_t pings() const;
  std::int64_t ping_failures() const;
  double since_ping(Duration now) const;       // seconds since one was taken, or since the start; -1: none is set up
  double since_self_test(Duration now) const;  // likewise

  struct Impl;

 private:
  explicit Courier(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace voltage::app::watch
