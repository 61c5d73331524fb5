#include "model/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "forecast/forecaster.hpp"
#include "forecast/isotonic.hpp"

namespace voltage::model {
namespace {

using forecast::CalibrationPoint;
using forecast::kMembers;
using forecast::kNodes;

// How much a node hears of another, by how many nodes apart they are.
constexpr std::array<double, 3> kHearing{1.0, 0.5, 0.2};

// What a calibration is believed to be before its record speaks. Half a year has 17 thousand quarters of an hour but a
// thousand times four hours, of few kinds of market: what it says of long horizons is mostly its own luck, so the prior
// grows with the horizon. Chosen on 2024, fitted before.
struct Prior {
  double outcomes{};  // effective ones that the prior curve is worth, up to a quarter of an hour
  double growth{};    // power of the horizon beyond it
  bool shifts{};      // the curve is moved by what all raw logits are off; else it is the identity

  double at(std::size_t node) const {
    constexpr double from_minutes = 15;
    return outcomes * std::pow(std::max(1.0, forecast::kNodeMinutes[node] / from_minutes), growth);
  }
};
constexpr Prior kMember{1500, 1, true};
// The members are calibrated already: the blend moves only where its own record insists, from two hours on hardly.
constexpr Prior kBlend{4500, 2, false};

double hearing(std::size_t a, std::size_t b) {
  const std::size_t apart = a > b ? a - b : b - a;
  return apart < kHearing.size() ? kHearing[apart] : 0.0;
}

// The one number by which all raw logits are off: what is_unbalance did to them.
double common_shift(const std::vector<CalibrationPoint>& points) {
  double shift = 0;
  for (int round = 0; round < 20; ++round) {
    double gradient = 0;
    double curvature = 1e-9;
    for (const auto& p : points) {
      const double q = forecast::logistic(p.x + shift);
      gradient += p.weight * (p.y - q);
      curvature += p.weight * q * (1 - q);
    }
    const double step = std::clamp(gradient / curvature, -1.0, 1.0);
    shift += step;
    if (std::abs(step) < 1e-9) break;
  }
  return shift;
}

template <class Logit>
forecast::CurveTable calibration_of(const std::vector<HeldOut>& answers, const Prior& prior, const Logit& logit) {
  std::array<std::vector<CalibrationPoint>, kNodes> points;
  std::vector<CalibrationPoint> all;
  for (const auto& a : answers) {
    const double x = logit(a);
    if (std::isnan(x)) continue;
    const CalibrationPoint point{x, a.moved ? 1.0 : 0.0, a.weight};
    all.push_back(point);
    for (std::size_t node = 0; node < kNodes; ++node) {
      if (const double h = hearing(node, a.node); h > 0) points[node].push_back({point.x, point.y, h * point.weight});
    }
  }
  if (all.empty()) return {};
  const double shift = prior.shifts ? common_shift(all) : 0;
  forecast::CalibrationGrid grid;
  std::vector<std::vector<double>> rows;
  for (std::size_t node = 0; node < kNodes; ++node) {
    grid.prior = prior.at(node);
    rows.push_back(forecast::smooth_isotonic(std::move(points[node]), grid, shift));
  }
  return {grid.x0, grid.step, std::move(rows)};
}

}  // namespace

namespace {

// The members that answered nearly always; one that did not can't be weighed against the others.
std::array<bool, kMembers> members_of(const std::vector<BlendRow>& rows) {
  std::array<std::size_t, kMembers> answers{};
  for (const auto& r : rows) {
    for (std::size_t m = 0; m < kMembers; ++m) answers[m] += std::isnan(r.logit[m]) ? 0 : 1;
  }
  std::array<bool, kMembers> present{};
  for (std::size_t m = 0; m < kMembers; ++m) present[m] = answers[m] > 0 && 10 * answers[m] >= 8 * rows.size();
  return present;
}

void normalise(std::array<double, kMembers>& w) {
  const double sum = std::accumulate(w.begin(), w.end(), 0.0);
  for (double& v : w) v = sum > 0 ? v / sum : 0;
}

void drop_small(std::array<double, kMembers>& w, double least) {
  for (double& v : w) v = v < least ? 0 : v;
  normalise(w);
}

}  // namespace

std::array<double, kMembers> blend_weights(const std::vector<BlendRow>& rows, double least) {
  const auto present = members_of(rows);
  std::array<double, kMembers> w{};
  for (std::size_t m = 0; m < kMembers; ++m) w[m] = present[m] ? 1 : 0;
  normalise(w);
  const auto usable = [&](const BlendRow& r) {
    for (std::size_t m = 0; m < kMembers; ++m) {
      if (present[m] && std::isnan(r.logit[m])) return false;
    }
    return true;
  };
  double total = 0;
  for (const auto& r : rows) total += usable(r) ? r.weight : 0;
  if (total <= 0) return w;
  constexpr int rounds = 300;
  constexpr double rate = 3;
  for (int round = 0; round < rounds; ++round) {
    std::array<double, kMembers> gradient{};
    for (const auto& r : rows) {
      if (!usable(r)) continue;
      double logit = 0;
      for (std::size_t m = 0; m < kMembers; ++m) logit += present[m] ? w[m] * r.logit[m] : 0;
      const double error = forecast::logistic(logit) - (r.moved ? 1 : 0);
      for (std::size_t m = 0; m < kMembers; ++m) gradient[m] += present[m] ? r.weight * error * r.logit[m] / total : 0;
    }
    for (std::size_t m = 0; m < kMembers; ++m) w[m] *= std::exp(-rate * gradient[m]);
    normalise(w);
  }
  drop_small(w, least);
  return w;
}

std::array<double, kMembers> steady_weights(std::array<double, kMembers> learnt, double least) {
  // EWMA and HAR tell nothing that the other two were not told. What half a year's weights say of them is which market
  // it was. Shares and trust were chosen on 2023 and 2024, each fitted before.
  constexpr std::array<double, kMembers> believed{0, 0, 0.65, 0.35};
  constexpr double trust = 0.5;  // in what was learnt
  auto prior = believed;
  for (std::size_t m = 0; m < kMembers; ++m) prior[m] = learnt[m] > 0 ? prior[m] : 0;
  normalise(prior);
  if (std::accumulate(prior.begin(), prior.end(), 0.0) <= 0) return learnt;
  for (std::size_t m = 0; m < kMembers; ++m) learnt[m] = trust * learnt[m] + (1 - trust) * prior[m];
  drop_small(learnt, least);
  return learnt;
}

void calibrate(const std::vector<HeldOut>& answers, forecast::Bundle& bundle) {
  for (std::size_t m = 0; m < kMembers; ++m) {
    bundle.calibration[m] = calibration_of(answers, kMember, [m](const HeldOut& a) { return a.raw[m]; });
  }
  const forecast::Forecaster ask{bundle};
  std::array<std::vector<BlendRow>, kNodes> rows;
  for (const auto& a : answers) {
    const forecast::NodePlace place = forecast::node_place(forecast::kNodeMinutes[a.node]);
    const auto logit = ask.calibrated(place, a.raw);
    for (std::size_t node = 0; node < kNodes; ++node) {
      if (const double h = hearing(node, a.node); h > 0) rows[node].push_back({logit, h * a.weight, a.moved});
    }
  }
  for (std::size_t node = 0; node < kNodes; ++node) bundle.weights[node] = steady_weights(blend_weights(rows[node]));
  bundle.blend_calibration = {};
  bundle.blend_calibration = calibration_of(answers, kBlend, [&](const HeldOut& a) {
    const forecast::NodePlace place = forecast::node_place(forecast::kNodeMinutes[a.node]);
    return ask.blend(place, ask.calibrated(place, a.raw));
  });
}

}  // namespace voltage::model
