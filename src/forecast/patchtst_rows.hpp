#pragma once
// Candles to what PatchTST reads: four series a minute, all free of scale, so that one network serves
// venues of different price, activity and era. Pure.
//
//   log_return  asinh(ln(C/C₋₁) / s)
//   log_range   ln((ln(H/L) + 0.1·s) / s)
//   volume      ln((V + 0.02·v) / v)
//   flow        (2·taker_buy − V) / V, 0 in a quiet minute
//
// with s the Parkinson volatility a minute and v the mean volume a minute over the running clock hour and the
// 24 before it (at least an hour of bars, else missing). Sums are kept by the clock hour, so a row depends on
// the bars of at most 25 hours before it and not on where a file begins. The level that s takes out comes
// back in through the context that the caller gives to the head.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "market/candle.hpp"

namespace voltage::forecast {

inline constexpr std::size_t kPatchTstSeries = 4;
std::vector<std::string> patchtst_series_names();

// An append-only grid of minutes; a minute without a bar is a row of NaN. The return of the first bar after a
// gap is missing too, so no window reaches over a gap unseen.
class PatchTstRows {
 public:
  // Refuses a bar that does not come after all bars before it.
  Status append(const market::Candle& minute_bar);
  void reserve(std::size_t minutes) { values_.reserve(minutes * kPatchTstSeries); }

  // Minutes since the Unix epoch of row 0; rows are contiguous from there.
  std::int64_t origin() const { return origin_; }
  std::size_t size() const { return values_.size() / kPatchTstSeries; }
  const std::vector<float>& values() const { return values_; }
  // The rows of the bars that begin in the `bars` minutes up to and including `minute`; none if the grid
  // does not reach that far.
  std::optional<std::span<const float>> window(std::int64_t minute, std::size_t bars) const;

 private:
  struct Hour {
    std::int64_t id{-1};
    std::int64_t bars{};
    double squared{};  // sum of (ln H/L)²
    double volume{};
  };
  static constexpr std::int64_t kHours = 25;
  Hour last_day() const;

  std::int64_t origin_{};
  double last_close_{};
  std::array<Hour, kHours> hours_{};
  std::vector<float> values_;
};

}  // namespace voltage::forecast
