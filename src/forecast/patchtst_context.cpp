#include "forecast/patchtst_context.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "features/schema.hpp"

namespace voltage::forecast {
namespace {

constexpr std::array kMoment{
    "day_level_1440m",   "realised5_60m",    "realised5_180m",   "realised5_720m",      "realised5_4320m",
    "realised5_10080m",  "parkinson1_5m",    "parkinson1_15m",   "parkinson1_60m",      "parkinson1_180m",
    "ewma1_15m",         "ewma5_120m",       "ewma5_480m",       "ewma5_5760m",         "ewma5_20160m",
    "vol_of_vol_60m",    "vol_of_vol_1440m", "jump_60m",         "max_return_60m",      "range_width_60m",
    "range_width_1440m", "abs_return_240m",  "season_now",       "season_hour_ago_60m", "weekday",
    "new_york_minute",   "to_next_hour",     "american_session", "release_behind_60m",  "since_release_1440m",
};
constexpr std::array kHorizon{"log_horizon",     "season_ahead", "scale_ratio",
                              "scale_reference", "scale_level",  "release_ahead"};

std::vector<std::size_t> find_columns() {
  const auto& schema = features::schema();
  std::vector<std::size_t> out;
  for (const auto& name : patchtst_context_names()) {
    const auto at = std::find_if(schema.begin(), schema.end(), [&](const auto& f) { return f.name == name; });
    CHECK(at != schema.end());
    out.push_back(static_cast<std::size_t>(at - schema.begin()));
  }
  return out;
}

}  // namespace

const std::vector<std::string>& patchtst_context_names() {
  static const auto names = [] {
    std::vector<std::string> all(kMoment.begin(), kMoment.end());
    all.insert(all.end(), kHorizon.begin(), kHorizon.end());
    return all;
  }();
  return names;
}

std::size_t patchtst_moment_context() {
  return kMoment.size();
}

void patchtst_context(std::span<const float> row, std::span<float> out) {
  static const auto columns = find_columns();
  CHECK(out.size() == columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) out[i] = row[columns[i]];
}

}  // namespace voltage::forecast
