#pragma once
// Prices of two settlement instants that can't both be right, without a model.
//
// Bitcoin's price is a martingale (to trade it costs nothing on average), and an average A1 over an earlier minute is
// less spread than one over a later minute, A2: E f(A1) <= E f(A2) for every convex f, path by path: with
// −f'(S_i)/60 bitcoin traded at each second i of the earlier minute and closed over the later one,
//
//   f(A1) <= mean f(S_i) <= f(A2) − mean f'(S_i) (A2 − S_i)
//
// So whoever sells f for the earlier instant and buys it for the later one loses nothing, and any money left over is
// sure. f is taken as a call, a put or a straddle of each strike, a dollar for each hundred of bitcoin. Contracts pay
// steps: a staircase above f is bought at the asks, one below f is sold at the bids, each as the cheapest set of
// contracts that does it (a shortest path, see strategy/payoff_line.hpp), fees exact.
//
// A finite ladder pays a bounded sum and f does not: what is found is sure while bitcoin ends the later instant inside
// `domain`, out to which the outermost step is bought too. And it needs bitcoin traded: `hedge_bp` of each trade is
// taken off. What nobody offers can't be bought, and a pair without any such portfolio says so.
#include <optional>
#include <string>
#include <vector>

#include "market/book.hpp"
#include "market/contract.hpp"
#include "market/payoff.hpp"
#include "strategy/violations.hpp"

namespace voltage::app {

// One contract as it can be traded now; a side that nobody quotes is empty. Its size bounds the finding's.
struct ExpiryQuote {
  std::string market;
  market::CentRange pays;
  std::optional<market::Level> bid, ask;
  market::FeeTerms fees{};
};
struct Expiry {
  Time close{};
  std::vector<ExpiryQuote> quotes;
};

// What one instant costs to take now.
std::vector<strategy::TakerQuote> taker_quotes(const Expiry& expiry);

// Below this a gain that is sure inside the domain is one that an honest market offers too.
inline constexpr double kDomainMin = 0.05;
struct CalendarRules {
  double domain{0.10};   // how far bitcoin may be from the index now, as a part of it, when the later instant settles
  double hedge_bp{5.0};  // of the amount, for each of the two trades of bitcoin
};

enum class Convex : std::uint8_t { call, put, straddle };

struct CalendarLeg {
  bool later{};
  std::size_t quote{};  // of its expiry
  Side side{};          // bid: buy YES, ask: buy NO
  Qty qty;
  Money cost, fee;
};
struct CalendarFinding {
  Convex shape{};
  double strike{};  // USD
  std::vector<CalendarLeg> legs;
  double gain{};     // dollars, the worst case inside the domain: contracts, fees, what trading bitcoin costs
  double hedge{};    // dollars of it that trading bitcoin takes
  double even_bp{};  // of hedge_bp, where nothing is left
  double times{};    // as often as the touch has it; infinite where no sizes are known
  bool sure() const { return gain > 0; }
};

struct CalendarComparison {
  // Prices of one instant that allow a sure gain by themselves say nothing of the other: not compared.
  bool compared{false};
  std::optional<CalendarFinding>
      best;  // the greatest gain, also where it is a loss; empty: no portfolio at these quotes
};

// `earlier` closes before `later`, by a minute at least; `index_now` in USD. No quote may be crossed.
CalendarComparison compare_expiries(const Expiry& earlier, const Expiry& later, double index_now,
                                    const CalendarRules& rules);
const char* name(Convex shape);

}  // namespace voltage::app
