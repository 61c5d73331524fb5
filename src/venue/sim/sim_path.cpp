#include "venue/sim/sim_path.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::venue::sim {
namespace {

using namespace literals;
constexpr double kSecondsADay = 86'400;
constexpr double kTwoPi = 6.283185307179586;

}  // namespace

SimPath::SimPath(PathParameters parameters, Time start, std::uint64_t seed)
    : p_{parameters}, now_{start}, rng_{seed}, price_{parameters.price} {
  CHECK(start.ns % (60_s).ns == 0);
  const double day_variance = p_.volatility_day * p_.volatility_day;
  base_log_variance_ =
      std::log(day_variance / kSecondsADay) - 0.5 * (p_.fast_sd * p_.fast_sd + p_.slow_sd * p_.slow_sd);
  fast_decay_ = std::exp(-std::log(2.0) / p_.fast_half_life_s);
  slow_decay_ = std::exp(-std::log(2.0) / p_.slow_half_life_s);
  fast_shock_ = p_.fast_sd * std::sqrt(1 - fast_decay_ * fast_decay_);
  slow_shock_ = p_.slow_sd * std::sqrt(1 - slow_decay_ * slow_decay_);
  fast_ = p_.fast_sd * rng_.normal();
  slow_ = p_.slow_sd * rng_.normal();
  start_candle();
}

// Of ln σ²: busiest around 15:00 UTC, quiet at weekends.
double SimPath::season(Time t) const {
  const double day = static_cast<double>(t.ns / 1'000'000'000 % 86'400) / kSecondsADay;
  const std::int64_t weekday = (t.ns / 86'400'000'000'000 + 4) % 7;  // 0 is Sunday
  const double weekend = weekday == 0 || weekday == 6 ? -0.5 : 0.0;
  return 0.5 * std::cos(kTwoPi * (day - 15.0 / 24.0)) + weekend;
}

void SimPath::step() {
  now_ = now_ + 1_s;
  fast_ = fast_ * fast_decay_ + fast_shock_ * rng_.normal();
  slow_ = slow_ * slow_decay_ + slow_shock_ * rng_.normal();
  const double variance = std::exp(base_log_variance_ + season(now_) + fast_ + slow_);
  double log_return = std::sqrt(variance) * rng_.normal() - 0.5 * variance;
  if (rng_.chance(p_.jumps_day / kSecondsADay)) {
    log_return += (rng_.chance(0.5) ? 1 : -1) * rng_.exponential(p_.jump_mean);
  }
  const std::int64_t since_crash = now_.ns % (24_h).ns - p_.crash_time_of_day.ns;
  if (p_.crash != 0 && since_crash > 0 && since_crash <= (60_s).ns) log_return += p_.crash / 60;
  // A price that can be read off the venue: whole cents.
  price_ = std::max(1.0, std::round(price_ * std::exp(log_return) * 100) / 100);
  minute_variance_ += variance;
  grow_candle();
}

void SimPath::start_candle() {
  open_ = market::Candle{now_, price_, price_, price_, price_, 0, 0, 0};
  minute_variance_ = 0;
}

void SimPath::grow_candle() {
  open_.high = std::max(open_.high, price_);
  open_.low = std::min(open_.low, price_);
  open_.close = price_;
  candle_ready_ = now_.ns % (60_s).ns == 0;
  if (!candle_ready_) return;
  // Volume: about 10 BTC in a typical minute, rising with volatility; buyers lead when the price rose.
  const double busy = std::sqrt(minute_variance_ / (60 * std::exp(base_log_variance_)));
  open_.volume = std::round(1e5 * 10 * busy * std::exp(0.5 * rng_.normal())) / 1e5;
  open_.trades = std::floor(40 * open_.volume * std::exp(0.2 * rng_.normal())) + 1;
  const double lean =
      std::tanh(0.5 * (open_.close / open_.open - 1) / std::sqrt(minute_variance_) + 0.3 * rng_.normal());
  open_.taker_buy = std::round(1e5 * open_.volume * 0.5 * (1 + lean)) / 1e5;
  closed_ = open_;
  start_candle();
}

double SimPath::expected_variance(double seconds) const {
  // The mean of exp(OU) conditional on now, integrated in sixteen steps: smooth, so that is plenty.
  constexpr int kSteps = 16;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double s = seconds * (i + 0.5) / kSteps;
    const double f = std::pow(fast_decay_, s), w = std::pow(slow_decay_, s);
    const double spread = p_.fast_sd * p_.fast_sd * (1 - f * f) + p_.slow_sd * p_.slow_sd * (1 - w * w);
    const Time then = now_ + Duration{static_cast<std::int64_t>(s * 1e9)};
    sum += std::exp(base_log_variance_ + season(then) + fast_ * f + slow_ * w + 0.5 * spread);
  }
  return seconds * sum / kSteps;
}

double SimPath::jump_probability(double seconds) const {
  return 1 - std::exp(-p_.jumps_day / kSecondsADay * seconds);
}

// E[X²] of a double exponential.
double SimPath::jump_variance() const {
  return 2 * p_.jump_mean * p_.jump_mean;
}

void SimPath::shift_regime(double volatility_factor) {
  base_log_variance_ += 2 * std::log(volatility_factor);
}

}  // namespace voltage::venue::sim
