// The real trader and the real guard: live does not start with the switch pulled or without the guard that its
// configuration names, beats from its decision loop, and stops by itself when somebody pulls the switch.
#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "guard/processes.hpp"
#include "io/latch.hpp"
#include "io/pulse.hpp"

namespace voltage {
namespace {

using testing::Child;
using testing::TempFolder;
using testing::TestVenue;
using Clock = std::chrono::steady_clock;

std::string config(const TempFolder& folder, const TestVenue& venue, bool guarded) {
  return folder.write("live.toml", "venue_file = \"" + venue.file() +
                                       "\"\ncap = \"50\"\ncalendar = \"none\"\ndata = \"" + folder.path("data") +
                                       "\"\n[kraken]\nhistory = \"5m\"\n" +
                                       (guarded ? "[guard]\nloss_max_usd = 100\n" : ""));
}

Child live(const std::string& file) {
  return Child{{VOLTAGE_BINARY, "live", "--live", "--config", file, "--for", "120s"}};
}

bool within(double seconds, const std::function<bool()>& met) {
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < until) {
    if (met()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return met();
}

TEST(LiveObeys, the_kill_switch_and_the_guard) {
  TestVenue venue;
  TempFolder folder;
  const std::string control = folder.path("data") + "/control";
  EXPECT_EQ(live(config(folder, venue, true)).wait(), 1) << "no guard is running";
  const io::Latch latch{control};
  ASSERT_TRUE(latch.pull(Time{}, "operator", "a test"));
  EXPECT_EQ(live(config(folder, venue, false)).wait(), 1) << "the switch is pulled";
  ASSERT_TRUE(latch.clear(Time{}, "the test goes on"));

  const std::string file = config(folder, venue, true);
  Child guard{{VOLTAGE_BINARY, "guard", "--config", file}};
  ASSERT_TRUE(within(20, [&] {
    const auto seen = io::read_pulse(io::pulse_path(control, "guard"));
    return seen && *seen && !(*seen)->farewell;
  }));
  Child trader = live(file);
  const auto beats = [&]() -> std::uint64_t {
    const auto seen = io::read_pulse(io::pulse_path(control, "trader"));
    return seen && *seen ? (*seen)->beats : 0;
  };
  ASSERT_TRUE(within(60, [&] { return beats() > 50; }));
  trader.signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  const auto still = beats();
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_EQ(beats(), still) << "a stopped trader must not beat";
  trader.signal(SIGCONT);
  ASSERT_TRUE(within(20, [&] { return beats() > still; }));
  EXPECT_EQ((Child{{VOLTAGE_BINARY, "kill", "--config", file, "--reason", "the test is over"}}.wait()), 0);
  EXPECT_GE(trader.wait(), 0) << "it ended by itself";
  EXPECT_EQ(latch.pulled()->why, "the test is over");
}

}  // namespace
}  // namespace voltage
