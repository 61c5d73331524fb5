#pragma once
// Who looks after a run: a thread of its own that serves the page and the metrics, watches the parts' heartbeats,
// fires and clears alerts, pings the outside watcher, writes the structured log and tells systemd that all is
// well. It shares nothing with the core but the board and the heartbeats: a core that hangs is seen, not waited
// for.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/watch/board.hpp"
#include "app/watch/courier.hpp"
#include "app/watch/heartbeats.hpp"
#include "base/result.hpp"

namespace voltage::app::watch {

struct LookoutOptions {
  std::optional<std::uint16_t> port;  // of the page, on loopback; empty: none is served
  std::string data;                   // where journals and the control token lie; empty: nowhere
  std::string read_token{};           // what reading needs; empty: nothing
  std::string log;                    // the structured log, one JSON object a line; empty: none
  HookConfig hooks;
  CourierRules courier{};
  AlertRules alerts{};
  Duration look_every{250'000'000};
  // A part that has been stuck for so long does not come back: `on_hopeless` is called, once. 0: never.
  Duration hopeless{};
  std::function<void(const std::string& part)> on_hopeless;
};

class Lookout {
 public:
  // Fails if the port is taken, the token can't be kept, the log can't be opened or a webhook's URL is none.
  static Result<std::unique_ptr<Lookout>> start(LookoutOptions options);
  ~Lookout();

  Board& board();
  Heartbeats& parts();
  std::uint16_t port() const;        // 0: no page
  const std::string& token() const;  // what a control request must carry

  struct Impl;

 private:
  explicit Lookout(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Ends the process so that systemd starts it anew: what to do about a core that hangs. Nothing is flushed and
// no destructor runs, as they would wait for the very thread that hangs; the journal is made for that.
[[noreturn]] void end_for_a_restart(const std::string& part);

}  // namespace voltage::app::watch
