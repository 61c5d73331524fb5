#include "forecast/scale.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::forecast {
namespace {

using features::kVarianceFloor;
using features::View;

double half_log(double variance) {
  return 0.5 * std::log(variance + kVarianceFloor);
}

// Each missing value becomes the next known one (longer windows come later), else the one before.
template <std::size_t N>
void fill(std::array<double, N>& values, double fallback) {
  double known = View::kNaN;
  for (std::size_t i = N; i-- > 0;) {
    if (std::isnan(values[i])) values[i] = known;
    known = values[i];
  }
  known = fallback;
  for (double& v : values) {
    if (!std::isnan(v)) known = v;
  }
  for (std::size_t i = N; i-- > 0;) {
    if (std::isnan(values[i])) values[i] = known;
  }
}

// Over whole hours the slots cancel; what is left of the window begins with it.
double log_recent_factor(const ScaleInputs& in, const features::Season& season, double minutes, double log_season) {
  constexpr double hour = features::kSlotMinutes * static_cast<double>(features::kHourSlots);
  const double rest = std::fmod(minutes, hour);
  double excess = 0;
  features::Minute at = in.end;
  for (double left = rest; left > 0;) {
    const double piece = std::min(left, static_cast<double>(features::kSlotMinutes - at % features::kSlotMinutes));
    excess += in.slot_excess[features::hour_slot(at)] * piece * season.mean_over(at, piece);
    at += static_cast<features::Minute>(piece);
    left -= piece;
  }
  return std::log1p(excess / (minutes * std::exp(log_season)));
}

}  // namespace

ScaleInputs scale_inputs(const View& view, double log_level) {
  ScaleInputs in;
  in.end = view.minute() + 1;
  in.fine = view.fine();
  static constexpr std::array<std::size_t, kHarVols> windows{5, 30, 180, 1440, 10080};
  for (std::size_t i = 0; i < kHarVols; ++i) {
    double variance = i + 1 < kHarVols ? view.var1(windows[i]) : View::kNaN;
    if (std::isnan(variance)) variance = i == 0 ? view.range5(windows[i]) : view.var5(windows[i]);
    in.log_vol[i] = half_log(variance);
  }
  fill(in.log_vol, std::isnan(view.reference()) ? log_level : view.reference());
  constexpr std::size_t fine = features::kFineHalfLives.size();
  for (std::size_t i = 0; i < kQuickChoices; ++i) {
    in.log_quick[i] = half_log(i < fine ? view.fine_ewma(i) : view.coarse_ewma(i - fine));
  }
  fill(in.log_quick, in.log_vol[2]);
  in.slot_excess = view.slot_excess();
  return in;
}

Scales scales(const ScaleModel& model, const ScaleInputs& in, const features::Season& season, double minutes) {
  Scales out;
  out.minutes = minutes;
  out.place = node_place(minutes);
  out.log_season = std::log(season.mean_over(in.end, minutes));
  const double root = 0.5 * std::log(minutes);
  const auto& coefficients = model.har[in.fine ? 0 : 1];
  const auto& choice = model.quick[in.fine ? 0 : 1];
  const auto har_at = [&](std::size_t node) {
    const auto& b = coefficients[node];
    double sum = b[0] + b[1] * 0.5 * out.log_season;
    for (std::size_t i = 0; i < kHarVols; ++i) sum += b[2 + i] * in.log_vol[i];
    return sum;
  };
  const auto quick_at = [&](std::size_t node) { return in.log_quick[choice[node]]; };
  const std::size_t low = out.place.low;
  out.har = between(out.place, har_at(low), har_at(low + 1)) + root;
  out.quick = between(out.place, quick_at(low), quick_at(low + 1)) + 0.5 * out.log_season + root;
  out.log_release = season.log_release_factor(in.end, minutes);
  out.log_recent = log_recent_factor(in, season, minutes, out.log_season);
  out.informed = out.har + 0.5 * (kReleaseTrust * out.log_release + out.log_recent);
  return out;
}

}  // namespace voltage::forecast
