#pragma once
// Collects what one pass over the tapes did, for its files and its report.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/backtest/flow_table.hpp"
#include "app/backtest/profit_parts.hpp"
#include "app/backtest/session.hpp"
#include "app/run/core.hpp"
#include "app/run/recorder.hpp"

namespace voltage::app::backtest {

struct FillRow {
  Time at{};
  event::FillSeen fill;
  std::optional<double> mid_then;                  // dollars, at the fill
  std::optional<double> mid_1s, mid_10s, mid_60s;  // later; empty if the book was not valid then
};

struct Pass {
  std::string quotes_csv, orders_csv, fills_csv;
  std::string model_hash;  // of the last forecast
  std::vector<FillRow> fills;
  Parts parts;  // of all fills whose contract settled
  std::vector<FlowRow> flow;
  std::vector<event::CashChange> cash;
  std::map<event::ContractId, event::Outcome> settled;
  std::int64_t orders{0};
  std::int64_t refused{0};
  std::int64_t crossed_decisions{0};           // orders decided while a book was locked or crossed: must be 0
  std::vector<std::pair<Time, Money>> equity;  // after each change of cash, positions at cost
};

class PassRecorder final : public Recorder {
 public:
  // Both outlive the recorder.
  PassRecorder(const Tickers& tickers, const Core& core);

  void record(const event::Event& e) override;
  void record(const event::Event& cause, const event::Effect& fx) override;
  Pass take();

 private:
  struct Markout {
    Time due{};
    std::size_t fill{};
    std::optional<double> FillRow::* field{};
  };
  void quote(Time at, const event::Quote& q);
  void order(Time at, const event::PlaceOrder& o);
  void run_markouts(Time now);
  std::optional<double> mid(event::ContractId id) const;

  const Tickers& tickers_;
  const engine::Engine& engine_;
  FlowTable flow_;
  ProfitParts parts_;
  Pass pass_;
  std::vector<Markout> markouts_;
};

std::string fills_csv(const Pass& pass, const Tickers& tickers);

}  // namespace voltage::app::backtest
