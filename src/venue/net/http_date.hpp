#pragma once
// The Date of an HTTP answer (RFC 9110, 5.6.7): whole seconds, always in GMT.
#include <optional>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace voltage::venue::net {

std::string format_http_date(Time t);  // Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace voltage::venue::net
