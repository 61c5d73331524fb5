#include "app/ladder/calendar.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "base/check.hpp"
#include "ledger/fees.hpp"
#include "strategy/payoff_line.hpp"

namespace voltage::app {
namespace {

using market::CentRange;
using strategy::PayoffEdge;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kUsdAStep = 100;      // of bitcoin, for a dollar of f
constexpr double kRoundingUsd = 0.01;  // both averages are published in whole cents
constexpr double kShorter = 1e-12;     // of a path, to be a shorter one
constexpr std::size_t kNone = PayoffEdge::kNoQuote;

double usd(std::int64_t cents) {
  return cents == CentRange::kBelowAll   ? -kInf
         : cents == CentRange::kAboveAll ? kInf
                                         : 0.01 * static_cast<double>(cents);
}

struct ConvexPayoff {
  Convex shape;
  double strike;
  double operator()(double x) const {
    const double over = (x - strike) / kUsdAStep;
    return shape == Convex::call ? std::max(over, 0.0) : shape == Convex::put ? std::max(-over, 0.0) : std::abs(over);
  }
  // Over [low, high], ends included. The ends may be infinite where the value is not.
  double most(double low, double high) const { return std::max((*this)(low), (*this)(high)); }
  double least(double low, double high) const { return (*this)(std::clamp(strike, low, high)); }
};

// The cheapest way from each end of the line of payoffs to each other.
class Paths {
 public:
  explicit Paths(const Expiry& e) : line_{strategy::payoff_line(taker_quotes(e))} {
    for (const auto& q : e.quotes) CHECK(q.pays.low < q.pays.high);
    distance_.assign(nodes(), std::vector<double>(nodes(), kInf));
    by_.assign(nodes(), std::vector<std::size_t>(nodes(), kNone));
    for (std::size_t from = 0; from < nodes() && consistent_; ++from) settle(from);
  }
  const std::vector<std::int64_t>& ends() const { return line_.ends; }
  std::size_t nodes() const { return line_.nodes(); }
  std::size_t top() const { return line_.top(); }
  // False: a cycle gains, the instant's own prices can't be right.
  bool consistent() const { return consistent_; }
  double cost(std::size_t from, std::size_t to) const { return distance_[from][to]; }
  template <class Visit>
  void walk(std::size_t from, std::size_t to, Visit visit) const {
    while (to != from) {
      const PayoffEdge& e = line_.edges[by_[from][to]];
      visit(e);
      to = e.from;
    }
  }

 private:
  void settle(std::size_t from) {
    const auto& edges = line_.edges;
    auto& distance = distance_[from];
    auto& by = by_[from];
    distance[from] = 0;
    for (std::size_t round = 0; round <= nodes(); ++round) {
      bool fell = false;
      for (std::size_t i = 0; i < edges.size(); ++i) {
        // To and fro: what leads up the line stands in one order, what leads down in the other.
        const std::size_t e = round % 2 == 0 ? i : edges.size() - 1 - i;
        const double through = distance[edges[e].from] + edges[e].cost;
        if (!(through < distance[edges[e].to] - kShorter)) continue;
        distance[edges[e].to] = through;
        by[edges[e].to] = e;
        fell = true;
      }
      if (!fell) return;
    }
    consistent_ = false;
  }

