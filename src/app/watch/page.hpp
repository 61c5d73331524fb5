#pragma once
// The status page: plain HTML made here, readable without a script; a few lines of script fetch its middle again
// each second and send what a person asks for. No library, no font, nothing from elsewhere.
#include <string>

#include "app/html.hpp"
#include "app/watch/view.hpp"

namespace voltage::app::watch {

std::string page_html(const View& view);
std::string page_main(const View& view);  // the part that is fetched again
std::string page_css();
std::string page_js();

}  // namespace voltage::app::watch
