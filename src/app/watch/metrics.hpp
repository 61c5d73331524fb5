#pragma once
// The view as Prometheus reads it (text format 0.0.4). Each metric says what it is in its HELP line,
// and every name that a dashboard or an alert rule uses must be in this text: a test compares them.
#include <string>

#include "app/watch/view.hpp"

namespace voltage::app::watch {

std::string metrics_text(const View& view);

}  // namespace voltage::app::watch
