#pragma once
// A seeded Kalshi for the demo and for tests: a simulated bitcoin with its index, minute candles and the
// 15-minute contracts on it, quoted by market makers who know the volatility. By default they are right,
// and the honest result of trading against them is about minus the fees. `volatility_error` makes them
// wrong: 0.8 means they believe in four fifths of the true volatility.
// Produces the payloads of the core in order of time; settles what closes.
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "event/event.hpp"
#include "venue/sim/sim_path.hpp"

namespace voltage::venue::sim {

struct SimMarketOptions {
  std::uint64_t seed{1};
  Time start{Time{1'772'323'200'000'000'000}};  // where trading starts; a whole quarter hour
  Duration history{};                           // candles before it
  double volatility_error{1.0};
  int strikes{1};  // contracts of an instant: at the opening average, and above and below it
  PathParameters path{};
};

struct Happening {
  Time at{};
  event::Payload what;
};

class SimMarket {
 public:
  explicit SimMarket(const SimMarketOptions& options);

  // One-minute candles from start − history to start.
  const market::CandleSeries& history() const { return history_; }
  // The next thing that happens; never ends.
  Happening next();
  Time now() const { return path_.now(); }
  void shift_regime(double volatility_factor) { path_.shift_regime(volatility_factor); }

 private:
  struct Quoted {
    market::Contract contract;
    double fair{-1};  // the makers' price at the last requote
    market::Book book;
  };

  void step_second();
  void open_window();
  void open_contract(int steps);
  void settle_window();
  void quote(Quoted& q, bool fresh);
  void put(Time at, event::Payload what) { queue_.push_back({at, std::move(what)}); }
  double makers_price(const market::Contract& c) const;
  void move_level(Quoted& q, Side side, Price price, Qty target);

  SimMarketOptions options_;
  SimPath path_;
  Rng rng_;
  market::CandleSeries history_;
  std::deque<Happening> queue_;
  std::deque<std::int64_t> minute_;  // last 60 index values, 1e-8 USD
  std::int64_t minute_sum_{0};
  std::vector<Quoted> windows_;  // of one instant
  std::uint32_t contracts_{0};
};

}  // namespace voltage::venue::sim
