#pragma once
// A seeded bitcoin that is none: log-volatility on two time scales, an intraday and weekly season, jumps,
// and volume that follows volatility. Steps of one second. Everything shown from it is labelled simulated.
//
//   ln σ²_t = ln σ̄² + season(t) + fast_t + slow_t      fast, slow: Ornstein-Uhlenbeck
//   r_t     = σ_t·ε_t + jump_t                          jumps: Poisson, double exponential
#include <cstdint>

#include "base/rng.hpp"
#include "base/types.hpp"
#include "market/candle.hpp"

namespace voltage::venue::sim {

struct PathParameters {
  double price{90'000};          // USD at the start
  double volatility_day{0.025};  // of a typical day
  double fast_half_life_s{5'400};
  double fast_sd{0.45};  // of ln σ²
  double slow_half_life_s{172'800};
  double slow_sd{0.55};
  double jumps_day{3.0};
  double jump_mean{0.003};  // absolute log return
  double crash{0};          // log return within one minute of each day, at this time of day
  Duration crash_time_of_day{};
};

class SimPath {
 public:
  SimPath(PathParameters parameters, Time start, std::uint64_t seed);

  void step();  // one second on
  Time now() const { return now_; }
  double price() const { return price_; }
  // What the next seconds hold, as one who knows the model (but not the future) would say: E[∫σ²dt]
  // over [now, now + seconds] without jumps, and jumps apart. For the simulated market makers only.
  double expected_variance(double seconds) const;
  double jump_probability(double seconds) const;
  double jump_variance() const;  // of one jump
  // Multiplies the volatility from here on: a change of regime.
  void shift_regime(double volatility_factor);
  // The minute that ended just now; only when now() is a whole minute and a whole minute was stepped.
  bool candle_ready() const { return candle_ready_; }
  const market::Candle& candle() const { return closed_; }

 private:
  double season(Time t) const;
  void start_candle();
  void grow_candle();

  PathParameters p_;
  Time now_;
  Rng rng_;
  double price_;
  double base_log_variance_;  // per second
  double fast_{0}, slow_{0};
  double fast_decay_, fast_shock_, slow_decay_, slow_shock_;
  double minute_variance_{0};
  market::Candle open_{}, closed_{};
  bool candle_ready_{false};
};

}  // namespace voltage::venue::sim
