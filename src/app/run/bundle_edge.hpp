#pragma once
// Forecasts from a trained bundle, over bars that come one by one. Bars may come from several venues whose
// prices differ by a basis: each venue is brought to the level of the first by the ratio of their closes at
// equal times, so that a change of venue is not mistaken for a move. A bar of the past refines or revises what the
// same venue told of that time (bars_so_far.hpp); another venue's only teaches that ratio.
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/run/bars_so_far.hpp"
#include "app/run/forecast_edge.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/live_weights.hpp"
#include "forecast/training_range.hpp"

namespace voltage::app {

// Prices of one venue in units of another.
class VenueLevels {
 public:
  // What to multiply the bar's prices with.
  double learn(const event::CandleClosed& bar);

 private:
  static constexpr std::size_t kVenues = 4;
  static constexpr std::size_t kRatios = 31;      // median of the last
  static constexpr std::size_t kCloses = 20'160;  // two weeks of minutes

  std::array<std::map<Time, double>, kVenues> closes_;
  std::array<std::deque<double>, kVenues> ratios_;
  std::array<double, kVenues> chained_{};  // 0: none; until the first ratio is measured
  std::size_t first_{kVenues};
  double last_close_{};  // at the level of the first venue
  Time last_end_{};
};

// relearnt: the weights of the blend follow the settled forecasts (live and paper); as_trained: the bundle as it is.
enum class Weights : std::uint8_t { as_trained, relearnt };

class BundleEdge final : public ForecastEdge {
 public:
  BundleEdge(std::shared_ptr<const forecast::Bundle> bundle, std::string hash, Weights weights = Weights::as_trained);

  void learn(const event::CandleClosed& bar) override;
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override;
  std::string standing() const override;

 private:
  bool take(const market::Candle& scaled, Duration interval);
  void renew();

  std::shared_ptr<forecast::Bundle> own_;  // null: the weights stay
  std::shared_ptr<const forecast::Bundle> bundle_;
  std::optional<forecast::LiveWeights> live_;
  std::string hash_;
  forecast::Forecaster forecaster_;
  BarsSoFar bars_;  // at the level of the first venue
  forecast::Past past_;
  bool renewed_{true};  // past_ is what bars_ say
  VenueLevels levels_;
  std::optional<forecast::TrainingRange> range_;  // empty: the bundle's trees do not tell it
  Time last_end_{};
  double venue_close_{};  // of the last bar, at its own venue's level
};

}  // namespace voltage::app
