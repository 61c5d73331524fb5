#pragma once
// Candles to what PatchTST reads: four series a minute, all free of scale, so that one network serves
// venues of different price, activity and era. Pure.
//
//   log_return  asinh(ln(C/C₋₁) / s)
//   log_range   ln((ln(H/L) + 0.1·s) / s)
//   volume      ln((V + 0.02·v) / v)
//   flow        (2·taker_buy − V) / V, 0 in a quiet minute
//
// with s the Parkinson volatility a minute and v the mean volume a minute over the last 24 whole hours
// and the running one (at least an hour of bars, else missing). Sums are kept by the hour of the clock, so a row
// depends on the bars of at most 25 hours before it and not on where a file begins. The level s takes out comes back in
// through the context that the caller gives to the head.
#include <span>
#include <string>
#include <vector>

#include "market/candle.hpp"

namespace voltage::forecast {

inline constexpr std::size_t kPatchTstSeries = 4;
std::vector<std::string> patchtst_series_names();

struct PatchTstChannels {
  // One row a bar, kPatchTstSeries columns; NaN = missing. The return of the first bar after a gap is
  // missing, so no window reaches over a gap unseen.
  std::vector<float> rows;
  // ln s, one a bar, per √minute; NaN = missing. A natural part of the context.
  std::vector<float> log_level;
};

// bars: one-minute bars, begins strictly increasing.
PatchTstChannels patchtst_channels(std::span<const market::Candle> bars);

}  // namespace voltage::forecast
