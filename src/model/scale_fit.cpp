#include "model/scale_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace voltage::model {
namespace {

using forecast::kHarTerms;
using forecast::kNodes;
using forecast::ScaleInputs;
using Row = std::array<double, kHarTerms>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kStride = 7;  // minutes between samples: prime to the hour, so all phases are seen
constexpr double kDegrees = 4;      // of the Student-t: about the tail of minutes to days
constexpr std::size_t kSamplesMin = 2000;
constexpr double kLogMoveMin = -14;  // a move of nothing: below any tick

struct Sample {
  ScaleInputs in;
  std::size_t slot{};  // in the fine history
};

struct NodeData {
  std::vector<Row> rows;
  std::vector<double> log_move;
  std::vector<std::size_t> sample;
};

// Solves A x = b for a small symmetric positive matrix (Cholesky).
Row solve(std::array<Row, kHarTerms> a, Row b) {
  for (std::size_t i = 0; i < kHarTerms; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / a[j][j];
    }
  }
  for (std::size_t i = 0; i < kHarTerms; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = kHarTerms; i-- > 0;) {
    for (std::size_t k = i + 1; k < kHarTerms; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

double dot(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kHarTerms; ++i) sum += a[i] * b[i];
  return sum;
}

// Maximum likelihood of r ~ exp(row · b) · t(kDegrees), by Fisher scoring. The information matrix is the
// rows' second moment times 2ν/(ν+3), the same at every step.
Row fit_student(const NodeData& data) {
  std::array<Row, kHarTerms> moment{};
  const auto n = static_cast<double>(data.rows.size());
  double mean_gap = 0;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    const Row& x = data.rows[i];
    for (std::size_t j = 0; j < kHarTerms; ++j) {
      for (std::size_t k = 0; k <= j; ++k) moment[j][k] += x[j] * x[k] / n;
    }
    mean_gap += (data.log_move[i] - x[4]) / n;
  }
  constexpr double ridge = 1e-6;
  for (std::size_t j = 0; j < kHarTerms; ++j) moment[j][j] += ridge;
  Row b{};
  b[0] = mean_gap + 0.6;  // ln|t| has a mean of about -0.6
  b[1] = 1;
  b[4] = 1;  // start from the 3-hour volatility
  constexpr double fisher = 2 * kDegrees / (kDegrees + 3);
  for (int round = 0; round < 40; ++round) {
    Row gradient{};
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
      const double u = std::exp(2 * (data.log_move[i] - dot(data.rows[i], b)));
      const double pull = (kDegrees + 1) * u / (kDegrees + u) - 1;
      for (std::size_t j = 0; j < kHarTerms; ++j) gradient[j] += pull * data.rows[i][j] / n;
    }
    const Row step = solve(moment, gradient);
    double largest = 0;
    for (std::size_t j = 0; j < kHarTerms; ++j) {
      b[j] += step[j] / fisher;
      largest = std::max(largest, std::abs(step[j]));
    }
    if (largest < 1e-6) break;
  }
  return b;
}

// How well an average tells the scale of moves: its mean negative log likelihood (but for a constant that
// is the same for all), with the best constant factor. gap: ln|move| − ln(average's scale).
double spread_of(const std::vector<double>& gap) {
  double mean_gap = 0;
  for (const double g : gap) mean_gap += g / static_cast<double>(gap.size());
  double shift = mean_gap + 0.6;
  double cost = 0;
  for (int round = 0; round < 12; ++round) {
    double pull = 0;
    cost = 0;
    for (const double g : gap) {
      const double u = std::exp(2 * (g - shift));
      pull += (kDegrees + 1) * u / (kDegrees + u) - 1;
      cost += shift + 0.5 * (kDegrees + 1) * std::log1p(u / kDegrees);
    }
    shift += pull / static_cast<double>(gap.size()) / (2 * kDegrees / (kDegrees + 3));
  }
  return cost / static_cast<double>(gap.size()) - mean_gap;
}

std::vector<Sample> samples_of(const forecast::Past& fine, const forecast::Past& past, SlotSpan span, bool coarse) {
  std::vector<Sample> out;
  const auto& history = past.history;
  for (std::size_t slot = span.begin; slot < span.end; slot += kStride) {
    features::Minute minute = fine.history.minute_of(slot);
    if (coarse) minute -= (minute % 5 + 1) % 5;  // the last minute at which a 5-minute bar ended
    const auto at = history.slot_of(minute);
    const auto in_fine = fine.history.slot_of(minute);
    if (at < 0 || in_fine < 0) continue;
    const features::View view{history, static_cast<std::size_t>(at)};
    if (!view.covered(10080, &features::Sums::n5)) continue;
    out.push_back({forecast::scale_inputs(view, 0), static_cast<std::size_t>(in_fine)});
  }
  return out;
}

