#pragma once
// One seed: an hour of a simulated market and its faults through the production core (engine, strategy, risk,
// executor, ledger), watched by the auditor. Clock, network, disk, venue and models are simulated; the same
// seed gives the same run, to the bit. At the end a person stops the trading, everything under way comes home,
// and the books must be the venue's.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/sim/faults.hpp"
#include "app/sim/order_path.hpp"

namespace voltage::app::sim {

struct SimOptions {
  Duration span{Duration{3'600'000'000'000}};
  Canaries canaries{};
  std::optional<std::uint64_t> crash_at_write;  // the process dies right after this record of its journal, from 1
  bool check_replay{false};                     // run the events through a second core and compare every effect
};

struct SimResult {
  std::uint64_t seed{};
  std::int64_t events{0}, book_messages{0}, contracts{0}, orders{0}, fills{0};
  std::int64_t quotes{0}, amends{0}, amends_cut{0}, maker_fills{0};  // of the orders; amends without an answer
  std::int64_t crashes{0}, writes{0};                                // records of the journals
  std::vector<Fault> faults;
  std::string violation;  // empty: none
  std::uint64_t violation_seq{0};
};

SimResult simulate(std::uint64_t seed, const SimOptions& options);
Time start_of_hour();
// The same, with these faults instead of the seed's.
SimResult simulate(std::uint64_t seed, const SimOptions& options, const std::vector<Fault>& faults);
// Takes faults away from a failing seed as long as it still fails.
SimResult shrink(const SimResult& failed, const SimOptions& options);

// A session without other faults, killed after each `stride`-th record of its journal in turn, and started again.
struct Sweep {
  std::int64_t writes{0}, crashes{0};  // records of the whole session; sessions that were killed
  std::vector<SimResult> failed;
};
Sweep crash_sweep(std::uint64_t seed, Duration span, std::int64_t stride, std::int64_t first = 1);

}  // namespace voltage::app::sim
