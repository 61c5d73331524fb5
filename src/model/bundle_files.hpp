#pragma once
// A bundle as a directory: manifest.json, schema.json, season.json, har.json, ewma.json, lightgbm.txt,
// calibration.json, weights.json, patchtst.bin and its like (if there are any), metrics.json. Written beside its place
// and renamed into it, so a directory of that name is always a whole bundle. No wall-clock time or path inside.
#include <string>

#include "base/result.hpp"
#include "forecast/bundle.hpp"

namespace voltage::model {

// Replaces a bundle that is there; refuses to replace anything else. metrics: a JSON object, may be empty.
Status save_bundle(const forecast::Bundle& bundle, const std::string& directory, const std::string& metrics);

// Fails naming the file and what to do; a bundle of another feature schema is refused, naming both hashes.
// `directory` may be a store of bundles: its current one is loaded.
Result<forecast::Bundle> load_bundle(const std::string& directory);

// The directory of the bundle itself: what the `current` of a store leads to now, or `directory`.
std::string bundle_directory(const std::string& directory);

// Over the names and bytes of the bundle's files: equal bundles, equal hash (16 hex digits).
Result<std::string> bundle_hash(const std::string& directory);

}  // namespace voltage::model
