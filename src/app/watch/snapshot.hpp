#pragma once
// A run at one moment, as plain values: what the core's thread publishes and every other thread reads. Nothing
// in it points back into the core. NaN: not known then.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app::watch {

enum class Phase : std::uint8_t { starting, training, trading, stopped };
const char* name(Phase phase);

struct StreamRow {
  std::string name;
  event::Health health{};
  std::string why;
  bool needed{false};
  double seconds{0};  // in this state, by the run's time
};
const char* name(event::Health health);

struct LevelRow {
  Qty bid_qty;
  std::optional<Price> bid, ask;
  Qty ask_qty;
};

struct MarketRow {
  std::string ticker;
  double seconds_left{0};
  std::string trust;
  std::vector<LevelRow> levels;  // the best first
  double fair{}, blend{}, edge{};
  Qty position;
  std::vector<std::string> vetoes;  // standing now; the last decision's where nothing stands in the way
};

struct HorizonRow {
  std::string horizon;
  double volatility{};             // standard deviation of the log return
  std::array<double, 3> moves{};   // log returns
  std::array<double, 3> beyond{};  // P(|r| > move), all members together
  struct Member {
    std::string name;
    double weight{};
    std::array<double, 3> beyond{};
  };
  std::vector<Member> members;
};

struct OrderRow {
  Time at{};
  std::string ticker;
  std::uint64_t order{};
  bool buy{};
  Qty qty, filled;
  Price price;
  std::string phase;
};

struct FillRow {
  Time at{};
  std::string ticker;
  bool buy{};
  Qty qty;
  Price price;
  Money fee;
};

// What was earned, and how sure that is. All contracts that settle at one instant are one observation.
struct Profit {
  Money net;                                    // of settled contracts, fees in
  Money fees;                                   // of everything
  Money open_at_cost;                           // paid for what is not settled
  std::int64_t instants{0};                     // settled and traded
  double low{}, high{};                         // 90 % interval of net in dollars; NaN with fewer than five instants
  double smallest_edge{};                       // dollars an instant that this many could have shown; NaN likewise
  std::vector<std::pair<Time, double>> equity;  // at cost, dollars
};

// What the features of a run stand on.
struct PastRow {
  double filled{1};        // of the minutes before the run, 0 to 1, made of trades
  double seconds_left{0};  // until all are; -1: too early to say
  std::string standing;    // in words; empty: there are no features
};

struct Snapshot {
  std::string mode;     // demo, paper, live
  std::string version;  // of the program
  std::string run;      // its name; empty: no journal is kept
  std::string notice;   // what a reader must know first ("simulated, not a market")
  Phase phase{Phase::starting};
  std::string step;  // of training
  double progress{0};

  Time at{};         // of the run; zero before its first event
  double bitcoin{};  // USD
  std::string model;
  double forecast_age{};  // seconds
  std::int64_t forecasts{0}, forecast_failures{0};
  std::vector<HorizonRow> forecast;
  PastRow past;

  bool halted{false}, halted_by_person{false};
  std::string halted_why;
  std::vector<StreamRow> streams;
  std::vector<MarketRow> markets;  // not closed yet
  std::vector<OrderRow> orders;    // open, then the last ended ones
  std::vector<FillRow> fills;      // the last ones, newest first
  std::vector<std::string> notes;  // the last things said, newest first

  Money cash_start, cash, equity_worst, equity_at_cost, loss_room;
  Money path_loss, path_loss_max;  // of the worst expiry path (risk/path.hpp), and what the limit allows
  Profit profit;
  std::int64_t events{0}, decisions{0}, orders_placed{0}, fills_seen{0}, fills_refused{0}, settled{0};
  std::int64_t open_orders{0}, unknown_orders{0}, open_positions{0};
  double unknown_order_age{0};  // seconds, of the oldest
  std::array<std::int64_t, event::kVetoes> vetoes{};
};

// Why the run may not take new risk now, or is not running; empty: it may.
std::vector<std::string> not_ready(const Snapshot& s);

}  // namespace voltage::app::watch
