#pragma once
// How far back the account's fills are asked for: from when the last list that came was asked for, and some before, so
// that a silence of any length hides none. A list that did not come moves nothing.
#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace voltage::venue::kalshi {

class FillsAsked {
 public:
  // `before`: longer than a stream can be down unnoticed, and than the venue needs to list a fill.
  Time from(Time now, Duration before) const { return std::min(came_.value_or(now), now) - before; }
  void came(Time asked) { came_ = asked; }

 private:
  std::optional<Time> came_;
};

}  // namespace voltage::venue::kalshi
