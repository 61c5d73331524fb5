#pragma once
// The demo's model: trained on a simulated history of a seed that no demo runs on, so that what the demo
// shows is out of sample.
#include <functional>
#include <string>

#include "base/result.hpp"

namespace voltage::app::demo {

Status train_model(const std::string& directory, const std::function<void(const std::string&, double)>& progress);

}  // namespace voltage::app::demo
