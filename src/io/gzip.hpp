#pragma once
// Whole texts to gzip and back, in memory; for files of up to some hundred megabytes. Damage is an error.
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace voltage::io {

Result<std::string> gzip(std::string_view plain);
Result<std::string> gunzip(std::string_view packed);

}  // namespace voltage::io
