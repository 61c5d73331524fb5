#include "strategy/growth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.hpp"

namespace voltage::strategy {
namespace {

// A state thought impossible still must not ruin us: it keeps this much probability.
constexpr double kProbabilityFloor = 1e-9;
constexpr int kIterationsMax = 200;
constexpr int kHalvingsMax = 50;
constexpr int kBudgetSteps = 80;
constexpr int kBisections = 60;
constexpr double kBreach = 1e-14;  // of the optimum's conditions, as an edge per dollar

// payoff − cost = flat + slope · [state in run]
double flat(const GrowthLeg& leg) {
  return leg.inside ? -leg.cost : 1 - leg.cost;
}
double slope(const GrowthLeg& leg) {
  return leg.inside ? 1 : -1;
}

// Sums over runs of states in O(1).
class RunSums {
 public:
  explicit RunSums(std::span<const double> values) : sums_(values.size() + 1) {
    for (std::size_t i = 0; i < values.size(); ++i) sums_[i + 1] = sums_[i] + values[i];
  }
  double all() const { return sums_.back(); }
  double of(const StateRun& r) const { return r.last > r.first ? sums_[r.last] - sums_[r.first] : 0; }
  double both(const StateRun& a, const StateRun& b) const {
    return of({std::max(a.first, b.first), std::min(a.last, b.last)});
  }

 private:
  std::vector<double> sums_;
};

class Solver {
 public:
  explicit Solver(const GrowthProblem& problem) : problem_{problem}, probability_{problem.probability} {
    CHECK(problem.wealth.size() == probability_.size() && !probability_.empty());
    CHECK(problem.budget >= 0);
    double total = 0;
    for (double& p : probability_) total += p = std::max(p, kProbabilityFloor);
    for (double& p : probability_) p /= total;
    for (const double w : problem.wealth) CHECK(w > 0);
    for (const GrowthLeg& leg : problem.legs) {
      CHECK(leg.cost > 0 && leg.cost < 1 && leg.cap >= 0 && leg.run.last <= probability_.size());
    }
  }

  // The optimum when each dollar spent also costs `price` of utility.
  std::vector<double> solve(double price) const;
  double value(std::span<const double> x, double price) const;
  std::vector<double> gradient(std::span<const double> x, double price) const;
  double stationarity_of(std::span<const double> slopes, std::span<const double> x) const;
  double spent(std::span<const double> x) const {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += problem_.legs[i].cost * x[i];
    return sum;
  }

 private:
  bool newton(std::vector<double>& x, double price) const;
  void sweep(std::vector<double>& x, double price) const;
  std::vector<double> wealth_after(std::span<const double> x) const;
  std::vector<double> newton_step(std::span<const double> x, std::span<const double> slopes,
                                  const std::vector<std::size_t>& free) const;

  const GrowthProblem& problem_;
  std::vector<double> probability_;
};

std::vector<double> Solver::wealth_after(std::span<const double> x) const {
  std::vector<double> w(problem_.wealth.size());
  std::vector<double> jump(w.size() + 1);
  double everywhere = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == 0) continue;
    const GrowthLeg& leg = problem_.legs[i];
    everywhere += flat(leg) * x[i];
    jump[leg.run.first] += slope(leg) * x[i];
    jump[leg.run.last] -= slope(leg) * x[i];
  }
  double inside = 0;
  for (std::size_t s = 0; s < w.size(); ++s) {
    inside += jump[s];
    w[s] = problem_.wealth[s] + everywhere + inside;
  }
  return w;
}

double Solver::value(std::span<const double> x, double price) const {
  double sum = -price * spent(x);
  const std::vector<double> w = wealth_after(x);
  for (std::size_t s = 0; s < w.size(); ++s) {
    if (!(w[s] > 0)) return -std::numeric_limits<double>::infinity();
    sum += probability_[s] * std::log(w[s]);
  }
  return sum;
}

