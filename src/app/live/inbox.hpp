#pragma once
// What other threads hand to the core's, in the order in which it came. The sockets never wait for a decision.
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "base/types.hpp"

namespace voltage::app::live {

template <class Item>
class Inbox {
 public:
  void push(Item item) {
    {
      const std::lock_guard lock{mutex_};
      items_.push_back(std::move(item));
    }
    wake_.notify_one();
  }
  // All that is there; waits at most so long for the first.
  void take(std::vector<Item>& out, Duration at_most) {
    out.clear();
    // The room that one late moment took is given back.
    if (out.capacity() > kKept) std::vector<Item>{}.swap(out);
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, std::chrono::nanoseconds{at_most.ns}, [this] { return !items_.empty(); });
    items_.swap(out);
  }

 private:
  static constexpr std::size_t kKept = 512;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> items_;
};

}  // namespace voltage::app::live
