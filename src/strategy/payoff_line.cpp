#include "strategy/payoff_line.hpp"

#include <algorithm>

namespace voltage::strategy {

using market::CentRange;

PayoffLine payoff_line(std::span<const TakerQuote> quotes) {
  PayoffLine out{{CentRange::kBelowAll, CentRange::kAboveAll}, {}};
  auto& [ends, edges] = out;
  for (const auto& q : quotes) {
    if (q.pays.high <= q.pays.low) continue;
    ends.push_back(q.pays.low);
    ends.push_back(q.pays.high);
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  const auto node = [&](std::int64_t end) {
    return static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), end) - ends.begin());
  };
  constexpr auto kNone = PayoffEdge::kNoQuote;
  edges.push_back({0, out.top(), 1, kNone, Side::bid});
  edges.push_back({out.top(), 0, -1, kNone, Side::ask});
  for (std::size_t i = 0; i < out.top(); ++i) edges.push_back({i + 1, i, 0, kNone, Side::ask});
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const auto& q = quotes[i];
    if (q.pays.high <= q.pays.low) continue;
    if (q.yes) edges.push_back({node(q.pays.low), node(q.pays.high), q.yes->cost, i, Side::bid});
    if (q.no) edges.push_back({node(q.pays.high), node(q.pays.low), q.no->cost - 1, i, Side::ask});
  }
  return out;
}

}  // namespace voltage::strategy
