// The guard as it will run: real processes, real sockets, real signals, against the virtual Kalshi. A trader with
// quotes resting is stopped, killed or hung; the venue itself is asked when the last of them was gone. A person's
// order on the same account must survive all of it. VOLTAGE_FULL=1: a hundred times each.
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "guard/processes.hpp"
#include "io/latch.hpp"
#include "io/pulse.hpp"
#include "support/full.hpp"

namespace voltage {
namespace {

using testing::Child;
using testing::Eyes;
using testing::TempFolder;
using testing::TestVenue;
using testing::Wire;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

void nap() {
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
}

std::string guard_config(const TempFolder& folder, const std::string& more = {}) {
  return folder.write("voltage.toml",
                      "[guard]\ncontrol = \"" + folder.path("control") + "\"\nstalls_an_hour = 0\n" + more);
}

std::unique_ptr<Child> start_guard(const TempFolder& folder, const std::string& venue, const std::string& more = {}) {
  return std::make_unique<Child>(
      std::vector<std::string>{VOLTAGE_BINARY, "guard", "--config", guard_config(folder, more), "--venue", venue});
}

// A trader whose four quotes rest.
std::unique_ptr<Child> start_trader(const TempFolder& folder, const std::string& venue) {
  auto trader = std::make_unique<Child>(std::vector<std::string>{GUARD_TRADER, venue, folder.path("control")});
  EXPECT_EQ(trader->line(), "resting");
  return trader;
}

// Seconds until the venue lists none of ours, looked at from outside; more than `patience`: it still did then.
double empty_after(Eyes& eyes, Clock::time_point from, double patience) {
  while (since(from) <= patience) {
    const auto seen = eyes.orders();
    if (seen.listed && seen.ours.empty()) return since(from);
    nap();
  }
  return since(from);
}

struct Trial {
  double seconds{};
  bool foreign_there{}, stays_empty{};
};

// What is done to the trader, and how long the venue may still hold its quotes.
Trial attack(TestVenue& venue, Eyes& eyes, const TempFolder& folder, const std::string& person, double patience,
             const std::function<void(Child& trader)>& blow, const std::string& through) {
  auto trader = start_trader(folder, through);
  const auto before = eyes.orders();
  EXPECT_EQ(before.ours.size(), 4U);
  if (before.ours.empty()) return {};
  EXPECT_TRUE(eyes.place_foreign(person, static_cast<int>(before.ours[0].exchange_index.value_or(0)), before.ours[0].ticker));
  // The guard is calm while the trader beats: two seconds, and the quotes still rest.
  for (const auto from = Clock::now(); since(from) < 2;) nap();
  EXPECT_EQ(eyes.orders().ours.size(), 4U) << "the guard took the quotes of a healthy trader";
  const auto from = Clock::now();
  blow(*trader);
  Trial trial;
  trial.seconds = empty_after(eyes, from, patience + 5);
  for (const auto then = Clock::now(); since(then) < 1;) nap();
  const auto after = eyes.orders();
  trial.stays_empty = after.listed && after.ours.empty();
  for (const auto& o : after.foreign) trial.foreign_there |= o.client_order_id == person;
  static_cast<void>(venue);
  return trial;
}

struct Tally {
  std::mutex mutex;
  int trials{0}, in_time{0}, foreign_there{0}, stayed_empty{0};
  double slowest{0};
  void add(const Trial& t, double limit) {
    const std::lock_guard lock{mutex};
    ++trials;
    in_time += t.seconds <= limit;
    foreign_there += t.foreign_there;
    stayed_empty += t.stays_empty;
    slowest = std::max(slowest, t.seconds);
  }
  void expect_all(const char* what, double limit) const {
    std::printf("%s: empty within %.0f s %d of %d, slowest %.1f s; stayed empty %d; the person's order there %d\n",
                what, limit, in_time, trials, slowest, stayed_empty, foreign_there);
    EXPECT_EQ(in_time, trials) << what;
    EXPECT_EQ(stayed_empty, trials) << what;
    EXPECT_EQ(foreign_there, trials) << what;
  }
};

// Runs trial(lane, i) for i in [0, n) on a few lanes side by side: most of a trial is waiting.
void on_lanes(std::int64_t n, std::int64_t lanes,
              const std::function<void(std::int64_t from, std::int64_t step)>& lane) {
  std::vector<std::thread> threads;
  for (std::int64_t i = 0; i < std::min(n, lanes); ++i) threads.emplace_back(lane, i, std::min(n, lanes));
  for (auto& t : threads) t.join();
}

void guard_against(const char* what, const std::function<void(Child&)>& blow) {
  const std::int64_t n = tests::cases(1, 100);
  Tally tally;
  on_lanes(n, 5, [&](std::int64_t first, std::int64_t step) {
    TestVenue venue{"--seed " + std::to_string(first + 1)};
    Eyes eyes{venue};
    TempFolder folder;
    const auto guard = start_guard(folder, venue.file());
    for (std::int64_t i = first; i < n; i += step)
      tally.add(attack(venue, eyes, folder, "person-" + std::to_string(i), 10, blow, venue.file()), 10);
  });
  tally.expect_all(what, 10);
}

TEST(Guard, takes_the_quotes_of_a_stopped_trader_off_the_venue) {
  guard_against("SIGSTOP", [](Child& trader) { trader.signal(SIGSTOP); });
}
TEST(Guard, takes_the_quotes_of_a_killed_trader_off_the_venue) {
  guard_against("SIGKILL", [](Child& trader) { trader.kill_and_wait(); });
}
TEST(Guard, takes_the_quotes_of_a_hung_trader_off_the_venue_though_its_other_threads_live) {
  guard_against("endless loop", [](Child& trader) { trader.signal(SIGUSR1); });
}

// Every second time trader and guard are killed as well; else they live on, and the wire alone is cut.
TEST(Guard, the_venue_empties_itself_when_nobody_is_left_to_cancel) {
  const std::int64_t n = tests::cases(2, 100);
  Tally tally;
  on_lanes(n, 10, [&](std::int64_t first, std::int64_t step) {
    TestVenue venue{"--seed " + std::to_string(first + 50)};
    Eyes eyes{venue};
    for (std::int64_t i = first; i < n; i += step) {
      TempFolder folder;
      Wire wire{venue.port()};
      const std::string through = venue.file_through(wire);
      auto guard = start_guard(folder, through);
      tally.add(attack(
                    venue, eyes, folder, "person-" + std::to_string(i), 30,
                    [&](Child& trader) {
                      if (i % 2 == 0) {
                        guard->signal(SIGKILL);
                        trader.signal(SIGKILL);
                      }
                      wire.cut();
                    },
                    through),
                30);
    }
  });
  tally.expect_all("nobody left", 30);
}

TEST(Guard, pulls_the_kill_switch_when_its_own_limit_breaks_and_no_trader_starts_before_a_person_clears_it) {
  TestVenue venue;
  Eyes eyes{venue};
  TempFolder folder;
  auto trader = start_trader(folder, venue.file());
  const auto guard = start_guard(folder, venue.file(), "orders_max = 3\n");
  EXPECT_LE(empty_after(eyes, Clock::now(), 30), 30);
  const io::Latch latch{folder.path("control")};
  const auto pulled = latch.pulled();
  ASSERT_TRUE(pulled);
  EXPECT_EQ(pulled->by, "guard");
  EXPECT_EQ(pulled->why, "4 orders of ours rest, 3 are allowed");
  trader->kill_and_wait();
  Child again{{GUARD_TRADER, venue.file(), folder.path("control")}};
  EXPECT_EQ(again.wait(), 3);
  const std::vector<std::string> kill{VOLTAGE_BINARY, "kill", "--control", folder.path("control")};
  const auto with = [&](std::vector<std::string> more) {
    auto argv = kill;
    argv.insert(argv.end(), more.begin(), more.end());
    return Child{argv}.wait();
  };
  EXPECT_EQ(with({"--status"}), 1);
  EXPECT_EQ(with({"--clear"}), 1) << "cleared without a reason";
  EXPECT_EQ(with({"--clear", "--reason", "the limit was a test"}), 0);
  EXPECT_EQ(with({"--status"}), 0);
}

TEST(Kill, takes_ours_down_by_id_and_group_and_shows_what_cancel_all_would_hit) {
  TestVenue venue;
  Eyes eyes{venue};
  TempFolder folder;
  auto trader = start_trader(folder, venue.file());
  const auto before = eyes.orders();
  ASSERT_EQ(before.ours.size(), 4U);
  ASSERT_TRUE(eyes.place_foreign("person-1", static_cast<int>(before.ours[0].exchange_index.value_or(0)), before.ours[0].ticker));
  trader->signal(SIGSTOP);  // it would put its quotes' end off
  const std::vector<std::string> kill{VOLTAGE_BINARY, "kill",      "--venue",
                                      venue.file(),   "--control", folder.path("control")};
  EXPECT_EQ(Child{kill}.wait(), 0);
  auto after = eyes.orders();
  EXPECT_EQ(after.ours.size(), 0U);
  EXPECT_EQ(after.foreign.size(), 1U);
  EXPECT_TRUE(io::Latch{folder.path("control")}.pulled());
  auto all = kill;
  all.emplace_back("--cancel-all");
  EXPECT_EQ(Child{all}.wait(), 1);
  EXPECT_EQ(eyes.orders().foreign.size(), 1U) << "without --yes nothing may be done";
  all.emplace_back("--yes");
  EXPECT_EQ(Child{all}.wait(), 0);
  EXPECT_EQ(eyes.orders().foreign.size(), 0U);
}

}  // namespace
}  // namespace voltage
