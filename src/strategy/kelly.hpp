#pragma once
// How much to stake on one contract: Kelly's growth-optimal fraction, and a part of it.
#include "base/types.hpp"

namespace voltage::strategy {

// The fraction of the bankroll that maximises expected log wealth when a contract that costs `cost` dollars
// (fee included, 0 < cost < 1) pays a dollar with probability `win`: (win − cost)/(1 − cost), never negative.
double kelly_fraction(double win, double cost);

// To 0.01 contract, downwards; a count that is whole but for the last digits of a double stays whole.
Qty round_down(double contracts);

// Contracts to hold: part · fraction · bankroll / cost, rounded down to 0.01.
Qty kelly_count(double win, double cost, Money bankroll, double part);

// Contracts until one more at `cost` (fee included, 0 < cost < 1) is worth nothing to who has this relative aversion
// (4 is about a quarter of Kelly): where it adds to what is held what is still missing, where it takes away what is too
// many. win: P(our side pays); held: of our side, negative where the other is held, as in strategy::indifference().
// Never negative.
double worthwhile_count(double win, double cost, double wealth, double held, double aversion);

}  // namespace voltage::strategy
