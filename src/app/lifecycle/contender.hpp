#pragma once
// A bundle that is judged, with the way in which it meets candles.
#include <functional>
#include <memory>

#include "app/forecasting.hpp"

namespace voltage::app::lifecycle {

using MakeForecasting = std::function<Result<std::unique_ptr<Forecasting>>(forecast::Bundle, const io::Candles&)>;

struct Contender {
  forecast::Bundle bundle;
  MakeForecasting make{&Forecasting::make};
  Result<std::unique_ptr<Forecasting>> over(const io::Candles& candles) const { return make(bundle, candles); }
};

// The bars of both series that begin in [from, to].
io::Candles bars_between(const io::Candles& candles, Time from, Time to);

}  // namespace voltage::app::lifecycle
