#include "forecast/patchtst_channels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace voltage::forecast {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr Duration kMinute{60'000'000'000};
constexpr std::int64_t kHours = 25;               // whole hours kept, the running one among them
constexpr std::int64_t kBarsMin = 60;             // fewer say too little about the level
constexpr double kParkinson = 2.772588722239781;  // 4 ln 2
constexpr double kRangeFloor = 0.1;
constexpr double kVolumeFloor = 0.02;
constexpr double kLevelFloor = 1e-6;  // per √minute: a dead feed must not divide by zero

struct Hour {
  std::int64_t id{-1};
  std::int64_t bars{};
  double squared{};  // sum of (ln H/L)²
  double volume{};
};

// Sums by clock hour; asking adds them oldest first, so the answer does not depend on what came before them.
class Level {
 public:
  void add(std::int64_t minute, double range, double volume) {
    const std::int64_t id = minute / 60;
    Hour& hour = hours_[static_cast<std::size_t>(id % kHours)];
    if (hour.id != id) hour = Hour{.id = id};
    ++hour.bars;
    hour.squared += range * range;
    hour.volume += volume;
    last_ = id;
  }
  Hour sum() const {
    Hour out;
    for (std::int64_t id = last_ - kHours + 1; id <= last_; ++id) {
      if (id < 0) continue;
      const Hour& hour = hours_[static_cast<std::size_t>(id % kHours)];
      if (hour.id != id) continue;
      out.bars += hour.bars;
      out.squared += hour.squared;
      out.volume += hour.volume;
    }
    return out;
  }

 private:
  std::array<Hour, kHours> hours_{};
  std::int64_t last_{};
};

}  // namespace

std::vector<std::string> patchtst_series_names() {
  return {"log_return", "log_range", "volume", "flow"};
}

PatchTstChannels patchtst_channels(std::span<const market::Candle> bars) {
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  PatchTstChannels out;
  out.rows.assign(bars.size() * kPatchTstSeries, kMissing);
  out.log_level.assign(bars.size(), kMissing);
  Level level;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const market::Candle& c = bars[i];
    const double range = std::log(c.high / c.low);
    level.add(c.begin.ms() / kMinuteMs, range, std::isfinite(c.volume) ? c.volume : 0);
    const Hour sum = level.sum();
    if (sum.bars < kBarsMin) continue;
    const auto count = static_cast<double>(sum.bars);
    const double s = std::max(std::sqrt(sum.squared / count / kParkinson), kLevelFloor);
    const double mean_volume = sum.volume / count;
    out.log_level[i] = static_cast<float>(std::log(s));
    float* row = out.rows.data() + i * kPatchTstSeries;
    if (i > 0 && c.begin - bars[i - 1].begin == kMinute) {
      row[0] = static_cast<float>(std::asinh(std::log(c.close / bars[i - 1].close) / s));
    }
    row[1] = static_cast<float>(std::log(range / s + kRangeFloor));
    if (mean_volume > 0) row[2] = static_cast<float>(std::log(c.volume / mean_volume + kVolumeFloor));
    row[3] = c.volume > 0 ? static_cast<float>((2 * c.taker_buy - c.volume) / c.volume)
                          : (c.volume == 0 && std::isfinite(c.taker_buy) ? 0.0F : kMissing);
  }
  return out;
}

}  // namespace voltage::forecast
