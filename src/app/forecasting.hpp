#pragma once
// Where a bundle meets candles: the one way by which commands ask for forecasts.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "forecast/forecaster.hpp"
#include "io/candle_file.hpp"

namespace voltage::app {

// A loaded bundle over a history; owns both, stays put.
class Forecasting {
 public:
  static Result<std::unique_ptr<Forecasting>> open(const std::string& model, const std::vector<std::string>& candles);
  static Result<std::unique_ptr<Forecasting>> make(forecast::Bundle bundle, const io::Candles& candles);

  const forecast::Bundle& bundle() const { return bundle_; }
  const forecast::Past& past() const { return past_; }
  forecast::Forecaster ask() const { return forecast::Forecaster{bundle_}; }

  // Slot of the bar that begins at t (a 5-minute bar: its last minute); empty if there is none.
  std::optional<std::size_t> slot_beginning(Time t) const;
  // Slot of the last bar closed at or before t; empty if there is none.
  std::optional<std::size_t> slot_closed_by(Time t) const;
  // "" or a warning that the bundle had expired by t.
  std::string expiry_warning(Time t) const;

 private:
  Forecasting(forecast::Bundle bundle, forecast::Past past) : bundle_{std::move(bundle)}, past_{std::move(past)} {}

  forecast::Bundle bundle_;
  forecast::Past past_;
};

// The law of the return after the last bar closed at or before t; 1-minute and 5-minute histories alike.
Result<forecast::Surface> surface_at(const Forecasting& forecasting, Time t);

}  // namespace voltage::app
