#include "app/live/forecasts.hpp"

#include <utility>

namespace voltage::app::live {

GuardedForecasts GuardedForecasts::from(const std::string& folder, Time now) {
  GuardedForecasts out;
  if (folder.empty()) {
    out.why_ = "no model is named";
    return out;
  }
  auto edge = TradingEdge::open(folder, {});
  if (!edge) {
    out.why_ = edge.error().message;
    return out;
  }
  out.bundle_ = std::move(*edge);
  out.bundle_->admit_at(now);
  return out;
}

void GuardedForecasts::learn(const event::CandleClosed& bar) {
  if (bundle_)
    bundle_->learn(bar);
  else
    baseline_.learn(bar);
}

Result<event::ForecastReady> GuardedForecasts::forecast(const event::RequestForecast& request) {
  return bundle_ ? bundle_->forecast(request) : baseline_.forecast(request);
}

}  // namespace voltage::app::live
