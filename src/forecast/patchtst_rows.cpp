#include "forecast/patchtst_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace voltage::forecast {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kBarsMin = 60;             // fewer say too little about the level
constexpr double kParkinson = 2.772588722239781;  // 4 ln 2
constexpr double kRangeFloor = 0.1;
constexpr double kVolumeFloor = 0.02;
constexpr double kLevelFloor = 1e-6;  // per √minute: a dead feed must not divide by zero
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

}  // namespace

std::vector<std::string> patchtst_series_names() {
  return {"log_return", "log_range", "volume", "flow"};
}

// Added up oldest hour first, so that the sum does not depend on what came before the day.
PatchTstRows::Hour PatchTstRows::last_day() const {
  const std::int64_t now = (origin_ + static_cast<std::int64_t>(size())) / 60;
  Hour out;
  for (std::int64_t id = std::max<std::int64_t>(0, now - kHours + 1); id <= now; ++id) {
    const Hour& hour = hours_[static_cast<std::size_t>(id % kHours)];
    if (hour.id != id) continue;
    out.bars += hour.bars;
    out.squared += hour.squared;
    out.volume += hour.volume;
  }
  return out;
}

Status PatchTstRows::append(const market::Candle& bar) {
  const std::int64_t minute = bar.begin.ms() / kMinuteMs;
  if (values_.empty()) origin_ = minute;
  const auto next = origin_ + static_cast<std::int64_t>(size());
  if (minute < next)
    return fail(fmt::format("minute {} comes after minute {}: bars must come in order", minute, next - 1));
  const bool contiguous = !values_.empty() && minute == next;
  values_.resize(static_cast<std::size_t>(minute - origin_) * kPatchTstSeries, kMissing);

  const double range = std::log(bar.high / bar.low);
  const std::int64_t id = minute / 60;
  Hour& hour = hours_[static_cast<std::size_t>(id % kHours)];
  if (hour.id != id) hour = Hour{id, 0, 0, 0};
  ++hour.bars;
  hour.squared += range * range;
  if (std::isfinite(bar.volume)) hour.volume += bar.volume;

  std::array<float, kPatchTstSeries> row;
  row.fill(kMissing);
  if (const Hour day = last_day(); day.bars >= kBarsMin) {
    const auto count = static_cast<double>(day.bars);
    const double s = std::max(std::sqrt(day.squared / count / kParkinson), kLevelFloor);
    const double volume = day.volume / count;
    if (contiguous) row[0] = static_cast<float>(std::asinh(std::log(bar.close / last_close_) / s));
    row[1] = static_cast<float>(std::log(range / s + kRangeFloor));
    if (volume > 0) row[2] = static_cast<float>(std::log(bar.volume / volume + kVolumeFloor));
    if (bar.volume > 0) row[3] = static_cast<float>((2 * bar.taker_buy - bar.volume) / bar.volume);
    if (bar.volume == 0 && std::isfinite(bar.taker_buy)) row[3] = 0;
  }
  values_.insert(values_.end(), row.begin(), row.end());
  last_close_ = bar.close;
  return {};
}

std::optional<std::span<const float>> PatchTstRows::window(std::int64_t minute, std::size_t bars) const {
  const std::int64_t end = minute + 1 - origin_;
  const auto count = static_cast<std::int64_t>(bars);
  if (end < count || end > static_cast<std::int64_t>(size())) return std::nullopt;
  return std::span{values_}.subspan(static_cast<std::size_t>(end - count) * kPatchTstSeries, bars * kPatchTstSeries);
}

}  // namespace voltage::forecast
