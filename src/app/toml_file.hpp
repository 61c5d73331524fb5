#pragma once
// A configuration file as a table; what can't be read is named with its line. The library's exceptions are off, and
// this header is its only door: two forms of it in one binary would be two definitions of one name.
#include <string>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/result.hpp"

namespace voltage::app {

Result<toml::table> read_toml(const std::string& path);

}  // namespace voltage::app
