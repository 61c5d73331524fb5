#pragma once
// The loop around the core, in the time of its events (backtest, demo, paper, live): merges what happens outside with
// what is due inside (answers to orders, forecasts, the tick of each whole second), gives every event its number, and
// carries effects to their edges.
//
// With a journal, every event is handed to it before it acts and every effect before it leaves. An order that
// the journal can't take does not leave: the core hears that it was refused, and that the journal is not well.
//
// At one instant the outside comes first: the book at a whole minute is the book as of the last message at
// or before it.
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "app/run/forecast_edge.hpp"
#include "app/run/order_edge.hpp"
#include "app/run/recorder.hpp"
#include "engine/engine.hpp"
#include "io/journal_writer.hpp"

namespace voltage::app {

inline constexpr Time kNever{std::numeric_limits<std::int64_t>::max()};

class World {
 public:
  // All outlive the world. forecast_delay: request to answer, as the models would take live. journal: may be
  // none.
  World(engine::Engine& engine, OrderEdge& orders, ForecastEdge& forecasts, std::vector<Recorder*> recorders,
        Duration forecast_delay, io::JournalWriter* journal = nullptr);
  World(engine::Engine& engine, venue::sim::SimExchange& exchange, ForecastEdge& forecasts,
        std::vector<Recorder*> recorders, Duration forecast_delay, io::JournalWriter* journal = nullptr);

  // Something happened outside; times must not go back. What is due before it happens first.
  void happen(Time at, event::Payload what);
  // Lets time pass up to and including `until`.
  void pass(Time until);
  // What is under way comes to its end, as far as it does before `until`; once nothing is, no second ticks until
  // something happens again.
  void rest(Time until = kNever);
  Time now() const { return engine_.now(); }
  // A bar from before the run, for the models alone.
  void preload(const event::CandleClosed& bar) { forecasts_.learn(bar); }

 private:
  void run_due_before(Time limit, bool inclusive);
  void emit(Time at, event::Payload what);
  void carry(const event::Event& cause, const event::Effect& fx);
  void refuse(const event::Event& cause, const event::Effect& fx);
  void watch_journal(Time at);
  void answer_at(Time at, event::Payload what) { answers_.push({at, ++entries_, std::move(what)}); }

  struct Answer {
    Time at{};
    std::uint64_t order_of_entry{};
    event::Payload what;
    bool operator>(const Answer& o) const { return at != o.at ? at > o.at : order_of_entry > o.order_of_entry; }
  };

  engine::Engine& engine_;
  std::unique_ptr<OrderEdge> own_orders_;
  OrderEdge& orders_;
  ForecastEdge& forecasts_;
  std::vector<Recorder*> recorders_;
  Duration forecast_delay_;
  io::JournalWriter* journal_;
  event::Health journal_health_{event::Health::unknown};
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers_;
  std::optional<Time> next_second_;
  std::uint64_t seq_{0};
  std::uint64_t entries_{0};
};

}  // namespace voltage::app
