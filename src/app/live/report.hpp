#pragma once
// A session's report as a person and as a program read it.
#include <string>

#include "app/live/session.hpp"

namespace voltage::app::live {

std::string summary(const SessionReport& report);  // lines, each with its end
std::string json(const SessionReport& report);     // one object, one line

}  // namespace voltage::app::live
