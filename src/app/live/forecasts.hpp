#pragma once
// Forecasts for live streams: a bundle's while it may be used, the baseline's at every other minute. Both learn
// every bar, so the change costs no warm-up.
#include <memory>
#include <string>

#include "app/run/baseline_edge.hpp"
#include "app/run/forecast_edge.hpp"

namespace voltage::app::live {

class GuardedForecasts final : public ForecastEdge {
 public:
  // `bundle` empty: the folder is not named, or was refused; `why` says what a person should know.
  static GuardedForecasts from(const std::string& folder, Time now);

  void learn(const event::CandleClosed& bar) override;
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override;
  std::string standing() const override { return bundle_ ? bundle_->standing() : std::string{}; }
  const std::string& why() const { return why_; }  // the baseline answers because; empty: it does not

 private:
  GuardedForecasts() = default;
  std::unique_ptr<ForecastEdge> bundle_;
  Time expires_{};
  std::string why_;
  BaselineEdge baseline_;
};

}  // namespace voltage::app::live
