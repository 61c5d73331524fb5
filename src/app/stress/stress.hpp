#pragma once
// A bad week, in several ways, through the production core (engine, strategy, risk, executor, ledger) on a
// simulated market: what is lost must stay within what was stated. At each start of a day the gate says the most
// that can be lost; from then on, every second, what would be left if everything open ended at its worst is held
// against it. The strategy is made to believe itself (fair value at nine parts in ten), so that it trades as much
// as it may: with its own caution most of these weeks would be empty.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/run/core.hpp"
#include "app/stress/ruin.hpp"
#include "base/types.hpp"

namespace voltage::app::stress {

enum class Scenario : std::uint8_t {
  as_it_is,        // honest forecasts on an efficient market
  volatility_low,  // every forecast's volatility 30 % too low
  shuffled,        // each forecast one of the last day's, at random
  crash,           // bitcoin falls 10 % within a minute, once a day
  losing_days,     // every contract settles against what is held
};
inline constexpr std::size_t kScenarios = 5;
const char* name(Scenario s);

struct StressOptions {
  std::int64_t days{7};
  std::uint64_t seed{1};
  CoreConfig core{};  // its limits are what is tested; eager() makes it trade
  std::function<void(const std::string& step, double done)> progress;
};
CoreConfig eager(CoreConfig config);

struct Day {
  Money stated;      // the most that may be lost, said at its start
  Money lost;        // at its end, positions at cost; negative: won
  Money worst_lost;  // the most that could have been lost at any second of it
  std::int64_t orders{0};
};

struct ScenarioResult {
  Scenario scenario{};
  std::vector<Day> days;
  std::vector<double>
      returns;     // of each settled instant that was traded, on the equity before it, fees of its contract included
  Money net;       // of the whole span
  Money drawdown;  // below the highest equity at cost
  Money drawdown_stated;
  bool halted{false};
  std::int64_t orders{0}, fills{0};
  bool kept() const;  // no day, and not the whole, lost more than was stated
};

// With the halt of the drawdown limit as it is, and if a person resumed after each.
struct RuinBothWays {
  Ruin halted, resumed;
};

struct StressReport {
  std::vector<ScenarioResult> scenarios;
  // Of a year drawn from the instants of days as they are, and of days with forecasts 30 % too low.
  RuinBothWays ruin_as_it_is, ruin_volatility_low;
  bool kept() const;
};

ScenarioResult run_scenario(Scenario scenario, const StressOptions& options);
StressReport run_stress(const StressOptions& options);

std::string stress_json(const StressReport& report);
std::string stress_html(const StressReport& report);

}  // namespace voltage::app::stress
