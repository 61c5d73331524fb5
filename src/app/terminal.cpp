#include "app/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace voltage::app {
namespace {

constexpr std::size_t kLinesMax = 2'000;
constexpr std::chrono::milliseconds kLastWait{500};

// Writes on a thread of its own, which may hang in a write for as long as it likes. Never destroyed: that thread uses
// it to the end of the process.
class Told {
 public:
  static Told& here() {
    static Told* told = new Told;
    if (told->process_ != ::getpid()) told = new Told;  // a forked child has no thread of its parent's
    return *told;
  }
  void add(std::string line) {
    {
      const std::lock_guard lock{mutex_};
      if (lines_.size() >= kLinesMax) {
        ++lost_;
        return;
      }
      lines_.push_back(std::move(line));
    }
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, kLastWait, [&] { return lines_.empty() && !writing_; });
  }

 private:
  Told() {
    std::signal(SIGPIPE, SIG_IGN);
    if (std::fflush(stdout) != 0) std::clearerr(stdout);
    std::thread{[this] { work(); }}.detach();
  }
  void work() {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [&] { return !lines_.empty(); });
      std::string out = std::move(lines_.front()) + "\n";
      lines_.pop_front();
      const bool last = lines_.empty();
      if (last && lost_ > 0) out += fmt::format("({} lines were lost: nobody read them)\n", std::exchange(lost_, 0));
      writing_ = true;
      lock.unlock();
      write_whole(out);
      lock.lock();
      writing_ = false;
      changed_.notify_all();
    }
  }
  static void write_whole(std::string_view out) {
    while (!out.empty()) {
      const auto n = ::write(STDOUT_FILENO, out.data(), out.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;
      out.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::int64_t lost_{0};
  bool writing_{false};
  pid_t process_{::getpid()};
};

}  // namespace

void tell(std::string line) {
  Told::here().add(std::move(line));
}

void tell_out() {
  Told::here().wait();
}

ProgressBar::ProgressBar(std::string what) : what_{std::move(what)}, terminal_{::isatty(STDERR_FILENO) == 1} {}
ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::show(const std::string& step, double done) {
  const int permille = static_cast<int>(1000 * std::clamp(done, 0.0, 1.0));
  if (!terminal_ || permille == last_permille_) return;
  last_permille_ = permille;
  shown_ = true;
  const auto filled = static_cast<std::size_t>(permille) * 30 / 1000;
  fmt::print(stderr, "\r\033[K{} [{}{}] {:5.1f} % {}", what_, std::string(filled, '#'), std::string(30 - filled, '.'),
             permille / 10.0, step);
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace voltage::app
