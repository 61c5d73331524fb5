#pragma once
// What can be lost along one path of bitcoin. Contracts that settle one after the other (the quarter hours of an hour,
// and the hourly ladder on the last of them) are decided by the same move, so their losses come together. An expiry
// path is any run of settlement instants that are less than `span` apart, whatever their series; it can lose what its
// instants can lose, each at its own worst value. One that can only gain makes no room for another.
#include "base/types.hpp"
#include "ledger/ledger.hpp"

namespace voltage::risk {

// The most that a path through `close` can lose, if that instant can lose `of_instant` and the others what is held.
Money path_loss(Time close, Money of_instant, Duration span, const ledger::Ledger& ledger);

// The most that any path can lose of what is held.
Money worst_path(Duration span, const ledger::Ledger& ledger);

}  // namespace voltage::risk
