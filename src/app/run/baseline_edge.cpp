#include "app/run/baseline_edge.hpp"

#include <array>
#include <cmath>

#include "forecast/answer.hpp"

namespace voltage::app {
namespace {

using namespace literals;

constexpr double kHalfLifeSeconds = 4 * 3600;
constexpr double kWarmUpSeconds = 3600;
constexpr double kKappa = 0.5;  // of the mixture: an excess kurtosis like that of 15-minute returns
constexpr std::array<Duration, 12> kHorizons{1_min,  2_min,   5_min,   10_min,  15_min,  30_min,
                                             60_min, 120_min, 240_min, 480_min, 960_min, 1440_min};

}  // namespace

void BaselineEdge::learn(const event::CandleClosed& bar) {
  // It looks no further back than its last bar: the past filled in says nothing new to it.
  if (last_ && bar.candle.begin + bar.interval < last_->candle.begin + last_->interval) return;
  const double seconds = bar.interval.seconds();
  // A return between two venues' prices would hold their basis: only changes within one venue count.
  const double base = last_ && last_->venue == bar.venue && last_->interval == bar.interval &&
                              last_->candle.begin + last_->interval == bar.candle.begin
                          ? last_->candle.close
                          : bar.candle.open;
  const double r = std::log(bar.candle.close / base);
  const double keep = std::exp2(-seconds / kHalfLifeSeconds);
  weight_ = weight_ * keep + seconds;
  rate_ += (r * r / seconds - rate_) * seconds / weight_;
  last_ = bar;
}

Result<event::ForecastReady> BaselineEdge::forecast(const event::RequestForecast& request) {
  if (!last_ || weight_ < kWarmUpSeconds || rate_ <= 0) return fail("baseline: less than an hour of bars yet");
  event::ForecastReady ready{request.request, request.bar_close, last_->candle.close, "baseline-ewma", {}};
  for (const Duration h : kHorizons) {
    ready.nodes.push_back(forecast::to_event({h, forecast::Density::make(0, std::sqrt(rate_ * h.seconds()), kKappa)}));
  }
  return ready;
}

}  // namespace voltage::app
