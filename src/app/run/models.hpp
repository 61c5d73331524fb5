#pragma once
// Which forecaster a run uses: a bundle's, told apart by the hash of what it is.
#include <functional>
#include <memory>
#include <string>

#include "app/run/forecast_edge.hpp"
#include "forecast/bundle.hpp"

namespace voltage::app {

// Makes a fresh forecaster each time: each learns its own bars.
using MakeForecasts = std::function<Result<std::unique_ptr<ForecastEdge>>()>;

Result<MakeForecasts> forecasts_from_bundle(const std::string& directory);
MakeForecasts forecasts_from(forecast::Bundle bundle, std::string hash);

}  // namespace voltage::app
