#pragma once
// The real program as a child process against the virtual venues, for tests that kill it, stop it or watch it live.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "market/pause.hpp"
#include "support/temp_folder.hpp"
#include "venue/clock.hpp"
#include "venue/virtual/venue_server.hpp"

namespace voltage::app::testing {

using namespace literals;

// The next time after which the exchange takes orders for half a day: tests run on Thursdays too.
inline Time outside_pauses(Time t) {
  for (Duration ahead{}; ahead <= 12_h; ahead = ahead + 30_min) {
    if (market::exchange_paused(t + ahead)) return outside_pauses(t + ahead + 30_min);
  }
  return t;
}

// The virtual venues on a thread of their own, at twenty times the speed, with makers who are wrong.
class LiveVenue {
 public:
  // faults: a script of `voltage venue --faults`. bank: money that comes and goes.
  explicit LiveVenue(std::uint64_t seed = 5, const std::string& faults = {},
                     const std::vector<venue::virtual_kalshi::BankMove>& bank = {}) {
    venue::virtual_kalshi::VenueOptions options;
    options.world.seed = seed;
    options.world.bank = bank;
    options.world.start = outside_pauses(venue::wall_now());
    options.world.history = 3_h;
    options.world.volatility_error = 0.6;
    options.world.ladder = {12, 100};
    options.speed = 20;
    options.tier = "premier";
    options.key_folder = folder.path();
    if (auto script = venue::virtual_kalshi::FaultScript::parse(faults)) options.faults = std::move(*script);
    auto started = venue::virtual_kalshi::VenueServer::start(loop_, options);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    server_ = std::move(*started);
    line = folder.write("venue.json", server_->address().json());
    config = folder.write("live.toml", toml("data"));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~LiveVenue() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }
  // A configuration that trades here; `data` is a folder in ours, `strategy` more lines of that table.
  std::string toml(const std::string& data, const std::string& strategy = {}) const {
    return "venue_file = \"" + line + "\"\ncap = \"5000\"\ncalendar = \"none\"\ndata = \"" + folder.path(data) +
           "\"\n"
           R"([kalshi]
series = ["KXBTC15M", "KXBTCD"]
[kraken]
history = "90m"
[strategy]
trust = 0.9
)" + strategy +
           R"([limits]
day_loss = "5000"
drawdown = "10000"
contract_loss = "200"
instant_loss = "500"
)";
  }
  // After stop().
  venue::virtual_kalshi::World& world() { return server_->world(); }

  voltage::testing::TempFolder folder;
  std::string line, config;

 private:
  venue::net::Loop loop_;
  std::unique_ptr<venue::virtual_kalshi::VenueServer> server_;
  std::thread thread_;
};

// `voltage live` for as long as it lives. What it prints is read on the way.
class Trader {
 public:
  Trader(const LiveVenue& venue, const std::string& more) : begun_{std::chrono::steady_clock::now()} {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) return;
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(out[1], 1);
      ::dup2(out[1], 2);
      const std::string command =
          std::string{"exec "} + VOLTAGE_BINARY + " live --live --config " + venue.config + more;
      ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
      std::_Exit(127);
    }
    ::close(out[1]);
    reader_ = std::thread{[this, from = out[0]] {
      std::string line;
      char c = 0;
      while (::read(from, &c, 1) == 1) {
        if (c != '\n') {
          line += c;
          continue;
        }
        const std::lock_guard lock{mutex_};
        said_ += line + "\n";
        // The account's stream is well when the books were found equal to the venue's.
        if (ready_ == std::chrono::steady_clock::time_point{} && line.find("stream 1: healthy") != std::string::npos)
          ready_ = std::chrono::steady_clock::now();
        line.clear();
      }
      ::close(from);
    }};
  }
  ~Trader() { end(SIGKILL); }

  pid_t pid() const { return child_; }
  void send(int signal) const { ::kill(child_, signal); }
  // The exit code, or minus the signal that ended it.
  int end(int signal) {
    if (child_ <= 0) return code_;
    if (signal != 0) send(signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    reader_.join();
    return code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::optional<double> seconds_to_ready() const {
    const std::lock_guard lock{mutex_};
    if (ready_ == std::chrono::steady_clock::time_point{}) return std::nullopt;
    return std::chrono::duration<double>(ready_ - begun_).count();
  }
  bool wait_ready(Duration at_most) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds{at_most.ns};
    while (!seconds_to_ready() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    return seconds_to_ready().has_value();
  }
  std::string said() const {
    const std::lock_guard lock{mutex_};
    return said_;
  }

 private:
  pid_t child_{-1};
  int code_{-1};
  std::chrono::steady_clock::time_point begun_, ready_{};
  mutable std::mutex mutex_;
  std::string said_;
  std::thread reader_;
};

}  // namespace voltage::app::testing
