#include "ledger/exposure.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace voltage::ledger {

Payouts payouts(std::span<const Holding> holdings) {
  constexpr Price one{Price::kOne};
  Money base;                 // what is paid below every range, with open-ended ranges counted in
  Money free_low, free_high;  // contracts whose strike is unknown
  std::vector<std::pair<std::int64_t, Money>> steps;
  steps.reserve(holdings.size() * 2);
  for (const Holding& h : holdings) {
    if (!h.strike_known) {
      free_low += one * min(h.yes, h.no);
      free_high += one * max(h.yes, h.no);
      continue;
    }
    base += one * h.no;
    if (h.pays.high <= h.pays.low) continue;
    const Money inside = one * (h.yes - h.no);
    if (h.pays.low == market::CentRange::kBelowAll) {
      base += inside;
    } else {
      steps.emplace_back(h.pays.low, inside);
    }
    if (h.pays.high != market::CentRange::kAboveAll) steps.emplace_back(h.pays.high, -inside);
  }
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Money worst = base, best = base, now = base;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    now += steps[i].second;
    if (i + 1 < steps.size() && steps[i + 1].first == steps[i].first) continue;
    worst = min(worst, now);
    best = max(best, now);
  }
  return {worst + free_low, best + free_high};
}

}  // namespace voltage::ledger
