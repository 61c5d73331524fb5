#pragma once
// What the profit of a run was made of (attribution.hpp), gathered while its events pass: what was known at each fill,
// our own average of each close, the published one, the outcome. Shown each event before the core has it. Over the
// contracts that settled the parts add up to the ledger's profit to the micro-dollar: a fill that the ledger takes
// twice for nothing is none here either, and the last word on an outcome counts.
#include <map>
#include <optional>
#include <vector>

#include "app/backtest/attribution.hpp"
#include "app/run/core.hpp"
#include "event/event.hpp"
#include "ledger/ledger.hpp"

namespace voltage::app::backtest {

class ProfitParts {
 public:
  // The core outlives it.
  explicit ProfitParts(const Core& core) : core_{core} {}

  void before(const event::Event& e);
  Parts settled() const;

 private:
  void on_fill(Time at, const event::FillSeen& fill);
  void note_averages(Time now);

  const Core& core_;
  ledger::Ledger verdicts_{Money{}};  // says which fills are new
  ledger::Ledger::Changes ignored_;
  std::map<event::ContractId, std::vector<AtFill>> fills_;
  std::map<event::ContractId, double> own_average_;  // USD, of contracts with fills, at their close
  std::map<event::ContractId, double> published_;
  std::map<event::ContractId, event::Outcome> outcome_;
};

}  // namespace voltage::app::backtest
