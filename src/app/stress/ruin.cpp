#include "app/stress/ruin.hpp"

#include <algorithm>
#include <cmath>

#include "base/rng.hpp"

namespace voltage::app::stress {
namespace {

struct Year {
  double end{1};
  bool ruined{false}, halted{false};
};

// In units of the starting bankroll.
Year one_year(const std::vector<double>& returns, double day_max, double drawdown_max, const RuinOptions& o, Rng& rng) {
  Year year;
  double highest = 1;
  for (int day = 0; day < 365; ++day) {
    const double start = year.end;
    std::size_t at = 0, left = 0;
    for (std::int64_t i = 0; i < o.instants_a_day; ++i) {
      if (left == 0) {
        at = rng.below(returns.size() - o.block + 1);
        left = o.block;
      }
      --left;
      // The day's limit lets nothing more be risked than what is left of it.
      const double room = std::max(day_max - (start - year.end), 0.0);
      year.end += std::max(returns[at++] * year.end, -room);
      highest = std::max(highest, year.end);
      year.ruined |= year.end <= o.ruined_at;
      if (highest - year.end >= drawdown_max) {
        year.halted = true;
        if (!o.resumed) return year;
        highest = year.end;
        break;
      }
    }
    if (year.ruined) return year;
  }
  return year;
}

}  // namespace

Ruin probability_of_ruin(const std::vector<double>& returns, Money bankroll, const risk::Limits& limits,
                         const RuinOptions& o) {
  Ruin out;
  out.samples = static_cast<std::int64_t>(returns.size());
  if (returns.size() < 2 * o.block || o.years <= 0) return out;
  Rng rng{o.seed};
  std::vector<double> ends;
  std::int64_t ruined = 0, halted = 0;
  for (std::int64_t i = 0; i < o.years; ++i) {
    const Year year = one_year(returns, limits.day_loss_max.dollars() / bankroll.dollars(),
                               limits.drawdown_max.dollars() / bankroll.dollars(), o, rng);
    ruined += year.ruined;
    halted += year.halted;
    ends.push_back(year.end);
  }
  const double n = static_cast<double>(o.years), p = static_cast<double>(ruined) / n;
  std::sort(ends.begin(), ends.end());
  out.years = o.years;
  out.ruined = p;
  out.ruined_high = ruined == 0 ? 3 / n : std::min(1.0, p + 1.96 * std::sqrt(p * (1 - p) / n));
  out.halted = static_cast<double>(halted) / n;
  out.median_end = ends[ends.size() / 2];
  out.worst_end = ends.front();
  return out;
}

}  // namespace voltage::app::stress
