#include "app/run/models.hpp"

#include <utility>

#include "app/run/bundle_edge.hpp"
#include "app/run/trading_edge.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app {

MakeForecasts forecasts_from(forecast::Bundle bundle, std::string hash) {
  auto shared = std::make_shared<const forecast::Bundle>(std::move(bundle));
  return
      [shared, hash]() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BundleEdge>(shared, hash); };
}

Result<MakeForecasts> forecasts_from_bundle(const std::string& directory) {
  const std::string at = model::bundle_directory(directory);
  auto bundle = model::load_bundle(at);
  if (!bundle) return tl::unexpected(bundle.error());
  auto hash = model::bundle_hash(at);
  if (!hash) return tl::unexpected(hash.error());
  return forecasts_from(std::move(*bundle), std::move(*hash));
}

Result<std::unique_ptr<ForecastEdge>> forecasts_for_trading(const std::string& directory, SayModel say) {
  auto edge = TradingEdge::open(directory, std::move(say));
  if (!edge) return tl::unexpected(edge.error());
  return std::unique_ptr<ForecastEdge>{std::move(*edge)};
}

}  // namespace voltage::app
