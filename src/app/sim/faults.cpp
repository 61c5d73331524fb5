#include "app/sim/faults.hpp"

#include <algorithm>
#include <array>

namespace voltage::app::sim {

using namespace literals;

const char* name(FaultKind kind) {
  static constexpr std::array<const char*, kFaultKinds> kNames{"drop",           "duplicate",      "reorder",
                                                               "delay",          "market_down",    "index_silent",
                                                               "spot_silent",    "candles_silent", "private_down",
                                                               "crossed",        "clock_step",     "forecast_late",
                                                               "forecast_fails", "request_lost",   "answer_lost",
                                                               "refused",        "fills_late",     "fills_twice",
                                                               "fills_first",    "kill",           "settlement_amended",
                                                               "disk_down",      "crash"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool of_next_order(FaultKind kind) {
  return kind >= FaultKind::request_lost && kind <= FaultKind::fills_first;
}

std::vector<Fault> draw_faults(Rng& rng, Time start, Duration span) {
  std::vector<Fault> faults(8 + rng.below(33));
  for (auto& f : faults) {
    f.kind = static_cast<FaultKind>(rng.below(kFaultKinds));
    f.at = start + Duration{static_cast<std::int64_t>(rng.uniform() * static_cast<double>(span.ns))};
    // Mostly short, sometimes a minute or two.
    f.length = Duration{static_cast<std::int64_t>(std::min(120.0, 0.05 + rng.exponential(12.0)) * 1e9)};
    f.salt = rng.next();
  }
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return faults;
}

}  // namespace voltage::app::sim