  strategy::PayoffLine line_;
  std::vector<std::vector<double>> distance_;
  std::vector<std::vector<std::size_t>> by_;
  bool consistent_{true};
};

// So many of the cheapest path from one end to another, and cash that is paid now for as much at settlement.
struct Route {
  std::size_t from, to;
  double amount;
};
struct Portfolio {
  double cash{0};
  std::vector<Route> routes;
  double cost(const Paths& paths) const {
    double sum = cash;
    for (const auto& r : routes) sum += r.amount * paths.cost(r.from, r.to);
    return sum;
  }
};

// Holds at least `heights` (one a cell, first falling, then rising) if `sign` is 1; owes at most them if −1. Steps down
// and up are paired from the inside: NO of the range between costs no more than both wings.
Portfolio staircase(const std::vector<double>& heights, int sign, std::size_t top) {
  std::vector<Route> falls, rises;  // amount at node `from`
  double least = kInf;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    least = std::min(least, heights[i]);
    if (i == 0) continue;
    const double step = heights[i] - heights[i - 1];
    if (step < 0) falls.push_back({i, 0, -step});
    if (step > 0) rises.push_back({i, 0, step});
  }
  Portfolio out{sign * least, {}};
  const auto route = [&](std::size_t from, std::size_t to, double amount) {
    out.routes.push_back(sign > 0 ? Route{from, to, amount} : Route{to, from, amount});
  };
  std::reverse(falls.begin(), falls.end());
  std::size_t fall = 0, rise = 0;
  while (fall < falls.size() && rise < rises.size()) {
    const double both = std::min(falls[fall].amount, rises[rise].amount);
    route(rises[rise].from, falls[fall].from, both);
    out.cash += sign * both;
    if ((falls[fall].amount -= both) <= 0) ++fall;
    if ((rises[rise].amount -= both) <= 0) ++rise;
  }
  for (; fall < falls.size(); ++fall) route(0, falls[fall].from, falls[fall].amount);
  for (; rise < rises.size(); ++rise) route(rises[rise].from, top, rises[rise].amount);
  return out;
}

struct Domain {
  double low, high;
};

// Of the later instant: at least f on every cell, as far as the domain goes.
std::vector<double> heights_above(const ConvexPayoff& f, const Paths& paths, const Domain& domain) {
  std::vector<double> out;
  std::vector<bool> inside;
  for (std::size_t i = 0; i + 1 < paths.nodes(); ++i) {
    const double low = std::max(usd(paths.ends()[i]), domain.low),
                 high = std::min(usd(paths.ends()[i + 1]), domain.high);
    inside.push_back(low < high);
    out.push_back(low < high ? f.most(low, high) : 0);
  }
  // Outside nothing is promised: as high as the last cell that counts.
  const auto first = static_cast<std::size_t>(std::find(inside.begin(), inside.end(), true) - inside.begin());
  for (std::size_t i = 0; i < first; ++i) out[i] = out[first];
  for (std::size_t i = first + 1; i < out.size(); ++i) {
    if (!inside[i]) out[i] = out[i - 1];
  }
  return out;
}

// Of the earlier instant: at most f everywhere.
std::vector<double> heights_below(const ConvexPayoff& f, const Paths& paths) {
  std::vector<double> out;
  for (std::size_t i = 0; i + 1 < paths.nodes(); ++i)
    out.push_back(f.least(usd(paths.ends()[i]), usd(paths.ends()[i + 1])));
  return out;
}

// What is really bought, in whole 1/100 contracts at exact fees; and the payoff of it, cell by cell.
struct Bought {
  std::vector<CalendarLeg> legs;
  std::vector<double> pays;
  double paid{0}, times{kInf};
};
Bought buy(const Portfolio& portfolio, const Paths& paths, const Expiry& expiry, bool later) {
  std::map<std::pair<std::size_t, Side>, double> amounts;
  for (const auto& r : portfolio.routes) {
    paths.walk(r.from, r.to, [&](const PayoffEdge& e) {
      if (e.quote != kNone) amounts[{e.quote, e.side}] += r.amount;
    });
  }
  Bought out{{}, std::vector<double>(paths.nodes() - 1, 0), 0, kInf};
  for (const auto& [what, amount] : amounts) {
    const auto& q = expiry.quotes[what.first];
    const bool yes = what.second == Side::bid;
    const market::Level& touch = yes ? *q.ask : *q.bid;
    const Qty qty{static_cast<std::int64_t>(std::ceil(amount * 100 - 1e-6))};
    const Money cost = (yes ? touch.price : touch.price.complement()) * qty;
    const Money fee = ledger::OrderFees{}.charge(q.fees, what.second, touch.price, qty, ledger::Liquidity::taker).net();
    out.legs.push_back({later, what.first, what.second, qty, cost, fee});
    out.paid += (cost + fee).dollars();
    if (touch.qty < kQtyMax)
      out.times = std::min(out.times, static_cast<double>(touch.qty.centis) / static_cast<double>(qty.centis));
    for (std::size_t i = 0; i + 1 < paths.nodes(); ++i) {
      const bool inside = q.pays.low <= paths.ends()[i] && paths.ends()[i + 1] <= q.pays.high;
      if (inside == yes) out.pays[i] += qty.contracts();
    }
  }
  return out;
}

// Of what is held over what is owed, the worst cell.
double worst(const std::vector<double>& pays, const std::vector<double>& heights, int sign) {
  double least = kInf;
  for (std::size_t i = 0; i < pays.size(); ++i) least = std::min(least, pays[i] - sign * heights[i]);
  return least;
}

struct Pair {
  const Expiry &earlier, &later;
  Paths early, late;
  Domain domain;
  double hedge_a_bp;  // dollars for each basis point
};

// Dollars that both portfolios cost less than they are sure to be worth, fees unrounded: what candidates are ranked by.
double rough_gain(const Pair& p, const ConvexPayoff& f) {
  return -staircase(heights_above(f, p.late, p.domain), 1, p.late.top()).cost(p.late) -
         staircase(heights_below(f, p.early), -1, p.early.top()).cost(p.early);
}

CalendarFinding exactly(const Pair& p, const ConvexPayoff& f, const CalendarRules& rules) {
  const auto above = heights_above(f, p.late, p.domain), below = heights_below(f, p.early);
  Bought later = buy(staircase(above, 1, p.late.top()), p.late, p.later, true);
  const Bought sold = buy(staircase(below, -1, p.early.top()), p.early, p.earlier, false);
  CalendarFinding out{
      f.shape, f.strike, std::move(later.legs), 0, rules.hedge_bp * p.hedge_a_bp, 0, std::min(later.times, sold.times)};
  out.legs.insert(out.legs.end(), sold.legs.begin(), sold.legs.end());
  const double before =
      worst(later.pays, above, 1) + worst(sold.pays, below, -1) - later.paid - sold.paid - kRoundingUsd / kUsdAStep;
  out.gain = before - out.hedge;
  out.even_bp = before / p.hedge_a_bp;
  return out;
}

}  // namespace

