#pragma once
// A bundle as a directory: manifest.json, schema.json, season.json, har.json, ewma.json, lightgbm.txt,
// calibration.json, weights.json, patchtst.bin (if there is one), metrics.json. Written beside its place and
// renamed into it, so a directory of that name is always a whole bundle. No wall-clock time or path inside.
#include <string>

#include "base/result.hpp"
#include "forecast/bundle.hpp"

namespace voltage::model {

// Replaces a bundle that is there; refuses to replace anything else. metrics: a JSON object, may be empty.
Status save_bundle(const forecast::Bundle& bundle, const std::string& directory, const std::string& metrics);

// Fails naming the file and what to do; a bundle of another feature schema is refused, naming both hashes.
Result<forecast::Bundle> load_bundle(const std::string& directory);

}  // namespace voltage::model
