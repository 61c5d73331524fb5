#pragma once
// The one file inside a zip archive, as exchanges publish their candles. Stored or deflated, checked
// against its CRC; archives with several files, encryption or zip64 are refused.
#include <string>

#include "base/result.hpp"

namespace voltage::io {

Result<std::string> read_zip(const std::string& path);

}  // namespace voltage::io
