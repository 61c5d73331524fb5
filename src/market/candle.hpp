#pragma once
// Candles: what the models read. Prices and volumes are doubles because they feed volatilities and
// probabilities only; no money is ever computed from a candle.
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::market {

// One bar. `volume`, `trades` and `taker_buy` are NaN where the source does not have them: missing, never zero.
// A bar without a trade (`quiet`) is flat at the close before it and has volume 0.
struct Candle {
  Time begin{};   // the bar covers [begin, begin + interval)
  double open{};  // USD
  double high{};
  double low{};
  double close{};
  double volume{};     // BTC
  double trades{};     // count
  double taker_buy{};  // BTC bought by takers; signed volume is 2·taker_buy − volume
};

// Candles of one interval, begins strictly increasing. Gaps stay gaps: a reader that needs a contiguous
// window must look at the begins.
struct CandleSeries {
  Duration interval{};
  std::vector<Candle> bars;
};

// Empty if the bar is sane; else what is wrong with it ("high 3 below low 4").
std::string insanity(const Candle& c);

}  // namespace voltage::market
