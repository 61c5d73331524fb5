#pragma once
// Forecasts for live streams: a bundle's while it may be used, the baseline's at every other minute. Both learn
// every bar, so the change costs no warm-up.
#include <memory>
#include <string>

#include "app/run/trading_edge.hpp"

namespace voltage::app::live {

class GuardedForecasts final : public ForecastEdge {
 public:
  // `folder`: a bundle, or a store of bundles, whose current one is followed. Empty, or one that can't be read: the
  // baseline; `why` says what a person should know.
  static GuardedForecasts from(const std::string& folder, Time now);

  void learn(const event::CandleClosed& bar) override;
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override;
  std::string standing() const override { return bundle_ ? bundle_->standing() : std::string{}; }
  // The baseline answers because; empty: it does not.
  const std::string& why() const { return bundle_ ? bundle_->why() : why_; }

 private:
  GuardedForecasts() = default;
  std::unique_ptr<TradingEdge> bundle_;
  std::string why_;
  BaselineEdge baseline_;
};

}  // namespace voltage::app::live
