#pragma once
// Base64 with padding (RFC 4648): signatures, and recorded bytes that are no text.
#include <optional>
#include <string>
#include <string_view>

namespace voltage::io {

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // empty: not base64

}  // namespace voltage::io