std::vector<strategy::TakerQuote> taker_quotes(const Expiry& expiry) {
  std::vector<strategy::TakerQuote> out;
  for (const auto& q : expiry.quotes) {
    strategy::TakerQuote t{q.pays, std::nullopt, std::nullopt};
    const auto fee = [&](Price p) { return ledger::fee_per_contract(q.fees, p.dollars()); };
    if (q.ask) t.yes = strategy::Ask{q.ask->price.dollars() + fee(q.ask->price), q.ask->qty};
    if (q.bid) t.no = strategy::Ask{q.bid->price.complement().dollars() + fee(q.bid->price), q.bid->qty};
    out.push_back(t);
  }
  return out;
}

const char* name(Convex shape) {
  return shape == Convex::call ? "call" : shape == Convex::put ? "put" : "straddle";
}

CalendarComparison compare_expiries(const Expiry& earlier, const Expiry& later, double index_now,
                                    const CalendarRules& rules) {
  CHECK(earlier.close < later.close);
  const Domain domain{index_now * (1 - rules.domain), index_now * (1 + rules.domain)};
  // A hundredth of a bitcoin in, over the earlier minute, and out again over the later one.
  const Pair pair{earlier, later, Paths{earlier}, Paths{later}, domain, 2 * 1e-4 * domain.high / kUsdAStep};
  if (!pair.early.consistent() || !pair.late.consistent()) return {};
  std::vector<double> strikes;
  for (const auto* paths : {&pair.early, &pair.late}) {
    for (const auto end : paths->ends()) {
      if (usd(end) > domain.low && usd(end) < domain.high) strikes.push_back(usd(end));
    }
  }
  CalendarComparison out{true, {}};
  std::optional<ConvexPayoff> best;
  double most = -kInf;
  for (const double strike : strikes) {
    for (const auto shape : {Convex::call, Convex::put, Convex::straddle}) {
      const ConvexPayoff f{shape, strike};
      const double gain = rough_gain(pair, f);
      if (gain > most && std::isfinite(gain)) {
        most = gain;
        best = f;
      }
    }
  }
  if (best) out.best = exactly(pair, *best, rules);
  return out;
}

}  // namespace voltage::app
