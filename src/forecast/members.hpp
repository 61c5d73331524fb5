#pragma once
// What each member of an ensemble says by itself, with its weight, as the event that carries it: so that a
// journal can tell which of them moved a decision. A member that has no answer now (too few bars for it) is
// NaN there, and its weight is what it would have had.
#include <vector>

#include "event/event.hpp"
#include "forecast/forecaster.hpp"

namespace voltage::forecast {

std::vector<event::MemberForecast> member_forecasts(const Bundle& bundle, const Forecaster& forecaster,
                                                    const Moment& moment);

}  // namespace voltage::forecast
