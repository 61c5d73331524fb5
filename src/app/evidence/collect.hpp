#pragma once
// What the recorded runs saw, as the evidence gate wants it: one observation of each traded contract that settled,
// made by the core itself as the run's journal goes through it again. Runs on paper, in shadow and live count; a
// backtest and a demo do not, since their markets are old or made up.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "risk/evidence_book.hpp"

namespace voltage::app::evidence {

struct Source {
  std::string run, kind;
  std::size_t observations{0};
  std::string skipped;  // why it does not count; empty: it does
};

struct Collected {
  std::vector<risk::Observation> observations;  // in the order of the runs
  std::vector<Source> sources;
};

// Every run under `data`. A run that can't be read whole is skipped, with the reason.
Collected collect(const std::string& data);

}  // namespace voltage::app::evidence
