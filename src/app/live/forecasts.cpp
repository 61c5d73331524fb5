#include "app/live/forecasts.hpp"

#include <utility>

#include "app/run/models.hpp"
#include "base/time.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app::live {

GuardedForecasts GuardedForecasts::from(const std::string& folder, Time now) {
  GuardedForecasts out;
  if (folder.empty()) {
    out.why_ = "no model is named";
    return out;
  }
  const auto bundle = model::load_bundle(folder);
  auto make = bundle ? forecasts_from_bundle(folder) : Result<MakeForecasts>{fail(bundle.error().message)};
  if (!make) {
    out.why_ = make.error().message;
    return out;
  }
  out.expires_ = bundle->facts.expires;
  if (now >= out.expires_) {
    out.why_ = folder + ": expired at " + format_iso(out.expires_) + "; train a new one";
    return out;
  }
  auto edge = (*make)();
  if (edge)
    out.bundle_ = std::move(*edge);
  else
    out.why_ = edge.error().message;
  return out;
}

void GuardedForecasts::learn(const event::CandleClosed& bar) {
  if (bundle_) bundle_->learn(bar);
  baseline_.learn(bar);
}

Result<event::ForecastReady> GuardedForecasts::forecast(const event::RequestForecast& request) {
  if (bundle_ && request.bar_close < expires_) {
    auto answer = bundle_->forecast(request);
    if (answer) {
      why_.clear();
      return answer;
    }
    why_ = answer.error().message;
  } else if (bundle_) {
    why_ = "the model expired at " + format_iso(expires_);
  }
  return baseline_.forecast(request);
}

}  // namespace voltage::app::live
