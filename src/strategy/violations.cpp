#include "strategy/violations.hpp"

#include <algorithm>

#include "strategy/payoff_line.hpp"

namespace voltage::strategy {
namespace {

constexpr std::size_t kNone = PayoffEdge::kNoQuote;

}  // namespace

std::optional<Violation> find_violation(std::span<const TakerQuote> quotes, double gain_min) {
  const PayoffLine line = payoff_line(quotes);
  const auto& edges = line.edges;
  const std::size_t nodes = line.nodes();
  // A cycle of at most `nodes` edges that gains more than gain_min: each edge is made dearer by its share.
  const double share = gain_min / static_cast<double>(nodes);
  std::vector<double> distance(nodes, 0.0);
  std::vector<std::size_t> by(nodes, kNone);  // edge that led here
  std::size_t last = kNone;
  for (std::size_t round = 0; round < nodes; ++round) {
    last = kNone;
    for (std::size_t e = 0; e < edges.size(); ++e) {
      const double through = distance[edges[e].from] + edges[e].cost + share;
      if (through < distance[edges[e].to]) {
        distance[edges[e].to] = through;
        by[edges[e].to] = e;
        last = edges[e].to;
      }
    }
    if (last == kNone) return std::nullopt;
  }
  // Still falling after as many rounds as nodes: walking back leads into the cycle.
  for (std::size_t i = 0; i < nodes; ++i) last = edges[by[last]].from;
  Violation found{{}, 0, kQtyMax};
  for (std::size_t at = last;;) {
    const PayoffEdge& e = edges[by[at]];
    found.sure_gain -= e.cost;
    if (e.quote != kNone) {
      const TakerQuote& q = quotes[e.quote];
      found.legs.push_back({e.quote, e.side});
      found.available = min(found.available, (e.side == Side::bid ? q.yes : q.no)->available);
    }
    at = e.from;
    if (at == last) break;
  }
  if (found.legs.empty() || found.sure_gain <= 0) return std::nullopt;
  std::reverse(found.legs.begin(), found.legs.end());
  return found;
}

}  // namespace voltage::strategy
