#pragma once
// `voltage demo`: the whole system on a market that is simulated and says so. The simulated makers know
// the volatility, so the honest result of trading against them is about minus the fees.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/run/models.hpp"
#include "engine/engine.hpp"
#include "strategy/volatility.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::watch {
class Lookout;
}
namespace voltage::app::demo {

struct Options {
  Duration wall{Duration{60'000'000'000}};  // how long it runs, by the wall clock
  double speed{20};                         // simulated seconds per second; 0: as fast as the machine can
  std::uint64_t seed{1};
  double volatility_error{1.0};  // of the simulated makers; 1 is an efficient market
  Duration history{};            // simulated candles before the start, a whole number of minutes
  MakeForecasts forecasts;
  std::function<void(const std::string& line)> say;
  const std::atomic<bool>* stop{nullptr};  // set by Ctrl-C
  std::string journal;                     // folder of the run's journal; empty: none is kept
  watch::Lookout* lookout{nullptr};        // who shows and watches the run; may be none
};

struct Outcome {
  Duration simulated{};
  std::int64_t forecasts{0}, orders{0}, fills{0}, windows_settled{0};
  Money cash_start{}, cash_end{}, sum_of_changes{}, fees{}, net{};
  Money open_at_cost{};  // paid for positions that are not settled yet
  std::string model_hash;
};

Result<Outcome> run(const Options& options);

}  // namespace voltage::app::demo
