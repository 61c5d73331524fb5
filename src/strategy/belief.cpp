#include "strategy/belief.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace voltage::strategy {
namespace {

constexpr int kNewtonSteps = 25;
constexpr double kBound = 0.001;
// ρ₀: not knowing the index to within a third of the move to come halves what fair is worth. From 662 and 672 markets
// of July 2026: the best weight of fair is 0.2 with ρ at 0.1, 0.0 with 0.5 and with 1.2, each known to about 0.1.
constexpr double kNoiseHalf = 0.1;

double dot(const BeliefTerms& a, const BeliefTerms& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kBeliefTerms; ++i) sum += a[i] * b[i];
  return sum;
}
BeliefTerms terms(const BeliefInput& in) {
  const double market = logit(in.microprice);
  const double kept = kNoiseHalf / (kNoiseHalf + in.index_noise);
  return {1, market + kept * (logit(in.fair) - market), market, in.flow};
}

// The inverse of a symmetric positive definite matrix, by Gauss-Jordan.
using Matrix = std::array<BeliefTerms, kBeliefTerms>;
Matrix inverse(Matrix m) {
  Matrix out{};
  for (std::size_t i = 0; i < kBeliefTerms; ++i) out[i][i] = 1;
  for (std::size_t c = 0; c < kBeliefTerms; ++c) {
    CHECK(m[c][c] > 0);
    const double pivot = m[c][c];
    for (std::size_t k = 0; k < kBeliefTerms; ++k) {
      m[c][k] /= pivot;
      out[c][k] /= pivot;
    }
    for (std::size_t r = 0; r < kBeliefTerms; ++r) {
      if (r == c) continue;
      const double factor = m[r][c];
      for (std::size_t k = 0; k < kBeliefTerms; ++k) {
        m[r][k] -= factor * m[c][k];
        out[r][k] -= factor * out[c][k];
      }
    }
  }
  return out;
}

}  // namespace

double logit(double p) {
  const double bounded = std::clamp(p, kBound, 1 - kBound);
  return std::log(bounded / (1 - bounded));
}
double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

Belief::Belief(const BeliefPrior& prior) : prior_{prior}, mode_{prior.mean} {
  for (std::size_t i = 0; i < kBeliefTerms; ++i) {
    CHECK(prior.sd[i] > 0);
    covariance_[i][i] = prior.sd[i] * prior.sd[i];
  }
}

double Belief::probability(const BeliefInput& in) const {
  return logistic(dot(mode_, terms(in)));
}

double Belief::logit_sd(const BeliefInput& in) const {
  const BeliefTerms x = terms(in);
  double variance = 0;
  for (std::size_t i = 0; i < kBeliefTerms; ++i) variance += x[i] * dot(covariance_[i], x);
  return std::sqrt(std::max(variance, 0.0));
}

void Belief::observe(event::ContractId contract, const BeliefInput& in) {
  auto& rows = waiting_[contract];
  if (rows.size() == kRowsMax) rows.erase(rows.begin());
  rows.push_back(terms(in));
}

void Belief::settle(event::ContractId contract, event::Outcome outcome) {
  const auto entry = waiting_.find(contract);
  if (entry == waiting_.end()) return;
  const double weight = 1.0 / static_cast<double>(entry->second.size());
  for (const BeliefTerms& x : entry->second) rows_.push_back({x, weight, outcome == event::Outcome::yes});
  waiting_.erase(entry);
  if (rows_.size() > kSettledRowsMax) {
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(rows_.size() - kSettledRowsMax));
  }
  ++settled_;
  fit();
}

void Belief::fit() {
  for (int step = 0; step < kNewtonSteps; ++step) {
    BeliefTerms slope{};
    Matrix curvature{};
    for (std::size_t i = 0; i < kBeliefTerms; ++i) {
      const double precision = 1 / (prior_.sd[i] * prior_.sd[i]);
      slope[i] = -precision * (mode_[i] - prior_.mean[i]);
      curvature[i][i] = precision;
    }
    for (const Row& row : rows_) {
      const double p = logistic(dot(mode_, row.x));
      const double pull = row.weight * ((row.yes ? 1 : 0) - p), bend = row.weight * p * (1 - p);
      for (std::size_t i = 0; i < kBeliefTerms; ++i) {
        slope[i] += pull * row.x[i];
        for (std::size_t j = 0; j < kBeliefTerms; ++j) curvature[i][j] += bend * row.x[i] * row.x[j];
      }
    }
    covariance_ = inverse(curvature);
    double moved = 0;
    for (std::size_t i = 0; i < kBeliefTerms; ++i) {
      // The prior keeps the step sane; a bound keeps the first one from overshooting on separable rows.
      const double change = std::clamp(dot(covariance_[i], slope), -1.0, 1.0);
      mode_[i] += change;
      moved = std::max(moved, std::abs(change));
    }
    if (moved < 1e-10) break;
  }
}

}  // namespace voltage::strategy
