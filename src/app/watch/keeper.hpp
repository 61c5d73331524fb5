#pragma once
// Follows a run from the core's thread and publishes its status: at most four times a second, at the end of an
// event, so that a reader never sees half of one. It only reads the core.
#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/run/core.hpp"
#include "app/run/recorder.hpp"
#include "app/watch/board.hpp"

namespace voltage::app::watch {

struct Facts {
  std::string mode, run, notice;
  std::array<bool, event::kStreams> needed{};
};

class Keeper final : public Recorder {
 public:
  // Both outlive the keeper.
  Keeper(const Core& core, Board& board, Facts facts);

  void record(const event::Event& e) override;
  void record(const event::Event& cause, const event::Effect& fx) override;
  // Publishes now, whatever the time. The loop calls it when nothing happens, and with `stopped` at the end.
  void publish(Phase phase = Phase::trading);
  void past(PastRow row) { past_ = std::move(row); }

 private:
  struct StreamState {
    event::Health health{};
    std::string why;
    Time since{};
  };
  void note(Time at, const char* what, const std::string& text);
  void on(const event::StreamHealth& m, Time at);
  void on(const event::ForecastReady& m, Time at);
  void on(const event::FillSeen& m, Time at);
  void on(const event::Settled& m, Time at);
  void remember_equity(Time at);
  std::string ticker(event::ContractId id) const;
  MarketRow market(const market::Listing& listing) const;
  std::vector<OrderRow> orders(Snapshot& s) const;
  Profit profit() const;

  const Core& core_;
  Board& board_;
  Facts facts_;
  std::chrono::steady_clock::time_point published_{};
  Time at_{};
  std::array<StreamState, event::kStreams> streams_;
  event::ForecastReady forecast_;
  bool any_forecast_{false};
  bool stopped_by_person_{false};
  std::int64_t forecasts_{0}, failures_{0}, settled_{0};
  std::map<event::ContractId, event::Decision> decisions_;
  std::map<event::OrderId, Time> placed_;
  std::deque<FillRow> fills_;
  std::deque<std::string> notes_;
  PastRow past_;
  std::vector<std::pair<Time, double>> equity_;
};

// The 90 % interval and the smallest edge of these results of settlement instants, in dollars.
void judge(const std::vector<double>& instants, Profit& into);

}  // namespace voltage::app::watch
