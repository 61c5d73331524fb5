#pragma once
// An hour of the simulated market through the whole loop, kept: the events, and an order that came of them.
// The same hour each time.
#include <optional>
#include <vector>

#include "app/run/core.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app::bench {

struct Session {
  CoreConfig config;
  std::vector<event::Event> events;
  std::optional<event::Effect> order;
};
const Session& session();

}  // namespace voltage::app::bench
