#include "forecast/forecaster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "features/assemble.hpp"
#include "features/schema.hpp"
#include "forecast/density_fit.hpp"
#include "forecast/patchtst_context.hpp"

namespace voltage::forecast {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Moves at which the density is fitted, in units of the scale: from deep inside to the far tail.
constexpr std::array<double, 10> kFitMoves{-2.2, -1.5, -1.0, -0.6, -0.25, 0.05, 0.35, 0.65, 0.95, 1.3};

// Where the law is fitted: the nodes, and the edges of the releases ahead, because between two fits variance is
// straight, and a release is a step: a contract that closes at half past eight must not pay for the minute after.
std::vector<double> surface_minutes(const features::Season& season, features::Minute begin) {
  constexpr features::Minute day = 1440;
  static constexpr std::array<features::Minute, 4> edges{0, 1, 5, 30};
  static const auto ordinary = features::flat_profile();
  std::vector<double> minutes(kNodeMinutes.begin(), kNodeMinutes.end());
  for (const auto& release : features::releases()) {
    if (release.at >= begin + day) break;
    const auto kind = static_cast<std::size_t>(release.kind);
    if (season.release_profile()[kind] == ordinary[kind]) continue;
    for (const auto edge : edges) {
      const features::Minute ahead = release.at + edge - begin;
      if (ahead > 1 && ahead < day) minutes.push_back(static_cast<double>(ahead));
    }
  }
  std::sort(minutes.begin(), minutes.end());
  minutes.erase(std::unique(minutes.begin(), minutes.end()), minutes.end());
  return minutes;
}

std::optional<PatchTstAverage::Embedding> embed(const PatchTstAverage& network, const PatchTstRows& rows,
                                                features::Minute minute, const features::Blank& blank) {
  const auto bars = static_cast<std::size_t>(network.shape().window);
  const auto there = rows.window(minute, bars);
  if (!there || blank.minutes < bars) return std::nullopt;
  if (!blank.volume && !blank.taker) return network.embed(*there);
  std::vector<float> window(there->begin(), there->end());
  for (std::size_t i = 0; i < bars; ++i) {
    if (blank.volume) window[i * kPatchTstSeries + 2] = static_cast<float>(kNaN);
    window[i * kPatchTstSeries + 3] = static_cast<float>(kNaN);
  }
  return network.embed(window);
}

}  // namespace

Result<Past> make_past(const market::CandleSeries& fine, const market::CandleSeries& coarse,
                       const features::Season& season) {
  auto history = features::assemble(fine, coarse, season);
  if (!history) return fail(history.error().message);
  PatchTstRows rows;
  if (!fine.bars.empty()) {
    const Duration span = fine.bars.back().begin - fine.bars.front().begin;
    rows.reserve(static_cast<std::size_t>(span.ns / features::kMinuteNs) + 1);
  }
  for (const auto& bar : fine.bars) {
    if (const auto s = rows.append(bar); !s) return fail(s.error().message);
  }
  return Past{std::move(*history), std::move(rows)};
}

double scaled_move(double move, double log_scale) {
  return std::clamp(std::log(move) - log_scale, -8.0, 6.0);
}

void horizon_features(const Scales& scale, double reference, std::span<float> out) {
  const double root = 0.5 * std::log(scale.minutes);
  const double per_root_minute = scale.har - root;
  out[features::kLogHorizon] = static_cast<float>(2 * root);
  out[features::kSeasonAhead] = static_cast<float>(scale.log_season);
  out[features::kScaleRatio] = static_cast<float>(scale.har - scale.quick);
  out[features::kScaleReference] = static_cast<float>(per_root_minute - 0.5 * scale.log_season - reference);
  out[features::kScaleLevel] = static_cast<float>(per_root_minute);
  out[features::kReleaseAhead] = static_cast<float>(scale.log_release);
}

Moment Forecaster::look(const Past& past, std::size_t slot, features::Blank blank) const {
  const features::View view{past.history, slot, blank};
  Moment moment;
  moment.at = Time{(view.minute() + 1) * features::kMinuteNs};
  moment.close = std::exp(view.point().log_close);
  moment.reference = view.reference();
  moment.inputs = scale_inputs(view, bundle_->scale.log_level);
  moment.row.resize(features::schema().size());
  features::moment_features(view, moment.row);
  if (bundle_->patchtst && view.fine()) moment.window = embed(*bundle_->patchtst, past.rows, view.minute(), blank);
  return moment;
}

