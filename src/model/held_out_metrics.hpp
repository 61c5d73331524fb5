#pragma once
// What a training says of itself: log loss and skill of each member and of the blend on the held-out
// days, by horizon. Calibrators and weights were fitted on these days, so this is a check, not a proof;
// `voltage evaluate` on later days is the proof.
#include <string>
#include <vector>

#include "forecast/bundle.hpp"
#include "model/questions.hpp"

namespace voltage::model {

// One JSON object.
std::string held_out_metrics(const std::vector<HeldOut>& answers, const forecast::Bundle& bundle);

}  // namespace voltage::model
