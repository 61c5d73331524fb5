#pragma once
// One thread's event loop: sockets and timers call back on it, one at a time, so that nothing behind it
// needs a lock. Only post() and stop() may be called from another thread.
#include <functional>
#include <memory>

#include "base/types.hpp"

namespace voltage::venue::net {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();  // until stop()
  void stop();
  void post(std::function<void()> f);
  // Calls f after the time, once, or again and again. The timer lives as long as the loop.
  void after(Duration d, std::function<void()> f);
  void every(Duration d, std::function<void()> f);
  // The first SIGINT or SIGTERM calls f; a second one ends the process.
  void on_signal(std::function<void()> f);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace voltage::venue::net
