#include "venue/virtual/kraken_tape.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::venue::virtual_kraken {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kTickE8 = 10'000'000;  // ten cents: the pair's tick

}  // namespace

void Candle::add(const Trade& t) {
  if (trades == 0) open_e8 = high_e8 = low_e8 = t.price_e8;
  high_e8 = std::max(high_e8, t.price_e8);
  low_e8 = std::min(low_e8, t.price_e8);
  close_e8 = t.price_e8;
  volume_e8 += t.qty_e8;
  turnover += static_cast<double>(t.price_e8) * 1e-8 * static_cast<double>(t.qty_e8) * 1e-8;
  last_trade = t.at;
  ++trades;
}

std::int64_t Candle::vwap_e8() const {
  if (volume_e8 == 0) return close_e8;
  const double vwap = turnover / (static_cast<double>(volume_e8) * 1e-8);
  const auto ticks = static_cast<std::int64_t>(std::llround(vwap * 1e8 / static_cast<double>(kTickE8)));
  return std::clamp(ticks * kTickE8, low_e8, high_e8);
}

void Tape::second(Time now, double usd, double busy) {
  mood_ = 0.999 * mood_ + 0.05 * rng_.normal();
  double rate = trades_per_second_ * busy * std::exp(mood_);
  std::vector<Time> times;
  for (double wait = rng_.exponential(1.0); wait < rate; wait += rng_.exponential(1.0)) {
    times.push_back(now - Duration{static_cast<std::int64_t>(1 + rng_.below(999'999)) * 1'000});
  }
  std::sort(times.begin(), times.end());
  for (const Time at : times) {
    const bool buyer = rng_.chance(0.5);
    const double price = usd + (buyer ? 0.05 : -0.05) + 0.3 * rng_.normal();
    Trade t;
    t.id = ++last_id_;
    t.at = at;
    t.price_e8 = std::llround(price * 1e8 / static_cast<double>(kTickE8)) * kTickE8;
    t.qty_e8 = std::max<std::int64_t>(1'000, std::llround(1e8 * 0.01 * std::exp(1.5 * rng_.normal())));
    t.buyer = buyer;
    t.market_order = rng_.chance(0.4);
    last_price_ = static_cast<double>(t.price_e8) * 1e-8;
    trades_.push_back(t);
    const Time begin{at.ns - at.ns % kMinuteNs};
    if (minutes_.empty() || minutes_.back().begin < begin) {
      minutes_.push_back({});
      minutes_.back().begin = begin;
    }
    minutes_.back().add(t);
  }
  if (last_price_ == 0) last_price_ = usd;
}

std::vector<Candle> Tape::candles(std::int64_t interval, Time from) const {
  const std::int64_t span = interval * kMinuteNs;
  const Time first{from.ns - from.ns % span};
  std::vector<Candle> all;
  auto minute =
      std::lower_bound(minutes_.begin(), minutes_.end(), first, [](const Candle& c, Time t) { return c.begin < t; });
  for (; minute != minutes_.end(); ++minute) {
    const Time begin{minute->begin.ns - minute->begin.ns % span};
    if (all.empty() || all.back().begin < begin) {
      all.push_back(*minute);
      all.back().begin = begin;
      continue;
    }
    Candle& c = all.back();
    c.high_e8 = std::max(c.high_e8, minute->high_e8);
    c.low_e8 = std::min(c.low_e8, minute->low_e8);
    c.close_e8 = minute->close_e8;
    c.volume_e8 += minute->volume_e8;
    c.turnover += minute->turnover;
    c.trades += minute->trades;
    c.last_trade = minute->last_trade;
  }
  return all;
}

}  // namespace voltage::venue::virtual_kraken
