#include "app/sim/faults.hpp"

#include <algorithm>
#include <array>

namespace voltage::app::sim {

using namespace literals;

const char* name(FaultKind kind) {
  static constexpr std::array<const char*, kFaultKinds> kNames{"drop",
                                                               "duplicate",
                                                               "reorder",
                                                               "delay",
                                                               "market_down",
                                                               "index_silent",
                                                               "spot_silent",
                                                               "candles_silent",
                                                               "private_down",
                                                               "crossed",
                                                               "clock_step",
                                                               "forecast_late",
                                                               "forecast_fails",
                                                               "request_lost",
                                                               "answer_lost",
                                                               "refused",
                                                               "fills_late",
                                                               "fills_twice",
                                                               "fills_first",
                                                               "kill",
                                                               "settlement_amended",
                                                               "disk_down",
                                                               "crash",
                                                               "amend_lost",
                                                               "amend_answer_lost",
                                                               "amend_refused",
                                                               "cancel_lost",
                                                               "cancel_answer_lost",
                                                               "request_late",
                                                               "too_many",
                                                               "requests_down",
                                                               "by_hand"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Fault> draw_faults(Rng& rng, Time start, Duration span) {
  // Twice as often: what is lost between us and the venue, one way or the other.
  constexpr std::array kOften{FaultKind::answer_lost, FaultKind::amend_lost,         FaultKind::amend_answer_lost,
                              FaultKind::cancel_lost, FaultKind::cancel_answer_lost, FaultKind::request_late};
  std::vector<Fault> faults(8 + rng.below(33));
  for (auto& f : faults) {
    const auto drawn = rng.below(kFaultKinds + kOften.size());
    f.kind = drawn < kFaultKinds ? static_cast<FaultKind>(drawn) : kOften[drawn - kFaultKinds];
    f.at = start + Duration{static_cast<std::int64_t>(rng.uniform() * static_cast<double>(span.ns))};
    // Mostly short, sometimes a minute or two.
    f.length = Duration{static_cast<std::int64_t>(std::min(120.0, 0.05 + rng.exponential(12.0)) * 1e9)};
    f.salt = rng.next();
  }
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return faults;
}

}  // namespace voltage::app::sim
