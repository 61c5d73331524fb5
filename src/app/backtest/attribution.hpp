#pragma once
// What a fill's profit was made of, held to settlement. On our side of one contract, with the mid m at the fill,
// the law of the settlement value then, the average A* that we would have computed ourselves at the close, the
// published average A and the payout Y:
//
//   execution    m − price                      what crossing to the touch cost (a maker's gain)
//   direction    F(A*) − m                      bitcoin moved, with as much uncertainty left as the market priced
//   basis        F(A) − F(A*)                   the published average is not ours
//   volatility   Y − F(A)                       the uncertainty that was priced went away: what an option decays
//   fees         −fee
//   earlier      all but the fee of a fill from before the run (it has no order of the run's): what was known then is
//                not known here
//
// F is our law at the fill with the volatility at which it gives m (ours where no volatility does), its index
// moved to the given value. They add up to Y − price − fee to the micro-dollar, and over all fills of a
// settled contract to the ledger's profit. Where the published average is not known, basis is none.
#include <map>
#include <optional>

#include "base/types.hpp"
#include "event/event.hpp"
#include "market/payoff.hpp"
#include "pricing/asian.hpp"

namespace voltage::app::backtest {

struct Parts {
  Money direction, volatility, basis, execution, fees, earlier;
  Money total() const { return direction + volatility + basis + execution + fees + earlier; }
  Parts& operator+=(const Parts& o);
};

// What was known when a fill happened.
struct AtFill {
  event::FillSeen fill;
  std::optional<double> mid;                  // dollars of YES
  std::optional<pricing::SettlementLaw> law;  // of the contract's instant
  market::CentRange pays;
  bool from_before{false};  // the run
};

// index_then: USD, the law's own. own_average, published: USD.
Parts attribute(const AtFill& f, event::Outcome outcome, std::optional<double> own_average,
                std::optional<double> published);

}  // namespace voltage::app::backtest
