#include "app/run/bundle_edge.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "features/schema.hpp"
#include "forecast/answer.hpp"
#include "forecast/members.hpp"

namespace voltage::app {
namespace {

double median(const std::deque<double>& values) {
  std::vector<double> sorted{values.begin(), values.end()};
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  return sorted[sorted.size() / 2];
}

void remember(std::map<Time, double>& closes, Time end, double close, std::size_t at_most) {
  closes[end] = close;
  if (closes.size() > at_most) closes.erase(closes.begin());
}

}  // namespace

double VenueLevels::learn(const event::CandleClosed& bar) {
  const auto v = static_cast<std::size_t>(bar.venue);
  const Time end = bar.candle.begin + bar.interval;
  if (first_ == kVenues) first_ = v;
  remember(closes_[v], end, bar.candle.close, kCloses);
  if (v == first_) {
    // The other venues' closes at this time teach their ratio now.
    for (std::size_t o = 0; o < kVenues; ++o) {
      const auto other = o == first_ ? closes_[o].end() : closes_[o].find(end);
      if (other == closes_[o].end()) continue;
      ratios_[o].push_back(bar.candle.close / other->second);
      if (ratios_[o].size() > kRatios) ratios_[o].pop_front();
      closes_[o].erase(other);
    }
  } else if (const auto mine = closes_[first_].find(end); mine != closes_[first_].end()) {
    ratios_[v].push_back(mine->second / bar.candle.close);
    if (ratios_[v].size() > kRatios) ratios_[v].pop_front();
    closes_[v].erase(end);
  }
  double level = 1;
  if (v != first_) {
    if (!ratios_[v].empty())
      level = median(ratios_[v]);
    else
      level = chained_[v] = chained_[v] > 0 ? chained_[v] : last_close_ / bar.candle.open;
  }
  if (end > last_end_) {
    last_end_ = end;
    last_close_ = level * bar.candle.close;
  }
  return level;
}

BundleEdge::BundleEdge(std::shared_ptr<const forecast::Bundle> bundle, std::string hash, Weights weights)
    : own_{weights == Weights::relearnt ? std::make_shared<forecast::Bundle>(*bundle) : nullptr},
      bundle_{own_ ? own_ : std::move(bundle)},
      hash_{std::move(hash)},
      forecaster_{*bundle_},
      past_{features::History{bundle_->season}, {}} {
  if (auto range = forecast::TrainingRange::of(bundle_->trees)) range_ = std::move(*range);
  if (own_) live_.emplace(bundle_->weights);
}

void BundleEdge::learn(const event::CandleClosed& bar) {
  const double level = levels_.learn(bar);
  market::Candle scaled = bar.candle;
  for (double* price : {&scaled.open, &scaled.high, &scaled.low, &scaled.close}) *price *= level;
  scaled.high = std::max({scaled.high, scaled.open, scaled.close});
  scaled.low = std::min({scaled.low, scaled.open, scaled.close});
  const event::CandleClosed at_level{bar.venue, bar.interval, scaled};
  if (bar.candle.begin < last_end_) {
    if (bars_.revise(at_level)) renewed_ = false;
    return;
  }
  if (!take(scaled, bar.interval)) return;
  bars_.append(at_level);
  last_end_ = bar.candle.begin + bar.interval;
  venue_close_ = bar.candle.close;
  if (live_) live_->on_bar(last_end_, std::log(scaled.close));
}

bool BundleEdge::take(const market::Candle& scaled, Duration interval) {
  if (!past_.history.append(scaled, interval)) return false;
  return interval != Duration{features::kMinuteNs} || past_.rows.append(scaled).has_value();
}

// What features remember of the past is made of all of it, so a changed past is read anew from its first bar.
void BundleEdge::renew() {
  if (std::exchange(renewed_, true)) return;
  past_ = {features::History{bundle_->season}, {}};
  bars_.each([this](const event::CandleClosed& bar) { static_cast<void>(take(bar.candle, bar.interval)); });
}

Result<event::ForecastReady> BundleEdge::forecast(const event::RequestForecast& request) {
  renew();
  const auto& history = past_.history;
  if (history.empty()) return fail("no bar yet");
  const auto slot = history.slot_of(history.minute_of(history.size() - 1));
  if (slot < 0) return fail("no bar ends at the last minute");
  const auto moment = forecaster_.look(past_, static_cast<std::size_t>(slot));
  if (!std::isfinite(moment.reference)) return fail("warming up: too few bars for a volatility");
  const std::string name = range_ ? range_->outside(moment.row, features::moment_feature_count()) : std::string{};
  if (!name.empty()) return fail(event::kOutsideTraining + name);
  constexpr std::size_t half_hour = 1, day = 3;  // of scale_inputs
  const auto regime = forecast::regime_of(moment.inputs.log_vol[half_hour], moment.inputs.log_vol[day]);
  if (live_) own_->weights = live_->weights(regime);
  const forecast::Surface surface = forecaster_.surface(moment);
  event::ForecastReady ready{request.request, last_end_, venue_close_, hash_, {}};
  for (const auto& node : surface.nodes()) ready.nodes.push_back(forecast::to_event(node));
  ready.members = forecast::member_forecasts(*bundle_, forecaster_, moment);
  if (live_) live_->on_forecast(last_end_, std::log(moment.close), regime, ready.members);
  return ready;
}

std::string BundleEdge::standing() const {
  constexpr std::size_t kWeek = 7 * 1'440;
  if (past_.history.empty()) return "no bar yet";
  const auto s = past_.history.standing(past_.history.size() - 1, kWeek);
  return fmt::format(
      "of the last week's minutes {} from 1-minute bars, {} from 5-minute ones, {} from 15-minute ones, {} missing",
      s.one, s.five, s.fifteen, s.none);
}

}  // namespace voltage::app
