#pragma once
// The settlement values as a line, what can be bought as edges on it. A contract pays on an interval, so it is an edge
// from its low to its high end at its cost, and its NO the edge back at its cost less a dollar. The whole line is a
// sure dollar, and a payoff may always be thrown away.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "strategy/violations.hpp"

namespace voltage::strategy {

struct PayoffEdge {
  static constexpr std::size_t kNoQuote = static_cast<std::size_t>(-1);

  std::size_t from, to;  // nodes
  double cost;           // dollars
  std::size_t quote;     // kNoQuote: the sure dollar, or a payoff thrown away
  Side side;             // bid: buys YES, ask: buys NO
};
struct PayoffLine {
  std::vector<std::int64_t> ends;  // of the nodes, cents, rising, from below all to above all
  std::vector<PayoffEdge> edges;
  std::size_t nodes() const { return ends.size(); }
  std::size_t top() const { return nodes() - 1; }
};

// A quote that pays nowhere is left out.
PayoffLine payoff_line(std::span<const TakerQuote> quotes);

}  // namespace voltage::strategy
