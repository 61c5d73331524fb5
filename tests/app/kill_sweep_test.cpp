// The real process against the virtual venue, killed without a word again and again. VOLTAGE_FULL=1: 200 times.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "support/full.hpp"
#include "support/temp_folder.hpp"
#include "venue/clock.hpp"
#include "venue/kalshi/account.hpp"
#include "venue/virtual/venue_server.hpp"

namespace voltage {
namespace {

using namespace literals;
using Clock = std::chrono::steady_clock;
namespace vk = venue::virtual_kalshi;

// The virtual venues on a thread of their own, at twenty times the speed, with makers who are wrong.
class Venue {
 public:
  Venue() {
    vk::VenueOptions options;
    options.world.seed = 5;
    options.world.start = venue::wall_now();
    options.world.history = 3_h;
    options.world.volatility_error = 0.6;
    options.world.ladder = {12, 100};
    options.speed = 20;
    options.tier = "premier";
    options.key_folder = folder.path();
    auto started = vk::VenueServer::start(loop_, options);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    server_ = std::move(*started);
    line = folder.write("venue.json", server_->address().json());
    config =
        folder.write("live.toml", "venue_file = \"" + line + "\"\ncap = \"5000\"\ndata = \"" + folder.path("data") +
                                      "\"\n"
                                      R"([kalshi]
series = ["KXBTC15M", "KXBTCD"]
[kraken]
history = "90m"
[strategy]
trust = 0.9
[limits]
day_loss = "5000"
drawdown = "10000"
contract_loss = "200"
instant_loss = "500"
)");
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~Venue() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }
  // After stop().
  vk::World& world() { return server_->world(); }

  voltage::testing::TempFolder folder;
  std::string line, config;

 private:
  venue::net::Loop loop_;
  std::unique_ptr<vk::VenueServer> server_;
  std::thread thread_;
};

// `voltage live` for as long as it lives. What it prints is read on the way.
class Trader {
 public:
  Trader(const Venue& venue, const std::string& more) : begun_{Clock::now()} {
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
        if (ready_ == Clock::time_point{} && line.find("stream 1: healthy") != std::string::npos) ready_ = Clock::now();
        line.clear();
      }
      ::close(from);
    }};
  }
  ~Trader() { end(SIGKILL); }

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
    if (ready_ == Clock::time_point{}) return std::nullopt;
    return std::chrono::duration<double>(ready_ - begun_).count();
  }
  bool wait_ready(Duration at_most) const {
    const auto until = Clock::now() + std::chrono::nanoseconds{at_most.ns};
    while (!seconds_to_ready() && Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    return seconds_to_ready().has_value();
  }
  std::string said() const {
    const std::lock_guard lock{mutex_};
    return said_;
  }

 private:
  pid_t child_{-1};
  int code_{-1};
  Clock::time_point begun_, ready_{};
  mutable std::mutex mutex_;
  std::string said_;
  std::thread reader_;
};

TEST(KillSweep, a_killed_process_comes_back_with_the_venues_books) {
  Venue venue;
  Rng rng{9};
  std::vector<double> ready;
  const std::int64_t kills = tests::cases(4, 200);
  for (std::int64_t i = 0; i < kills; ++i) {
    Trader trader{venue, " --for 600s"};
    ASSERT_TRUE(trader.wait_ready(60_s)) << "kill " << i << "\n" << trader.said();
    ready.push_back(*trader.seconds_to_ready());
    // Anywhere: while it starts to trade, between an order and its answer, between a fill and its record.
    std::this_thread::sleep_for(std::chrono::microseconds{static_cast<std::int64_t>(rng.uniform(0, 2.5e6))});
    ASSERT_EQ(trader.end(SIGKILL), -SIGKILL);
  }
  Trader last{venue, " --for 6s --json"};
  const int code = last.end(0);
  EXPECT_EQ(code, 0) << "its books are not the venue's\n" << last.said();

  venue.stop();
  const auto& exchange = venue.world().exchange();
  const auto& account = exchange.account(venue.world().account());
  EXPECT_GT(account.fills.size(), 0U) << "nothing was traded: nothing was shown";
  EXPECT_TRUE(account.resting.empty());
  std::set<std::uint64_t> trades;
  for (const auto& fill : account.fills) EXPECT_TRUE(trades.insert(fill.trade_id).second) << "traded with itself";
  // One order of the venue for each id of ours: nothing was sent twice under two names.
  EXPECT_EQ(account.by_client_id.size(), account.orders.size());
  std::sort(ready.begin(), ready.end());
  std::printf("%zu kills, %zu orders, %zu fills; ready and reconciled after %.2f s at the median, %.2f s at most\n",
              ready.size(), account.orders.size(), account.fills.size(), ready[ready.size() / 2], ready.back());
  EXPECT_LT(ready.front(), 2.0) << "the least busy start of this machine took longer than two seconds";
}

TEST(KillSweep, a_stopped_process_rests_nothing_at_the_venue) {
  Venue venue;
  Trader trader{venue, " --for 600s"};
  ASSERT_TRUE(trader.wait_ready(60_s)) << trader.said();
  std::this_thread::sleep_for(std::chrono::seconds{2});
  trader.send(SIGSTOP);
  // What was under way arrives; then nothing of the process may stand at the venue.
  std::this_thread::sleep_for(std::chrono::seconds{1});
  venue::Endpoints endpoints;
  ASSERT_TRUE(venue::read_endpoints(venue.line, endpoints));
  auto account = venue::kalshi::Account::make(endpoints);
  ASSERT_TRUE(account);
  const auto resting = (*account)->resting_orders();
  ASSERT_TRUE(resting) << resting.error().message;
  EXPECT_TRUE(resting->empty());
  trader.send(SIGCONT);
}

}  // namespace
}  // namespace voltage