NodeData node_data(const forecast::Past& fine, const std::vector<Sample>& samples, std::size_t node, std::size_t end) {
  NodeData data;
  const double minutes = forecast::kNodeMinutes[node];
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double log_move = log_outcome(fine.history, samples[i].slot, static_cast<std::size_t>(minutes), end);
    if (std::isnan(log_move)) continue;
    const ScaleInputs& in = samples[i].in;
    Row row{1, 0.5 * std::log(fine.history.season().mean_over(in.end, minutes))};
    std::copy(in.log_vol.begin(), in.log_vol.end(), row.begin() + 2);
    data.rows.push_back(row);
    data.log_move.push_back(log_move - 0.5 * std::log(minutes));
    data.sample.push_back(i);
  }
  return data;
}

std::size_t best_average(const NodeData& data, const std::vector<Sample>& samples, bool coarse) {
  std::size_t best = 0;
  double lowest = std::numeric_limits<double>::infinity();
  constexpr std::size_t fine_averages = features::kFineHalfLives.size();
  for (std::size_t k = coarse ? fine_averages : 0; k < forecast::kQuickChoices; ++k) {
    std::vector<double> gap;
    for (std::size_t i = 0; i < data.rows.size(); i += 4) {
      gap.push_back(data.log_move[i] - data.rows[i][1] - samples[data.sample[i]].in.log_quick[k]);
    }
    const double cost = spread_of(gap);
    if (cost < lowest) {
      lowest = cost;
      best = k;
    }
  }
  return best;
}

// The survival function of ln|r| − ln scale as logits on a grid; beyond the data a power tail.
std::vector<double> law_of(std::vector<double> z, double x0, double step, std::size_t points) {
  std::sort(z.begin(), z.end());
  const auto n = static_cast<double>(z.size());
  std::vector<double> out(points);
  constexpr double enough = 40;       // outcomes beyond a point, to trust their share
  constexpr double tail_slope = 3.5;  // of the logit in ln x: the power with which large moves thin out
  for (std::size_t i = 0; i < points; ++i) {
    const double x = x0 + step * static_cast<double>(i);
    const auto beyond = static_cast<double>(z.end() - std::upper_bound(z.begin(), z.end(), x));
    out[i] = forecast::logit_of((beyond + 0.5) / (n + 1));
    if (i == 0) continue;
    if (beyond < enough) out[i] = out[i - 1] - tail_slope * step;
    out[i] = std::min(out[i], out[i - 1] - 0.02 * step);
  }
  return out;
}

void fit_laws(const forecast::Past& fine, const std::vector<Sample>& samples, std::size_t end,
              forecast::Bundle& bundle) {
  constexpr double x0 = -5;
  constexpr double step = 0.1;
  constexpr std::size_t points = 76;
  std::array<std::vector<std::vector<double>>, 2> rows;
  for (std::size_t node = 0; node < kNodes; ++node) {
    std::array<std::vector<double>, 2> z;
    for (const auto& s : samples) {
      const double log_move =
          log_outcome(fine.history, s.slot, static_cast<std::size_t>(forecast::kNodeMinutes[node]), end);
      if (std::isnan(log_move)) continue;
      const auto scale = forecast::scales(bundle.scale, s.in, fine.history.season(), forecast::kNodeMinutes[node]);
      z[forecast::kEwma].push_back(log_move - scale.quick);
      z[forecast::kHar].push_back(log_move - scale.har);
    }
    for (std::size_t m = 0; m < 2; ++m) rows[m].push_back(law_of(std::move(z[m]), x0, step, points));
  }
  for (std::size_t m = 0; m < 2; ++m) bundle.law[m] = forecast::CurveTable{x0, step, std::move(rows[m])};
}

}  // namespace

double log_outcome(const features::History& history, std::size_t slot, std::size_t minutes, std::size_t end) {
  if (slot + minutes >= end || slot + minutes >= history.size()) return kNaN;
  const double r = history.point(slot + minutes).log_close - history.point(slot).log_close;
  return std::isnan(r) ? kNaN : std::max(std::log(std::abs(r)), kLogMoveMin);
}

Status fit_scales(const forecast::Past& fine, const forecast::Past& coarse, SlotSpan span, forecast::Bundle& bundle) {
  for (std::size_t resolution = 0; resolution < 2; ++resolution) {
    const auto samples = samples_of(fine, resolution == 0 ? fine : coarse, span, resolution == 1);
    if (samples.size() < kSamplesMin) {
      return fail(
          fmt::format("too few candles to train on: {} usable moments a week after the first bar, {} are needed "
                      "(about three weeks of 1-minute bars more)",
                      samples.size(), kSamplesMin));
    }
    double level = 0;
    for (const auto& s : samples) level += s.in.log_vol.back() / static_cast<double>(samples.size());
    bundle.scale.log_level = level;
    for (std::size_t node = 0; node < kNodes; ++node) {
      const auto data = node_data(fine, samples, node, span.end);
      bundle.scale.har[resolution][node] = fit_student(data);
      bundle.scale.quick[resolution][node] = best_average(data, samples, resolution == 1);
    }
    if (resolution == 0) fit_laws(fine, samples, span.end, bundle);
  }
  return {};
}

}  // namespace voltage::model
