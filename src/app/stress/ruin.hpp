#pragma once
// Probability of ruin by Monte Carlo: years of trading drawn from what single settlement instants returned, a
// block of neighbouring instants at a time so that a bad stretch stays one, under the limits of the gate.
#include <cstdint>
#include <vector>

#include "base/types.hpp"
#include "risk/limits.hpp"

namespace voltage::app::stress {

struct RuinOptions {
  std::int64_t years{4'000};
  std::int64_t instants_a_day{96};
  std::size_t block{8};   // instants drawn together
  double ruined_at{0.5};  // of the starting bankroll
  bool resumed{false};    // a person resumes trading after each halt, the day after; else the halt ends the year
  std::uint64_t seed{1};
};

struct Ruin {
  std::int64_t years{0}, samples{0};
  double ruined{};                   // share of years that fell to half of the bankroll
  double ruined_high{};              // upper end of its 95 % interval (Clopper-Pearson where none was: 3/n)
  double halted{};                   // share in which the drawdown limit pulled the halt
  double median_end{}, worst_end{};  // of the starting bankroll
};

// returns: of single instants, on the equity before each. Nothing is drawn from fewer than two blocks.
Ruin probability_of_ruin(const std::vector<double>& returns, Money bankroll, const risk::Limits& limits,
                         const RuinOptions& options);

}  // namespace voltage::app::stress
