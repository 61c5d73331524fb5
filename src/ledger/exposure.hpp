#pragma once
// What positions that settle on one average can still pay. One average decides all of them, so the worst
// case is the least total over its possible values, not the sum of each contract's own worst.
#include <span>

#include "base/types.hpp"
#include "market/payoff.hpp"

namespace voltage::ledger {

// yes pays $1 a contract inside `pays`, no pays it outside. Unknown strike: each outcome is possible
// whatever the others do.
struct Holding {
  market::CentRange pays;
  bool strike_known{true};
  Qty yes, no;
};

struct Payouts {
  Money worst, best;
};
Payouts payouts(std::span<const Holding> holdings);

}  // namespace voltage::ledger
