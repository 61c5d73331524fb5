#pragma once
// Where forecasts come from: an edge. The core asks for one (an effect) and hears the answer as an event;
// whoever answers holds the models and the candles.
#include <string>

#include "base/result.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app {

class ForecastEdge {
 public:
  virtual ~ForecastEdge() = default;
  // Bars reach the edge before the request for the forecast at their close.
  virtual void learn(const event::CandleClosed& bar) = 0;
  // A refusal is a reason in words (warm-up, a missing member…), never a made-up forecast.
  virtual Result<event::ForecastReady> forecast(const event::RequestForecast& request) = 0;
  // Which resolution the features of the last week stand on, for a person; empty if there are no features.
  virtual std::string standing() const { return {}; }
};

}  // namespace voltage::app
