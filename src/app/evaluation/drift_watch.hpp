#pragma once
// What the drift alarms would have said on past days: the bundle answers at each bar as it would live, strategy::Drift
// hears bars and answers. On days without a break every alarm is a false one. No contracts are there, so the alarm
// against the market's price stays silent.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "event/effect.hpp"
#include "forecast/bundle.hpp"
#include "io/candle_file.hpp"

namespace voltage::app {

struct DriftWatch {
  struct Told {
    Time at{};
    event::DriftAlarm alarm;
  };
  std::int64_t minutes{0};  // with a bar
  std::int64_t settled{0};  // forecasts of 15 minutes
  std::array<std::int64_t, event::kDriftKinds> alarms{};
  std::array<std::int64_t, event::kDriftKinds> standing{};  // minutes
  std::int64_t any_standing{0};                             // minutes with one or more
  std::vector<Told> told;                                   // in order
  double size{0};                                           // what bets were multiplied with, a minute's mean

  void add(const DriftWatch& more);
};

// Bars that begin in [from, to]; those before `from` (45 days at most) are for the models alone.
DriftWatch watch_drift(std::shared_ptr<const forecast::Bundle> bundle, const io::Candles& candles, Time from, Time to,
                       const std::function<void(double done)>& shown);

std::string drift_text(const DriftWatch& watch);
std::string drift_json(const DriftWatch& watch);

}  // namespace voltage::app
