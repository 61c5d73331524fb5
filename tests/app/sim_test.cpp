// Goal: hours full of faults break no rule, a bug put in on purpose is found, and a seed repeats to the bit.
#include <gtest/gtest.h>

#include "app/sim/account.hpp"
#include "app/sim/simulation.hpp"
#include "support/full.hpp"

namespace voltage::app::sim {
namespace {

using namespace literals;

constexpr std::uint64_t kSeeds = 200;
constexpr std::uint64_t kCanarySeeds = 100;

TEST(Sim, two_hundred_hours_of_faults_break_no_rule) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimOptions options;
    options.check_replay = seed % 20 == 0;
    const auto r = simulate(seed, options);
    ASSERT_EQ(r.violation, "") << "voltage sim --seeds " << seed << ".." << seed << ", seq " << r.violation_seq;
    EXPECT_GE(r.book_messages, 20'000) << "seed " << seed;
    EXPECT_GE(r.orders, 20) << "seed " << seed;
    EXPECT_GE(r.contracts, 3) << "seed " << seed;
    EXPECT_GE(r.faults.size(), 5U) << "seed " << seed;
  }
}

std::uint64_t seeds_until_found(const SimOptions& options) {
  for (std::uint64_t seed = 1; seed <= kCanarySeeds; ++seed) {
    if (!simulate(seed, options).violation.empty()) return seed;
  }
  return kCanarySeeds + 1;
}

TEST(Sim, finds_the_bug_that_takes_silence_for_a_refusal) {
  SimOptions options;
  options.canaries.lost_answer_is_refusal = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_forgets_an_amend_without_an_answer) {
  SimOptions options;
  options.canaries.lost_amend_is_refusal = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_leaves_quotes_where_they_should_be_gone) {
  SimOptions options;
  options.canaries.cancels_dropped = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_counts_a_fill_twice) {
  SimOptions options;
  options.canaries.second_fill_is_new = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_ignores_holes_in_the_sequence) {
  SimOptions options;
  options.canaries.gaps_ignored = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_ignores_the_caps) {
  SimOptions options;
  options.canaries.caps_ignored = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}

TEST(Sim, finds_the_bug_that_ignores_the_path_of_instants_that_follow_each_other) {
  SimOptions options;
  options.canaries.path_ignored = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_ignores_the_limit_of_delta) {
  SimOptions options;
  options.canaries.delta_ignored = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_ignores_the_limit_of_vega) {
  SimOptions options;
  options.canaries.vega_ignored = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_leaves_quotes_on_an_old_forecast) {
  SimOptions options;
  options.canaries.old_quotes_left = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}
TEST(Sim, finds_the_bug_that_decides_by_an_old_forecast) {
  SimOptions options;
  options.canaries.forecast_age_ignored = true;
  EXPECT_LE(seeds_until_found(options), kCanarySeeds);
}

// Every write of a ten-minute session with VOLTAGE_FULL, else some. Whatever was under way, the books at the end are
// the venue's, no order came twice, and nothing was risked before the books were.
TEST(Sim, a_process_killed_at_any_record_of_its_journal_comes_back_with_the_venues_books) {
  const std::int64_t stride = tests::cases(197, 1);
  const auto sweep = crash_sweep(7, 10_min, stride);
  EXPECT_GT(sweep.writes, 5'000);
  EXPECT_EQ(sweep.crashes, (sweep.writes + stride - 1) / stride);
  for (const auto& failed : sweep.failed) ADD_FAILURE() << "seq " << failed.violation_seq << ": " << failed.violation;
}

// The account is asked for its fills as far back as nobody answered: a network that is gone for longer than the lists
// look back must not cost a fill for good.
TEST(Sim, fills_of_a_long_silence_are_found_when_it_is_over) {
  SimOptions options;
  std::vector<Fault> outages;
  for (int i = 1; i < 12; ++i) {
    const Time at = Time{start_of_hour().ns + i * (5_min).ns};
    outages.push_back({FaultKind::requests_down, at, 90_s, 1});
  }
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_EQ(simulate(seed, options, outages).violation, "") << "seed " << seed;
    SimOptions blind;
    blind.canaries.fills_of_a_minute = true;
    found += !simulate(seed, blind, outages).violation.empty();
  }
  EXPECT_GT(found, 0);
}

TEST(Sim, kills_the_process_and_cuts_amends_in_some_hours) {
  std::int64_t crashes = 0, amends = 0, cut = 0, maker_fills = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto r = simulate(seed, {});
    crashes += r.crashes;
    amends += r.amends;
    cut += r.amends_cut;
    maker_fills += r.maker_fills;
  }
  EXPECT_GT(crashes, 2);
  EXPECT_GT(amends, 1'000);
  EXPECT_GT(cut, 5);
  EXPECT_GT(maker_fills, 500);
}

TEST(Sim, repeats_a_seed_to_the_bit) {
  for (const std::uint64_t seed : {11, 12, 13}) {
    const auto a = simulate(seed, {}), b = simulate(seed, {});
    EXPECT_EQ(a.events, b.events);
    EXPECT_EQ(a.orders, b.orders);
    EXPECT_EQ(a.fills, b.fills);
  }
}

TEST(Sim, shrinks_a_failing_seed_to_the_fault_that_matters) {
  SimOptions options;
  options.canaries.second_fill_is_new = true;
  for (std::uint64_t seed = 1; seed <= kCanarySeeds; ++seed) {
    const auto failed = simulate(seed, options);
    if (failed.violation.empty()) continue;
    const auto small = shrink(failed, options);
    EXPECT_LT(small.faults.size(), failed.faults.size());
    EXPECT_TRUE(std::any_of(small.faults.begin(), small.faults.end(),
                            [](const Fault& f) { return f.kind == FaultKind::fills_twice; }));
    return;
  }
  FAIL() << "the canary was not found";
}

// The auditor's own arithmetic, by hand.
TEST(Account, a_position_turned_over_and_an_outcome_amended) {
  Account a{1'000'000'000};
  const auto fill = [](const char* id, Side side, std::int32_t pips, std::int64_t centis) {
    return event::FillSeen{{1}, id, {0}, side, Price{pips}, Qty{centis}, Money{0}, false};
  };
  EXPECT_TRUE(a.fill(fill("1", Side::bid, 4'000, 1'000)));   // 10 YES at 40 c: −$4
  EXPECT_FALSE(a.fill(fill("1", Side::bid, 4'000, 1'000)));  // the same again
  EXPECT_EQ(a.cash(), 996'000'000);
  EXPECT_TRUE(a.fill(fill("2", Side::ask, 6'000, 1'500)));  // 10 sold at 60 c: +$6; 5 NO at 40 c: −$2
  EXPECT_EQ(a.cash(), 1'000'000'000);
  EXPECT_EQ(a.position(0), -500);
  EXPECT_EQ(a.cost(0), 2'000'000);
  a.settle(0, true);
  EXPECT_EQ(a.cash(), 1'000'000'000);
  a.settle(0, false);
  EXPECT_EQ(a.cash(), 1'005'000'000);
}

}  // namespace
}  // namespace voltage::app::sim
