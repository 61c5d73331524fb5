#pragma once
// A week in one page: what was earned and how sure that is, whether the market came our way after we traded
// (closing-line value), what the evidence allows and what the next rung needs, whether the probabilities were
// true, what went wrong, and when the venue is closed next. From journals alone, each run again.
//
// All contracts that settle at one instant are one observation: they share one outcome. Intervals are 90 %.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"
#include "risk/evidence.hpp"

namespace voltage::app::digest {

struct Window {
  Time from{}, to{};  // both included
};

struct Interval {
  std::int64_t n{0};
  double mean{}, low{}, high{};  // NaN with fewer than five observations (the mean: with none)
};
Interval interval_of(const std::vector<double>& values);

struct Calibration {
  struct Bin {
    std::int64_t n{0};
    double said{}, came{};
  };
  std::array<Bin, 10> bins;  // by what was said
  std::int64_t n{0};         // quotes of settled contracts
  double brier{}, market_brier{};
};

struct Incident {
  std::int64_t count{0};
  double seconds{0};  // in all; 0 where it has no length
  std::string last;   // what was said of it
};

struct RunRow {
  std::string name, kind;
  Time start{}, end{};
  std::int64_t events{0}, orders{0}, fills{0};
  bool ended_in_order{false};
};

struct Digest {
  Window window;
  std::vector<RunRow> runs;
  std::vector<std::string> refused;  // runs that could not be read, and why
  Money net, fees, open_at_cost;     // net: of contracts that settled in the window
  Interval instants;                 // dollars of a settlement instant
  double smallest_edge{};            // dollars an instant that so many could have shown
  std::int64_t orders{0}, fills{0}, settled{0}, decisions{0}, forecasts{0}, baseline_forecasts{0};
  double contracts{0};
  Interval closing_line;  // dollars a contract, of an instant: the last mid of the book over the price paid
  Interval markout_60s;   // likewise, a minute after the fill
  risk::Rung rung{};
  risk::EvidenceRules rules;
  double net_lower{}, closing_lower{};  // anytime-valid, dollars a contract
  std::int64_t markets{0};              // behind them
  Calibration calibration;
  std::map<std::string, Incident> incidents;
  Time maintenance{};  // the next one; zero: none within two weeks
};

// Of the runs of these kinds (empty: all) that overlap the window.
Result<Digest> make(const std::string& data, const Window& window, const std::vector<std::string>& kinds);

std::string page(const Digest& d);     // HTML
std::string message(const Digest& d);  // a few lines of text
std::string json(const Digest& d);     // one object, one line

// The start of the next weekly maintenance from t on; zero: none within two weeks.
Time next_maintenance(Time t);

}  // namespace voltage::app::digest
