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

// For paper and live: the bundle (or a store's current one, followed when it changes) while model::admit lets it trade,
// the baseline from then on. Fails if there is no bundle that this build can read. `say` hears each change and why.
using SayModel = std::function<void(const std::string&)>;
Result<std::unique_ptr<ForecastEdge>> forecasts_for_trading(const std::string& directory, SayModel say);

}  // namespace voltage::app
