#pragma once
// A node of a surface as the event that carries it, and back: the plain numbers of the journal are the
// density's own, so both ways are exact to the last bit.
#include "event/event.hpp"
#include "forecast/surface.hpp"

namespace voltage::forecast {

event::ForecastNode to_event(const SurfaceNode& node);
SurfaceNode from_event(const event::ForecastNode& node);

}  // namespace voltage::forecast
