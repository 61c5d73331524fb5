// metrics.json: every number of an evaluation, for programs.
#include <algorithm>
#include <numeric>

#include <nlohmann/json.hpp>

#include "app/evaluation/evaluate.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

using nlohmann::json;

constexpr int kNoiseDraws = 100;
constexpr std::uint64_t kNoiseSeed = 1;

json score_json(const forecast::BinaryScore& s) {
  return {{"n", s.n},
          {"base_rate", s.base_rate},
          {"brier", s.brier},
          {"skill", s.skill},
          {"log_loss", s.log_loss},
          {"auc", s.auc},
          {"calibration_error", s.calibration_error}};
}

// Log loss and skill of each column in the parts of the span that `part` tells apart.
json parts_json(const EventAnswers& e, const std::vector<std::string>& names,
                const std::function<std::size_t(std::size_t)>& part) {
  json out = json::object();
  for (std::size_t k = 0; k < names.size(); ++k) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      const auto rows = rows_of(e, c, [&](std::size_t i) { return part(i) == k; });
      if (rows.p.empty()) continue;
      const auto s = forecast::score_binary(rows.p, rows.y);
      out[names[k]][kColumnNames[c]] = {{"n", s.n}, {"log_loss", s.log_loss}, {"skill", s.skill}};
    }
  }
  return out;
}

json event_json(const EventAnswers& e, Duration every) {
  json out = {{"horizon_s", e.event.horizon.seconds()}, {"move", e.event.move}};
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto rows = rows_of(e, c, {});
    if (rows.p.empty()) continue;
    auto& column = out["columns"][kColumnNames[c]] = score_json(forecast::score_binary(rows.p, rows.y));
    const auto band = forecast::calibration_noise(rows.p, overlap_of(e, every), kNoiseDraws, kNoiseSeed);
    column["calibration_noise_median"] = band.median;
    column["calibration_noise_upper"] = band.upper;
    for (std::size_t other = 0; other < kColumns; ++other) {
      if (other != c && !rows_of(e, other, {}).p.empty()) {
        column["diebold_mariano"][kColumnNames[other]] = versus(e, c, other);
      }
    }
  }
  const auto regimes = regimes_of(e), hours = hours_of(e);
  out["by_regime"] =
      parts_json(e, {kRegimeNames.begin(), kRegimeNames.end()}, [&](std::size_t i) { return regimes[i]; });
  out["by_utc_hour"] = parts_json(e, {kHourNames.begin(), kHourNames.end()}, [&](std::size_t i) { return hours[i]; });
  return out;
}

double mean(const std::vector<double>& v) {
  return v.empty() ? 0 : std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

json density_json(const DensityAnswers& d) {
  std::vector<std::size_t> bins(20);
  for (const double u : d.pit) ++bins[std::min<std::size_t>(19, static_cast<std::size_t>(u * 20))];
  return {{"horizon_s", d.horizon.seconds()},
          {"n", d.pit.size()},
          {"crps", mean(d.crps)},
          {"crps_baseline", mean(d.crps_baseline)},
          {"log_score", mean(d.log_score)},
          {"log_score_baseline", mean(d.log_score_baseline)},
          {"pit_histogram", bins}};
}

}  // namespace

std::vector<std::size_t> regimes_of(const EventAnswers& e) {
  std::vector<std::size_t> out;
  if (e.at.empty()) return out;
  auto sorted = e.log_volatility;
  std::sort(sorted.begin(), sorted.end());
  const double low = sorted[sorted.size() / 3], high = sorted[2 * sorted.size() / 3];
  for (const double v : e.log_volatility) out.push_back(v < low ? 0 : v < high ? 1 : 2);
  return out;
}

std::vector<std::size_t> hours_of(const EventAnswers& e) {
  std::vector<std::size_t> out;
  for (const Time t : e.at) out.push_back(static_cast<std::size_t>(t.ns / 3'600'000'000'000 % 24 / 4));
  return out;
}

std::string metrics_json(const Answers& answers, const EvaluateSpan& span) {
  json out = {{"from", format_iso(span.from)}, {"to", format_iso(span.to)}, {"every_s", span.every.seconds()}};
  for (const auto& e : answers.events) {
    if (!e.at.empty()) out["events"].push_back(event_json(e, span.every));
  }
  for (const auto& d : answers.densities) {
    if (!d.pit.empty()) out["densities"].push_back(density_json(d));
  }
  return out.dump(1) + "\n";
}

}  // namespace voltage::app
