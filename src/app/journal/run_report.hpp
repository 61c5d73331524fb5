#pragma once
// What a run earned, from its journal alone, and how sure that is. One market is one observation: its fills share one
// outcome. Runs can be taken together (a week): their markets are then one sample. Money is exact; what is estimated
// comes with its interval, and nothing is called a profit while the interval holds zero.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "app/backtest/attribution.hpp"
#include "base/result.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app::journal {

struct MarketLine {
  std::string run, ticker;
  Qty contracts;  // filled
  Money net;      // fees in; of an open one: the cash that went into it
  Money fees;
  std::optional<event::Outcome> outcome;
};

struct Incident {
  std::string run;
  Time at{};
  std::string what;
};

struct RunReport {
  std::vector<std::string> runs;
  std::string kind, model_hash;
  Time from{}, to{};
  std::int64_t events{0}, decisions{0}, orders{0}, refused{0}, unknown{0}, fills{0}, forecasts{0}, forecasts_failed{0};
  std::array<std::int64_t, event::kVetoes> vetoes{};
  Money cash_start, cash_end, fees, open_at_cost, drawdown_max;
  Money net;                        // of what is settled
  backtest::Parts parts;            // of `net`: they add up to it exactly
  std::vector<MarketLine> markets;  // traded
  std::vector<Incident> incidents;  // streams that failed, halts, books that lost trust for long
  double net_cents{}, interval_low{}, interval_high{}, smallest_edge{};  // a contract; NaN: too few markets
  double markout_1s{}, markout_10s{}, markout_60s{};                     // cents a contract: closing-line value
  double brier_fair{}, brier_market{};                                   // of the quotes of settled markets; NaN: none
  std::int64_t quotes_judged{0};
  std::int64_t torn_bytes{0};
  bool ended_in_order{true};
};

// Fails where the run replays otherwise than it was recorded: its numbers would be another run's.
Result<RunReport> report_runs(const std::vector<std::string>& folders);

std::string report_text(const RunReport& report);
std::string report_html(const RunReport& report);
std::string report_json(const RunReport& report);
// A few lines for a chat.
std::string report_message(const RunReport& report);

}  // namespace voltage::app::journal
