#pragma once
// Text into HTML: what comes from outside can't become markup.
#include <string>
#include <string_view>

namespace voltage::app {

std::string html(std::string_view text);

}  // namespace voltage::app
