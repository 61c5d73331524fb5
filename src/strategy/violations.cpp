#include "strategy/violations.hpp"

#include <algorithm>

namespace voltage::strategy {
namespace {

using market::CentRange;

constexpr std::size_t kNoLeg = static_cast<std::size_t>(-1);

struct Edge {
  std::size_t from, to;
  double cost;
  std::size_t quote;  // kNoLeg: the sure dollar, or a payoff thrown away
  Side side;
};

std::vector<Edge> edges_of(std::span<const TakerQuote> quotes, std::size_t& nodes) {
  std::vector<std::int64_t> ends{CentRange::kBelowAll, CentRange::kAboveAll};
  for (const auto& q : quotes) {
    if (q.pays.high <= q.pays.low) continue;
    ends.push_back(q.pays.low);
    ends.push_back(q.pays.high);
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  nodes = ends.size();
  const auto node = [&](std::int64_t end) {
    return static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), end) - ends.begin());
  };
  std::vector<Edge> edges;
  edges.push_back({0, nodes - 1, 1, kNoLeg, Side::bid});
  edges.push_back({nodes - 1, 0, -1, kNoLeg, Side::ask});
  for (std::size_t i = 0; i + 1 < nodes; ++i) edges.push_back({i + 1, i, 0, kNoLeg, Side::ask});
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const auto& q = quotes[i];
    if (q.pays.high <= q.pays.low) continue;
    if (q.yes) edges.push_back({node(q.pays.low), node(q.pays.high), q.yes->cost, i, Side::bid});
    if (q.no) edges.push_back({node(q.pays.high), node(q.pays.low), q.no->cost - 1, i, Side::ask});
  }
  return edges;
}

}  // namespace

std::optional<Violation> find_violation(std::span<const TakerQuote> quotes, double gain_min) {
  std::size_t nodes = 0;
  const std::vector<Edge> edges = edges_of(quotes, nodes);
  // A cycle of at most `nodes` edges that gains more than gain_min: each edge is made dearer by its share.
  const double share = gain_min / static_cast<double>(nodes);
  std::vector<double> distance(nodes, 0.0);
  std::vector<std::size_t> by(nodes, kNoLeg);  // edge that led here
  std::size_t last = kNoLeg;
  for (std::size_t round = 0; round < nodes; ++round) {
    last = kNoLeg;
    for (std::size_t e = 0; e < edges.size(); ++e) {
      const double through = distance[edges[e].from] + edges[e].cost + share;
      if (through < distance[edges[e].to]) {
        distance[edges[e].to] = through;
        by[edges[e].to] = e;
        last = edges[e].to;
      }
    }
    if (last == kNoLeg) return std::nullopt;
  }
  // Still falling after as many rounds as nodes: walking back leads into the cycle.
  for (std::size_t i = 0; i < nodes; ++i) last = edges[by[last]].from;
  Violation found{{}, 0, kQtyMax};
  for (std::size_t at = last;;) {
    const Edge& e = edges[by[at]];
    found.sure_gain -= e.cost;
    if (e.quote != kNoLeg) {
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
