#pragma once
// A venue that changes its format overnight: one field of a JSON text renamed, given another type, or left out,
// wherever it stands (also inside JSON that is carried in a string). "#2" is the third element of every list of
// plain values.
#include <optional>
#include <string>
#include <string_view>

#include "venue/json.hpp"

namespace voltage::venue::virtual_kalshi {

enum class Reshaping : std::uint8_t { rename, retype, drop };

// Empty if the text is no JSON or has no such field.
std::optional<std::string> reshaped(std::string_view text, Reshaping how, std::string_view field);

}  // namespace voltage::venue::virtual_kalshi
