#pragma once
// Everything that the venue says of an account: cash by shard, positions, fills, settlements, orders, and the
// contracts that they speak of. What the books are rebuilt from when nothing of ours is left.
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/ownership.hpp"
#include "venue/kalshi/portfolio.hpp"

namespace voltage::app::books {

struct VenueHistory {
  venue::kalshi::Balance balance;
  std::vector<venue::kalshi::HeldPosition> positions;
  std::vector<venue::kalshi::Fill> fills;                   // each once, oldest first; client_order_id from its order
  std::vector<venue::kalshi::VenueSettlement> settlements;  // oldest first
  std::vector<venue::kalshi::Order> resting;
  std::map<std::string, venue::kalshi::Market> markets;  // of every fill and settlement
  std::map<std::string, market::FeeTerms> fees;          // by series
};

// Blocking; asks again when it is told to slow down. Fails with the request that can't be answered.
Result<VenueHistory> read_history(const venue::Endpoints& endpoints);

}  // namespace voltage::app::books
