#pragma once
// The venue's time. A real venue's is the wall clock; a virtual one may run at another speed, and says in its
// ready line where it stood and how fast it goes. Steps of the machine's own clock do not move it.
#include <chrono>

#include "base/types.hpp"

namespace voltage::venue {

Time wall_now();

class VenueClock {
 public:
  VenueClock() = default;
  // At the wall's time `wall` the venue's clock stood at `venue`; it goes `speed` times as fast.
  VenueClock(Time wall, Time venue, double speed);

  Time now() const;
  double speed() const { return speed_; }
  // What takes this long on our side (a network, a busy machine), in the venue's time.
  Duration ours(Duration wall) const {
    return speed_ <= 1 ? wall : Duration{static_cast<std::int64_t>(static_cast<double>(wall.ns) * speed_)};
  }
  Duration wall(Duration venue) const {
    return Duration{static_cast<std::int64_t>(static_cast<double>(venue.ns) / speed_)};
  }

 private:
  std::chrono::steady_clock::time_point anchor_{};
  Time venue_{};
  double speed_{1};
  bool real_{true};
};

}  // namespace voltage::venue