std::vector<double> Solver::gradient(std::span<const double> x, double price) const {
  std::vector<double> inverse = wealth_after(x);
  for (std::size_t s = 0; s < inverse.size(); ++s) inverse[s] = probability_[s] / inverse[s];
  const RunSums sums{inverse};
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const GrowthLeg& leg = problem_.legs[i];
    out[i] = flat(leg) * sums.all() + slope(leg) * sums.of(leg.run) - price * leg.cost;
  }
  return out;
}

// Solves H·d = slopes on the free legs, H = Σ p·g·gᵀ/w² positive definite after the ridge.
std::vector<double> Solver::newton_step(std::span<const double> x, std::span<const double> slopes,
                                        const std::vector<std::size_t>& free) const {
  std::vector<double> curve = wealth_after(x);
  for (std::size_t s = 0; s < curve.size(); ++s) curve[s] = probability_[s] / (curve[s] * curve[s]);
  const RunSums sums{curve};
  const std::size_t n = free.size();
  std::vector<double> h(n * n), d(n);
  for (std::size_t a = 0; a < n; ++a) {
    const GrowthLeg& i = problem_.legs[free[a]];
    for (std::size_t b = 0; b <= a; ++b) {
      const GrowthLeg& j = problem_.legs[free[b]];
      h[a * n + b] = flat(i) * flat(j) * sums.all() + flat(i) * slope(j) * sums.of(j.run) +
                     slope(i) * flat(j) * sums.of(i.run) + slope(i) * slope(j) * sums.both(i.run, j.run);
    }
    h[a * n + a] *= 1 + 1e-13;
    d[a] = slopes[free[a]];
  }
  // Cholesky; legs that depend on each other leave a zero pivot, which then does not move.
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double sum = h[a * n + b];
      for (std::size_t k = 0; k < b; ++k) sum -= h[a * n + k] * h[b * n + k];
      if (a == b) {
        const bool dependent = !(sum > h[a * n + a] * 1e-12);
        h[a * n + a] = dependent ? std::numeric_limits<double>::infinity() : std::sqrt(sum);
      } else {
        h[a * n + b] = sum / h[b * n + b];
      }
    }
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t k = 0; k < a; ++k) d[a] -= h[a * n + k] * d[k];
    d[a] /= h[a * n + a];
  }
  for (std::size_t a = n; a-- > 0;) {
    for (std::size_t k = a + 1; k < n; ++k) d[a] -= h[k * n + a] * d[k];
    d[a] /= h[a * n + a];
  }
  return d;
}

// One Newton step on the legs that are free to move, cut at the box and halved until it gains. False, and
// no change, if none gains: some bound then cuts off the part that was uphill.
bool Solver::newton(std::vector<double>& x, double price) const {
  const auto& legs = problem_.legs;
  const std::vector<double> slopes = gradient(x, price);
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool held = (x[i] <= 0 && slopes[i] <= 0) || (x[i] >= legs[i].cap && slopes[i] >= 0);
    if (!held) free.push_back(i);
  }
  if (free.empty()) return false;
  const std::vector<double> step = newton_step(x, slopes, free);
  const double now = value(x, price);
  double size = 1;
  for (int halving = 0; halving < kHalvingsMax; ++halving, size *= 0.5) {
    std::vector<double> next = x;
    double gain = 0;
    for (std::size_t a = 0; a < free.size(); ++a) {
      const std::size_t i = free[a];
      next[i] = std::clamp(x[i] + size * step[a], 0.0, legs[i].cap);
      gain += slopes[i] * (next[i] - x[i]);
    }
    if (gain <= 0) return false;
    // At the top the gain drowns in rounding: a full step is then taken on its word.
    const double then = value(next, price);
    const bool drowned = halving == 0 && gain < 1e-13 && std::isfinite(then);
    if (!drowned && !(then >= now + 1e-4 * gain)) continue;
    x = std::move(next);
    return true;
  }
  return false;
}

