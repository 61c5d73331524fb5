#pragma once
// From fair value to what is traded on: the best-looking of many strikes is mostly our own error, so the
// market has the first word and evidence the last:
//
//   logit p = a + b₁·logit fair + b₂·logit microprice + b₃·flow
//
// The coefficients are the posterior mode of a logistic regression whose prior lies near the market. They
// are learned from settled contracts only, each contract with weight one however often it was looked at, and
// a prediction is always made with what settled before it: no row is predicted by a fit that has seen it.
//
// The market sees the index; we may know only a price of minutes ago. What fair says then is mostly what it does
// not know, so its logit first moves towards the market's: by the share ρ / (ρ + ρ₀), ρ the variance of the index
// as we know it over the variance still to come.
// Where learning is off the prior stands.
#include <array>
#include <cstddef>
#include <map>
#include <vector>

#include "base/types.hpp"
#include "event/event.hpp"

namespace voltage::strategy {

struct BeliefInput {
  double fair{};         // P(YES) of our own
  double microprice{};   // the market's
  double flow{};         // [−1, 1]
  double index_noise{};  // ρ, >= 0: 0 where the index is known
};

inline constexpr std::size_t kBeliefTerms = 4;  // constant, fair, microprice, flow
using BeliefTerms = std::array<double, kBeliefTerms>;

// The market's own prices are too near to one half: favourites are too cheap and long shots too dear. The outcomes'
// slope on the mid's logit is 1.14 (se 0.06) over 1,715 mids of July 2026 and 0.95 (0.15) over 994 of April; half of
// what they say together is believed.
inline constexpr double kMarketSlope = 1.06;
struct BeliefPrior {
  BeliefTerms mean{0, 0.06, kMarketSlope - 0.06, 0};
  BeliefTerms sd{0.05, 0.10, 0.10, 0.10};
};

class Belief {
 public:
  explicit Belief(const BeliefPrior& prior = {});

  double probability(const BeliefInput& in) const;
  // Standard deviation of the logit of `probability`: how little the coefficients are known.
  double logit_sd(const BeliefInput& in) const;
  const BeliefTerms& coefficients() const { return mode_; }
  std::size_t settled() const { return settled_; }

  // What was seen of a contract; kept until it settles, at most kRowsMax of the newest.
  void observe(event::ContractId contract, const BeliefInput& in);
  void settle(event::ContractId contract, event::Outcome outcome);
  void forget(event::ContractId contract) { waiting_.erase(contract); }

 private:
  static constexpr std::size_t kRowsMax = 64;
  static constexpr std::size_t kSettledRowsMax = 20'000;  // the oldest go first
  struct Row {
    BeliefTerms x;
    double weight;
    bool yes;
  };
  void fit();

  BeliefPrior prior_;
  BeliefTerms mode_{};
  std::array<BeliefTerms, kBeliefTerms> covariance_{};
  std::map<event::ContractId, std::vector<BeliefTerms>> waiting_;
  std::vector<Row> rows_;
  std::size_t settled_{0};
};

double logit(double p);  // p bounded to [0.001, 0.999]: beyond a tenth of a cent nobody knows anything
double logistic(double x);

}  // namespace voltage::strategy
