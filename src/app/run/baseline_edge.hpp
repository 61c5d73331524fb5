#pragma once
// The forecast that is always there: an exponentially weighted variance of the bars' returns, the same rate
// for every horizon, with the fat tails that bitcoin always had. What stands in for a bundle that is
// missing or expired; it has no season and learns nothing.
#include <optional>

#include "app/run/forecast_edge.hpp"

namespace voltage::app {

class BaselineEdge final : public ForecastEdge {
 public:
  void learn(const event::CandleClosed& bar) override;
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override;

 private:
  std::optional<event::CandleClosed> last_;
  double rate_{0};    // variance per second
  double weight_{0};  // seconds of history behind it, discounted
};

}  // namespace voltage::app
