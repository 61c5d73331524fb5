#pragma once
// The hard limits. Every one is a number that a person can read, and none can be lifted by a strategy.
#include <cstdint>

#include "base/types.hpp"

namespace voltage::risk {

struct Limits {
  Money contract_loss_max{50 * kDollar.micros};  // what one contract's position can lose
  Money instant_loss_max{100 * kDollar.micros};  // what all contracts of one settlement instant can lose
  // What all instants that settle within less than path_span of each other can lose: they share bitcoin's path.
  Money path_loss_max{150 * kDollar.micros};
  Duration path_span{Duration{3'600'000'000'000}};
  Money day_loss_max{200 * kDollar.micros};  // lost since midnight UTC, open positions at their worst
  Money drawdown_max{400 * kDollar.micros};  // below the highest equity; latches the halt
  Qty order_qty_max{50'000};
  Qty position_qty_max{2'500'000};         // the exchange does not say its own; beyond it an order is refused whole
  Price price_min{100}, price_max{9'900};  // no order outside: the tails are where models lie
  std::int64_t orders_per_minute_max{60};
  // What all that settles at one instant may gain or lose, in dollars: by 1 % of bitcoin, and by one point of annual
  // volatility. An order that brings either back towards zero passes.
  double delta_1pct_max{400};
  double vega_point_max{20};
};

}  // namespace voltage::risk
