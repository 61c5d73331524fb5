// The benchmarks do the work that they say, and run.
#include "app/bench/benchmark.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "app/bench/quotes.hpp"
#include "base/rng.hpp"
#include "io/atomic_file.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app::bench {
namespace {

std::vector<TapeRow> random_tape(std::size_t rows) {
  Rng rng{7};
  std::vector<TapeRow> tape;
  std::int32_t mid = 50;
  for (std::size_t i = 0; i < rows; ++i) {
    mid = std::clamp(
        mid + static_cast<std::int32_t>(rng.below(10) == 0) - static_cast<std::int32_t>(rng.below(10) == 0), 5, 95);
    tape.push_back({1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000'000, mid,
                    mid + 1 + static_cast<std::int32_t>(rng.below(2)), 10 + static_cast<std::int32_t>(rng.below(490)),
                    10 + static_cast<std::int32_t>(rng.below(490))});
  }
  return tape;
}

// The work by the simplest means: a loop without a book, limits or fees. Cents.
struct Plain {
  std::int64_t orders{0}, cash{0};
};
Plain plain_loop(const std::vector<TapeRow>& tape) {
  Plain out;
  double fast = 0, slow = 0;
  bool held = false;
  for (const auto& row : tape) {
    const double mid = (row.bid + row.ask) * 0.005;
    if (&row == &tape.front()) {
      fast = slow = mid;
      continue;
    }
    fast += 0.02 * (mid - fast);
    slow += 0.002 * (mid - slow);
    if (fast > slow + 0.005 && !held) {
      held = true;
      ++out.orders;
      out.cash -= row.ask;
    } else if (fast < slow - 0.005 && held) {
      held = false;
      ++out.orders;
      out.cash += row.bid;
    }
  }
  return out;
}

TEST(Bench, the_core_does_the_agreed_work_on_a_tape) {
  const auto tape = random_tape(200'000);
  const auto expected = plain_loop(tape);
  ASSERT_GT(expected.orders, 100);
  for (const bool journal : {false, true}) {
    const auto run = run_quotes(tape, journal);
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_EQ(run->orders, expected.orders);
    EXPECT_EQ(run->fills, expected.orders);
    EXPECT_EQ((run->cash_change + run->fees).micros, expected.cash * 10'000);
  }
}

TEST(Bench, a_tape_is_read_back_as_written_and_a_bad_row_is_named) {
  const voltage::testing::TempFolder folder;
  const std::string path = folder.path() + "/tape.bin";
  auto tape = random_tape(100);
  const auto write = [&] {
    std::string bytes;
    for (const auto& r : tape) {
      bytes.append(reinterpret_cast<const char*>(&r.ns), 8);
      for (const auto v : {r.bid, r.ask, r.bid_qty, r.ask_qty}) bytes.append(reinterpret_cast<const char*>(&v), 4);
    }
    ASSERT_TRUE(io::write_file(path, bytes));
  };
  write();
  const auto read = read_tape(path);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), tape.size());
  EXPECT_EQ((*read)[41].ask_qty, tape[41].ask_qty);
  tape[41].ask = tape[41].bid;
  write();
  const auto crossed = read_tape(path);
  ASSERT_FALSE(crossed);
  EXPECT_NE(crossed.error().message.find("row 42"), std::string::npos) << crossed.error().message;
  ASSERT_TRUE(io::write_file(path, "no tape"));
  EXPECT_FALSE(read_tape(path));
}

TEST(Bench, every_benchmark_runs_or_says_what_it_needs) {
  const voltage::testing::TempFolder folder;
  Input input;
  input.quick = true;
  input.disk = folder.path();
  for (const auto& b : benchmarks()) {
    const auto figures = b.run(input);
    if (*b.needs != 0) {
      ASSERT_FALSE(figures) << b.name;
      EXPECT_NE(figures.error().message.find(b.needs), std::string::npos) << figures.error().message;
      continue;
    }
    ASSERT_TRUE(figures) << b.name << ": " << figures.error().message;
    EXPECT_GT(figures->samples, 0) << b.name;
    EXPECT_GT(figures->p50, 0) << b.name;
    EXPECT_LE(figures->p50, figures->p99) << b.name;
    EXPECT_LE(figures->p999, figures->max) << b.name;
  }
}

}  // namespace
}  // namespace voltage::app::bench
