#include "venue/clock.hpp"

namespace voltage::venue {

Time wall_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

VenueClock::VenueClock(Time wall, Time venue, double speed)
    : anchor_{std::chrono::steady_clock::now() - std::chrono::nanoseconds{(wall_now() - wall).ns}},
      venue_{venue},
      speed_{speed},
      real_{false} {}

Time VenueClock::now() const {
  if (real_) return wall_now();
  const std::chrono::duration<double, std::nano> since = std::chrono::steady_clock::now() - anchor_;
  return venue_ + Duration{static_cast<std::int64_t>(since.count() * speed_)};
}

}  // namespace voltage::venue
