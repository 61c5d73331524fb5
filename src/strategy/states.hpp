#pragma once
// The settlement value cut at every boundary that matters: between two cuts all contracts of the instant
// pay the same, so a density is a list of state probabilities and a contract a run of states.
#include <cstddef>
#include <span>
#include <vector>

#include "market/payoff.hpp"
#include "pricing/asian.hpp"

namespace voltage::strategy {

// States [first, last).
struct StateRun {
  std::size_t first{}, last{};
};

class States {
 public:
  explicit States(std::span<const market::CentRange> ranges);
  std::size_t size() const { return cuts_.size() + 1; }
  // A range that was given to the constructor.
  StateRun run(const market::CentRange& range) const;
  std::vector<double> probabilities(const pricing::SettlementLaw& law) const;

 private:
  std::vector<std::int64_t> cuts_;  // ascending; state i is [cuts[i-1], cuts[i])
};

// What a measure must say of a run of states.
struct Constraint {
  enum class Kind { at_most, at_least, equal };
  StateRun run;
  double mass{};  // in (0, 1)
  Kind kind{};
};

// The measure nearest to `prior` in relative entropy that meets the constraints, by cyclic projection
// (Csiszár 1975): each step rescales the states inside and outside one run. Constraints that contradict
// each other leave the last compromise. Probabilities sum to one.
std::vector<double> nearest_measure(std::vector<double> prior, std::span<const Constraint> constraints);

}  // namespace voltage::strategy
