#pragma once
// Simulated candles for tests: a random walk with a volatility that wanders, seeded.
#include <algorithm>
#include <cmath>

#include "base/rng.hpp"
#include "market/candle.hpp"

namespace voltage::testing {

inline constexpr std::int64_t kTestStartMs = 1'700'000'100'000 / 300'000 * 300'000;

// minutes bars of 1 minute, each from `steps` steps of a walk of `sd` per minute (times a slow wave).
inline market::CandleSeries walk(std::size_t minutes, std::uint64_t seed, double sd = 5e-4, int steps = 20) {
  Rng rng{seed};
  market::CandleSeries series{Duration{60'000'000'000}, {}};
  double log_price = std::log(40'000.0);
  double level = 0;
  for (std::size_t i = 0; i < minutes; ++i) {
    level = 0.999 * level + 0.02 * rng.normal();
    const double step = sd * std::exp(level) / std::sqrt(static_cast<double>(steps));
    market::Candle c;
    c.begin = Time::from_ms(kTestStartMs + static_cast<std::int64_t>(i) * 60'000);
    c.open = c.high = c.low = std::exp(log_price);
    for (int k = 0; k < steps; ++k) {
      log_price += step * rng.normal();
      c.high = std::max(c.high, std::exp(log_price));
      c.low = std::min(c.low, std::exp(log_price));
    }
    c.close = std::exp(log_price);
    c.volume = rng.exponential(10);
    c.trades = std::floor(rng.exponential(300));
    c.taker_buy = c.volume * rng.uniform();
    series.bars.push_back(c);
  }
  return series;
}

}  // namespace voltage::testing