Ahead Forecaster::ahead(const Moment& moment, double minutes) const {
  Ahead ahead;
  ahead.scale = scales(bundle_->scale, moment.inputs, bundle_->season, minutes);
  ahead.row = moment.row;
  horizon_features(ahead.scale, moment.reference,
                   std::span{ahead.row}.subspan(features::moment_feature_count(), features::kHorizonFeatures));
  if (moment.window) {
    std::vector<float> context(patchtst_context_names().size());
    patchtst_context(ahead.row, context);
    ahead.curve = bundle_->patchtst->head(*moment.window, context);
  }
  return ahead;
}

std::array<double, kMembers> Forecaster::raw(const Ahead& ahead, double move) const {
  const Scales& s = ahead.scale;
  const double by_quick = scaled_move(move, s.quick);
  const double by_har = scaled_move(move, s.har);
  const double informed = scaled_move(move, s.informed);
  std::array<double, kMembers> out{};
  out[kEwma] = bundle_->law[kEwma].at(s.place, by_quick);
  out[kHar] = bundle_->law[kHar].at(s.place, by_har);
  std::array<float, 512> row;
  CHECK(ahead.row.size() <= row.size());
  std::copy(ahead.row.begin(), ahead.row.end(), row.begin());
  row[ahead.row.size() - 1] = static_cast<float>(informed);
  out[kLightgbm] =
      bundle_->law[kHar].at(s.place, informed) + bundle_->trees.raw(std::span{row}.first(ahead.row.size()));
  out[kPatchtst] = ahead.curve ? ahead.curve->logit(informed) : kNaN;
  return out;
}

std::array<double, kMembers> Forecaster::calibrated(const NodePlace& place,
                                                    const std::array<double, kMembers>& raw) const {
  std::array<double, kMembers> out = raw;
  for (std::size_t m = 0; m < kMembers; ++m) {
    if (!std::isnan(raw[m]) && !bundle_->calibration[m].empty()) out[m] = bundle_->calibration[m].at(place, raw[m]);
  }
  return out;
}

double Forecaster::blend(const NodePlace& place, const std::array<double, kMembers>& calibrated) const {
  double sum = 0;
  double weight = 0;
  for (std::size_t m = 0; m < kMembers; ++m) {
    if (std::isnan(calibrated[m])) continue;
    const double w = between(place, bundle_->weights[place.low][m], bundle_->weights[place.low + 1][m]);
    sum += w * calibrated[m];
    weight += w;
  }
  // With every weighted member absent the regression still answers: it needs nothing but a price.
  const double logit = weight > 0 ? sum / weight : calibrated[kHar];
  return bundle_->blend_calibration.empty() ? logit : bundle_->blend_calibration.at(place, logit);
}

Answer Forecaster::answer(const Ahead& ahead, double move) const {
  const auto logits = calibrated(ahead.scale.place, raw(ahead, move));
  const auto bounded = [](double logit) { return logistic(std::clamp(logit, -kLogitMax, kLogitMax)); };
  Answer out;
  for (std::size_t m = 0; m < kMembers; ++m) out.member[m] = std::isnan(logits[m]) ? kNaN : bounded(logits[m]);
  out.ensemble = bounded(blend(ahead.scale.place, logits));
  return out;
}

Surface Forecaster::surface(const Moment& moment) const {
  std::vector<SurfaceNode> nodes;
  double before = 0;
  for (const double minutes : surface_minutes(bundle_->season, moment.inputs.end)) {
    const Ahead at = ahead(moment, minutes);
    std::array<CurvePoint, kFitMoves.size()> curve{};
    for (std::size_t i = 0; i < kFitMoves.size(); ++i) {
      const double move = std::exp(at.scale.informed + kFitMoves[i]);
      curve[i] = {move, answer(at, move).ensemble};
    }
    DensityShape shape = fit_density(curve, std::exp(at.scale.informed));
    // Variance may not fall as the horizon grows: that would be money for nothing between two expiries.
    shape.scale = std::max(shape.scale, before * (1 + 1e-6));
    before = shape.scale;
    const double drift = -0.5 * shape.scale * shape.scale;  // the price itself is a martingale
    nodes.push_back({Duration{static_cast<std::int64_t>(minutes) * features::kMinuteNs},
                     Density::make(drift, shape.scale, shape.kappa)});
  }
  return Surface{moment.at, moment.close, std::move(nodes)};
}

}  // namespace voltage::forecast
