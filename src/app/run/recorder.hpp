#pragma once
// What a run leaves behind besides its journal: an edge hands every event and effect over, in order.
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app {

class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void record(const event::Event& e) = 0;
  virtual void record(const event::Event& cause, const event::Effect& fx) = 0;
};

}  // namespace voltage::app
