#pragma once
// Recorded range ladders against our density: what volatility the market's prices imply and what ours says,
// prices that can't all be right, and the structures (strangles, ranges) that our density calls mispriced,
// bought at the ask and held to settlement after fees. One unit each: this measures price, not size.
#include <string>
#include <vector>

#include "app/forecasting.hpp"
#include "app/ladder/market_check.hpp"
#include "base/result.hpp"
#include "base/types.hpp"
#include "market/contract.hpp"
#include "market/payoff.hpp"

namespace voltage::app {

struct LadderRow {
  std::string market;
  market::CentRange pays;
  Price bid, ask;
  bool offered() const { return bid.pips > 0 || ask.pips > 100; }  // 0 at 1 c: nothing there
};

// One ladder at one moment.
struct LadderSnapshot {
  Time at{}, close{};
  double spot{};
  std::int64_t settlement_cents{};
  std::vector<LadderRow> rows;
};

// ts_ms,close_ms,market,low,high,yes_bid,yes_ask,spot,settlement_price; grouped by ts_ms and close_ms.
Result<std::vector<LadderSnapshot>> read_ladder(const std::string& path);

struct LadderView {
  Time at{}, close{};
  double our_level{}, our_sd{}, our_vol{};  // USD, USD, a year
  double level{}, sd{}, vol{};              // the market's; NaN where its prices allow no fit
  double skew{}, rms_cents{}, outside_cents{};
  double sure_gain{};  // dollars after fees for one of each leg; 0: the prices can all be right
  double settled{};    // USD
};

enum class Structure : std::uint8_t { strangle, range };
struct StructureTrade {
  Time at{}, close{};
  Structure kind{};
  double width{};  // in standard deviations of the market
  std::size_t legs{};
  double fair{};  // dollars, ours
  Money cost, fees, paid;
  Money net() const { return paid - cost - fees; }
};

// A mean of cents with its interval over independent events.
struct Tally {
  std::size_t trades{}, events{};
  double gross_cents{}, fees_cents{}, net_cents{};  // means of a trade
  double low_90{}, high_90{}, smallest_edge{};      // of the net: what 80 % power at 5 % would have needed
};

struct LadderReport {
  std::vector<LadderView> views;
  std::vector<StructureTrade> trades;
  Tally strangles, ranges;
  // Slopes of what happened on where we differ from the market: 1 if we are right, 0 if it is.
  double volatility_slope{}, volatility_se{};
  double direction_slope{}, direction_se{};
  // Mean of ((A − level) / sd)² on the market's own level and sd: 1 if its volatility is right.
  double market_z2{}, market_z2_se{};
  MarketCheck market;  // whether its prices can all be right, at each moment and between its expiries
};

// The market's prices by themselves; snapshots by time, as read_ladder gives them.
MarketCheck check_ladders(const std::vector<LadderSnapshot>& snapshots, const CalendarRules& rules);

struct LadderRules {
  double edge_min{0.02};  // dollars a structure after fees
  CalendarRules calendar;
};
Result<LadderReport> judge_ladders(const Forecasting& forecasting, const std::vector<LadderSnapshot>& snapshots,
                                   const LadderRules& rules);

}  // namespace voltage::app
