#pragma once
// Views of a run that trades and is well, to spoil one thing at a time.
#include <limits>
#include <memory>
#include <utility>

#include "app/watch/view.hpp"
#include "base/time.hpp"

namespace voltage::app::watch::testing {

inline constexpr const char* kStreams[] = {"kalshi_market", "kalshi_private", "index", "spot", "candles", "journal"};

inline Snapshot well() {
  Snapshot s;
  s.mode = "paper";
  s.version = "0.1.0 test";
  s.phase = Phase::trading;
  s.at = *parse_iso("2026-11-22T15:04:05Z");  // a Sunday: no maintenance
  s.bitcoin = 86'000.5;
  s.forecast_age = 12;
  s.profit.low = s.profit.high = s.profit.smallest_edge = std::numeric_limits<double>::quiet_NaN();
  for (const char* stream : kStreams) s.streams.push_back({stream, event::Health::healthy, "", true, 60});
  return s;
}

inline View view(Snapshot s = well()) {
  View v;
  v.status = std::make_shared<const Snapshot>(std::move(s));
  v.parts.push_back({"core", Duration{20'000'000}, Duration{5'000'000'000}, 0});
  v.machine = {100'000'000, 20, 4, 50'000'000'000};
  v.since_self_test = 60;
  return v;
}

}  // namespace voltage::app::watch::testing
