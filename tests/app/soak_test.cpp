// Hours of trading in one process: it must not grow. VOLTAGE_FULL=1: eight virtual hours in 24 minutes; else skipped.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "app/live_process.hpp"
#include "support/full.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using testing::LiveVenue;
using testing::Trader;

struct Sample {
  std::int64_t resident_kb{0}, threads{0}, descriptors{0};
};

Sample look(pid_t pid) {
  Sample out;
  const std::string proc = "/proc/" + std::to_string(pid);
  std::ifstream in{proc + "/status"};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) out.resident_kb = std::stoll(line.substr(6));
    if (line.starts_with("Threads:")) out.threads = std::stoll(line.substr(8));
  }
  std::error_code ec;
  for (auto entry = std::filesystem::directory_iterator{proc + "/fd", ec};
       entry != std::filesystem::directory_iterator{}; entry.increment(ec))
    ++out.descriptors;
  return out;
}

std::int64_t median(const std::vector<Sample>& all, std::size_t from, std::size_t to, std::int64_t Sample::* what) {
  std::vector<std::int64_t> values;
  for (std::size_t i = from; i < to; ++i) values.push_back(all[i].*what);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

TEST(Soak, eight_virtual_hours_leave_memory_descriptors_and_threads_as_they_were) {
  if (tests::cases(0, 1) == 0) GTEST_SKIP() << "24 minutes: VOLTAGE_FULL=1";
  LiveVenue venue;
  Trader trader{venue, " --for 600m"};
  ASSERT_TRUE(trader.wait_ready(120_s)) << trader.said();
  // Ten samples a virtual minute would tell no more: one every two seconds of wall time, forty virtual seconds.
  std::vector<Sample> samples;
  for (int i = 0; i < 24 * 30; ++i) {
    std::this_thread::sleep_for(std::chrono::seconds{2});
    samples.push_back(look(trader.pid()));
    ASSERT_GT(samples.back().resident_kb, 0) << "the process is gone\n" << trader.said();
  }
  EXPECT_EQ(trader.end(SIGTERM), 0) << trader.said();
  const std::size_t hour = samples.size() / 8, half = hour / 2;
  const auto early = median(samples, hour, hour + half, &Sample::resident_kb);
  const auto late = median(samples, samples.size() - half, samples.size(), &Sample::resident_kb);
  std::printf(
      "resident: %lld kB after the first hour, %lld kB at the end; threads %lld, %lld; descriptors %lld, %lld\n",
      static_cast<long long>(early), static_cast<long long>(late),
      static_cast<long long>(median(samples, hour, hour + half, &Sample::threads)),
      static_cast<long long>(median(samples, samples.size() - half, samples.size(), &Sample::threads)),
      static_cast<long long>(median(samples, hour, hour + half, &Sample::descriptors)),
      static_cast<long long>(median(samples, samples.size() - half, samples.size(), &Sample::descriptors)));
  EXPECT_LE(static_cast<double>(late), 1.05 * static_cast<double>(early));
  EXPECT_LE(median(samples, samples.size() - half, samples.size(), &Sample::threads),
            median(samples, hour, hour + half, &Sample::threads));
  EXPECT_LE(median(samples, samples.size() - half, samples.size(), &Sample::descriptors),
            median(samples, hour, hour + half, &Sample::descriptors));
}

}  // namespace
}  // namespace voltage::app
