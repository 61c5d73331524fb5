#pragma once
// What a position could lose if one more order were filled in full: of its contract, of its settlement
// instant (one value decides all of it), and what would be left of the account in the worst case. An order
// that reduces what is held reduces these; it is never refused for adding.
#include "base/types.hpp"
#include "ledger/ledger.hpp"
#include "market/contract.hpp"
#include "strategy/intent.hpp"

namespace voltage::risk {

struct IfFilled {
  Money cost;           // fee included
  Money cash_needed;    // less what netting gives back at once
  Money contract_loss;  // never negative
  Money instant_loss;   // never negative
  Money equity_worst;
  Qty position;  // signed, on the YES axis
};
IfFilled if_filled(const strategy::Intent& wish, const market::Contract& contract, const ledger::Ledger& ledger);

// The most that an order can cost, its fee included: buying YES at the limit, or NO at one minus it.
Money cost_max(const strategy::Intent& wish, const market::FeeTerms& fees);

}  // namespace voltage::risk
