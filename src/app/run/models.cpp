#include "app/run/models.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/run/bundle_edge.hpp"
#include "base/hash.hpp"
#include "io/atomic_file.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app {
namespace {

// Over the names and bytes of the bundle's files: equal bundles, equal hash.
Result<std::string> hash_of_files(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{directory})
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  Sha256 hash;
  for (const auto& name : names) {
    const auto bytes = io::read_file(directory + "/" + name);
    if (!bytes) return tl::unexpected(bytes.error());
    hash.update(name + "\n" + std::to_string(bytes->size()) + "\n");
    hash.update(*bytes);
  }
  return hash.hex().substr(0, 16);
}

}  // namespace

MakeForecasts forecasts_from(forecast::Bundle bundle, std::string hash) {
  auto shared = std::make_shared<const forecast::Bundle>(std::move(bundle));
  return
      [shared, hash]() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BundleEdge>(shared, hash); };
}

Result<MakeForecasts> forecasts_from_bundle(const std::string& directory) {
  auto bundle = model::load_bundle(directory);
  if (!bundle) return tl::unexpected(bundle.error());
  auto hash = hash_of_files(directory);
  if (!hash) return tl::unexpected(hash.error());
  return forecasts_from(std::move(*bundle), std::move(*hash));
}

}  // namespace voltage::app
