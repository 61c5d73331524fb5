#pragma once
// What other threads hand to the core's, in the order in which it came. The sockets never wait for a decision. A core
// that has hung while `most` things came will not decide on anything true again: `full` is called, and must end it.
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/types.hpp"

namespace voltage::app::live {

template <class Item>
class Inbox {
 public:
  Inbox(std::size_t most, std::function<void()> full) : most_{most}, full_{std::move(full)} {}
  void push(Item item) {
    bool full = false;
    {
      const std::lock_guard lock{mutex_};
      full = items_.size() >= most_;
      if (!full) items_.push_back(std::move(item));
    }
    if (full) return full_();
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
  std::size_t most_;
  std::function<void()> full_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> items_;
};

}  // namespace voltage::app::live
