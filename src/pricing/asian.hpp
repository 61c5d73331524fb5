#pragma once
// The law of the settlement value: the mean A of the 60 one-second index values before the close, seen from
// one moment. Every contract of that close is priced from the one law, so a ladder is monotone and its
// buckets sum to one by construction. Values in USD, probabilities in [0, 1], times in seconds inside.
//
// Given a component of the forecast (a volatility regime), A is log-normal about the index now:
//   Var(ln A) = V(h),  h = d + (r − 1)(2r − 1)/(6r)
// with r values still to come, the first of them d seconds ahead, and V(h) the component's variance over h
// seconds from now. Before the last minute that is h = close − now − 39.5 s. The part of the mean that is
// already seen is a constant that moves the strike. docs/PRICING.md derives it and says where it ends.
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/types.hpp"
#include "forecast/surface.hpp"
#include "market/contract.hpp"
#include "market/payoff.hpp"

namespace voltage::pricing {

inline constexpr int kAverageValues = 60;
inline constexpr double kSecondsPerYear = 365.25 * 86'400;

// What is known of the settlement at one moment.
struct SettlementView {
  Time now{};
  Time close{};
  double index_now{};    // USD, > 0
  double index_sd{};     // USD: how well index_now is known
  int seen{};            // values of the average known, 0 … 60
  double seen_mean{};    // USD, their mean
  double seen_sd{};      // USD: how well that mean is known; it errs as index_now does
  double second_rate{};  // log variance per second measured on seconds; 0: none, use the surface below a minute too
};

// The strike of a contract that has not opened yet: the mean of the 60 values before `open`.
struct ForwardStrike {
  Time open{};
  int seen{};
  double seen_mean{};
};

// Dollars a contract.
struct Greeks {
  double delta_1pct{};  // for a rise of the index by 1 %
  double vega_1vol{};   // for one more point of annual volatility
};

class SettlementLaw {
 public:
  // CHECKs index_now > 0, index_sd >= 0, 0 <= seen <= 60. A close that has passed is priced as if the
  // missing values came now.
  SettlementLaw(const forecast::Surface& surface, const SettlementView& view);

  double at_or_above_usd(double usd) const;             // P(A >= usd), A not rounded
  double at_or_above(std::int64_t cents) const;         // P(A rounded to cents >= cents)
  double prob(const market::CentRange& range) const;    // P(A rounded to cents in the range)
  double prob_yes(const market::Strike& strike) const;  // strike.known()
  // Each strike's probability; boundaries that strikes share are computed once.
  std::vector<double> ladder(std::span<const market::Strike> strikes) const;

  Greeks greeks(const market::CentRange& range) const;
  double annual_vol() const { return annual_vol_; }
  double sd_usd() const;  // standard deviation of A
  // What A is when the values to come equal the index now.
  double mean_usd() const {
    return left_ == 0 ? known_sum_ / kAverageValues : (known_sum_ + left_ * index_) / kAverageValues;
  }
  // The same law with every volatility k times as large, k > 0.
  SettlementLaw with_vol(double k) const;

 private:
  struct Part {
    double weight, mean, sd;
  };
  double threshold(double usd) const { return (usd * kAverageValues - known_sum_) / left_; }

  std::array<Part, forecast::kComponents> parts_{};
  double index_{};
  double known_sum_{};  // of the values seen, USD
  double left_{};       // number of values to come
  double noise_{};      // relative variance of what is known, on the mean of the values to come
  double seen_sd_{};
  double annual_vol_{};
};

double prob_yes(const forecast::Surface& surface, const SettlementView& view, const market::Strike& strike);

// P(A >= K), K the forward strike itself: what a contract is worth before its strike is known.
double prob_yes_forward(const forecast::Surface& surface, const SettlementView& view, const ForwardStrike& strike);

// The annual volatility at which the law, its shape kept, gives the range this probability. Only for a
// range open on one side (a bucket's probability is no monotone function of volatility). Empty if no
// volatility between 0.1 % and 10,000 % does.
std::optional<double> implied_vol(const SettlementLaw& law, const market::CentRange& range, double probability);

}  // namespace voltage::pricing
