#pragma once
// The parts of a process that must not stop: each beats from the very thread that does its work, and whoever
// looks sees how long ago. A part that beats no more is stuck or dead; there is no third way to fall silent.
// Beats are atomic stores; adding and looking take a lock.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/types.hpp"

namespace voltage::app::watch {

struct PartRow {
  std::string name;
  Duration age{};    // since the last beat
  Duration limit{};  // 0: may be silent (not at work)
  std::int64_t restarts{0};
  bool stuck() const { return limit.ns > 0 && age > limit; }
};

class Heartbeat {
 public:
  explicit Heartbeat(std::string name) : name_{std::move(name)} {}

  void beat() { last_.store(clock(), std::memory_order_relaxed); }
  // From now on this part must beat at least so often.
  void expect(Duration limit) {
    beat();
    limit_.store(limit.ns, std::memory_order_relaxed);
  }
  // Done or waiting for work: silence means nothing.
  void rest() { limit_.store(0, std::memory_order_relaxed); }
  void restarted() { restarts_.fetch_add(1, std::memory_order_relaxed); }
  PartRow look() const {
    return {name_, Duration{clock() - last_.load(std::memory_order_relaxed)},
            Duration{limit_.load(std::memory_order_relaxed)}, restarts_.load(std::memory_order_relaxed)};
  }

 private:
  static std::int64_t clock() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  const std::string name_;
  std::atomic<std::int64_t> last_{clock()}, limit_{0}, restarts_{0};
};

class Heartbeats {
 public:
  // The reference lives as long as this.
  Heartbeat& part(const std::string& name) {
    const std::lock_guard lock{mutex_};
    return parts_.emplace_back(name);
  }
  std::vector<PartRow> look() const {
    const std::lock_guard lock{mutex_};
    std::vector<PartRow> rows;
    for (const auto& part : parts_) rows.push_back(part.look());
    return rows;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Heartbeat> parts_;
};

}  // namespace voltage::app::watch