// Each leg in turn to its own best, the others as they are: slow and sure.
void Solver::sweep(std::vector<double>& x, double price) const {
  std::vector<double> w = wealth_after(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const GrowthLeg& leg = problem_.legs[i];
    const auto pay = [&](std::size_t s) {
      return flat(leg) + (s >= leg.run.first && s < leg.run.last ? slope(leg) : 0);
    };
    // The slope falls in x and is −∞ or +∞ where wealth ends, so halving finds its zero.
    double low = 0, high = leg.cap;
    for (std::size_t s = 0; s < w.size(); ++s) {
      const double end = x[i] - (w[s] - 1e-12 * problem_.wealth[s]) / pay(s);
      if (pay(s) < 0) high = std::min(high, std::max(end, x[i]));
      if (pay(s) > 0) low = std::max(low, std::min(end, x[i]));
    }
    const auto slope_at = [&](double at) {
      double sum = -price * leg.cost;
      for (std::size_t s = 0; s < w.size(); ++s) sum += probability_[s] * pay(s) / (w[s] + (at - x[i]) * pay(s));
      return sum;
    };
    double best = low;
    if (slope_at(low) > 0) {
      best = high;
      if (slope_at(high) < 0) {
        for (int k = 0; k < kBisections; ++k) {
          best = 0.5 * (low + high);
          (slope_at(best) > 0 ? low : high) = best;
        }
      }
    }
    for (std::size_t s = 0; s < w.size(); ++s) w[s] += (best - x[i]) * pay(s);
    x[i] = best;
  }
}

std::vector<double> Solver::solve(double price) const {
  std::vector<double> x(problem_.legs.size());
  double breach = stationarity_of(gradient(x, price), x);
  for (int iteration = 0; iteration < kIterationsMax && breach > kBreach; ++iteration) {
    std::vector<double> next = x;
    if (!newton(next, price)) sweep(next, price);
    const double then = stationarity_of(gradient(next, price), next);
    // Rounding has the last word: near the top a step that mends nothing ends it.
    if (then >= breach && breach < 1e-9) break;
    x = std::move(next);
    breach = then;
  }
  return x;
}

double Solver::stationarity_of(std::span<const double> slopes, std::span<const double> x) const {
  const double w = *std::max_element(problem_.wealth.begin(), problem_.wealth.end());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] > 0) worst = std::max(worst, -slopes[i] * w);
    if (x[i] < problem_.legs[i].cap) worst = std::max(worst, slopes[i] * w);
  }
  return worst;
}

}  // namespace

std::vector<double> maximise_growth(const GrowthProblem& given) {
  // No leg can take more than the whole budget; without this an arbitrage would run to the end of a double.
  GrowthProblem problem = given;
  for (GrowthLeg& leg : problem.legs) leg.cap = std::min(leg.cap, problem.budget / leg.cost);
  const Solver solver{problem};
  std::vector<double> x = solver.solve(0);
  if (solver.spent(x) <= problem.budget) return x;
  // What is spent falls as its price rises; the price at which it meets the budget is found by halving.
  double low = 0, high = 1 / *std::min_element(problem.wealth.begin(), problem.wealth.end());
  while (solver.spent(solver.solve(high)) > problem.budget) high *= 2;
  for (int i = 0; i < kBudgetSteps && high - low > 1e-15 * high; ++i) {
    const double middle = 0.5 * (low + high);
    std::vector<double> at = solver.solve(middle);
    if (solver.spent(at) > problem.budget) {
      low = middle;
    } else {
      high = middle;
      x = std::move(at);
    }
  }
  if (solver.spent(x) > problem.budget) x = solver.solve(high);
  return x;
}

double stationarity(const GrowthProblem& problem, std::span<const double> x, double price_of_budget) {
  const Solver solver{problem};
  return solver.stationarity_of(solver.gradient(x, price_of_budget), x);
}

double expected_log(const GrowthProblem& problem, std::span<const double> x) {
  return Solver{problem}.value(x, 0);
}

}  // namespace voltage::strategy
