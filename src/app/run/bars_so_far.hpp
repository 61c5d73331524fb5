#pragma once
// The bars that a model stands on, in the order of time, each minute at the finest resolution told so far. A coarse
// bar makes room when finer ones cover all of it, not before. Bars of one venue revise that venue's alone.
#include <cstddef>
#include <map>

#include "event/event.hpp"

namespace voltage::app {

class BarsSoFar {
 public:
  // A bar that begins where the last one ended, or later.
  void append(const event::CandleClosed& bar);
  // A bar of the past. True if what stands has changed by it.
  bool revise(const event::CandleClosed& bar);

  template <class Visit>
  void each(const Visit& visit) const {
    for (const auto& [begin, bar] : bars_) visit(bar);
  }

 private:
  using Bars = std::map<Time, event::CandleClosed>;
  bool make_room(const event::CandleClosed& coarse);

  // Thirty days of minutes. A history that is longer no longer changes: by then its past was filled in long ago.
  static constexpr std::size_t kKept = 43'200;
  Bars bars_;
  Bars finer_;  // of coarse bars that are not covered yet
  bool closed_{false};
};

}  // namespace voltage::app
