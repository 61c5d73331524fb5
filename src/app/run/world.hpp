#pragma once
// The loop around the core, for worlds whose time is that of their events (backtest, demo, simulation):
// merges what happens outside with what is due inside (answers to orders, forecasts, the tick of each
// whole second), gives every event its number, and carries effects to their edges.
//
// At one instant the outside comes first: the book at a whole minute is the book as of the last message at
// or before it.
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "app/run/forecast_edge.hpp"
#include "app/run/recorder.hpp"
#include "engine/engine.hpp"
#include "venue/sim/sim_exchange.hpp"

namespace voltage::app {

class World {
 public:
  // All outlive the world. forecast_delay: request to answer, as the models would take live.
  World(engine::Engine& engine, venue::sim::SimExchange& exchange, ForecastEdge& forecasts,
        std::vector<Recorder*> recorders, Duration forecast_delay);

  // Something happened outside; times must not go back. What is due before it happens first.
  void happen(Time at, event::Payload what);
  // Lets time pass up to and including `until`.
  void pass(Time until);
  // Everything under way comes to its end; then no second ticks until something happens again.
  void rest();
  // A bar from before the run, for the models alone.
  void preload(const event::CandleClosed& bar) { forecasts_.learn(bar); }

 private:
  void run_due_before(Time limit, bool inclusive);
  void emit(Time at, event::Payload what);
  void carry(const event::Event& cause, const event::Effect& fx);

  struct Answer {
    Time at{};
    std::uint64_t order_of_entry{};
    event::Payload what;
    bool operator>(const Answer& o) const { return at != o.at ? at > o.at : order_of_entry > o.order_of_entry; }
  };

  engine::Engine& engine_;
  venue::sim::SimExchange& exchange_;
  ForecastEdge& forecasts_;
  std::vector<Recorder*> recorders_;
  Duration forecast_delay_;
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers_;
  std::optional<Time> next_second_;
  std::uint64_t seq_{0};
  std::uint64_t entries_{0};
};

}  // namespace voltage::app
