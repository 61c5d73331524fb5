#pragma once
// `voltage backtest`: recorded order books through the whole core, once for each fill model, to files that
// are equal whenever the inputs are.
#include <functional>
#include <memory>
#include <string>

#include "app/backtest/statistics.hpp"
#include "app/run/forecast_edge.hpp"
#include "strategy/volatility.hpp"

namespace voltage::app::backtest {

struct Options {
  std::string tape, spot, history, results, out;
  std::string journal;  // folder for the journal of the neutral pass; empty: none is kept
  Money cash{1'000 * kDollar.micros};
  strategy::VolatilityConfig strategy{};
  std::vector<market::QuietSpan> quiet{};  // around scheduled releases
  // A fresh forecaster for each pass: it learns bars as they come.
  std::function<Result<std::unique_ptr<ForecastEdge>>()> forecasts;
  std::function<void(const std::string& step, double done)> progress;
};

struct Report {
  std::vector<Statistics> passes;  // pessimistic, neutral, optimistic
  engine::Counters counters;       // of the neutral pass
  std::int64_t sessions{0}, records{0}, deltas{0}, sequence_holes{0}, books_lost{0}, crossed_messages{0};
  std::int64_t crossed_decisions{0};
  std::string model_hash;
};

// Writes quotes.csv, orders.csv, fills.csv (of the neutral pass), summary.json and report.html.
Result<Report> run(const Options& options);

std::string summary_json(const Report& report);
std::string report_html(const Report& report);

}  // namespace voltage::app::backtest
