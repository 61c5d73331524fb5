#pragma once
// What the account's owner may read over REST: cash by shard, positions, settlements. The same rules as for
// frames: fixed point, unknown fields counted, known ones strict and named when they are wrong.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"
#include "venue/kalshi/rest.hpp"

namespace voltage::venue::kalshi {

struct Balance {
  Money total;
  std::map<std::int64_t, Money> by_shard;
};
Result<Balance> decode_balance(std::string_view body);

struct HeldPosition {
  std::string ticker;
  std::optional<std::int64_t> exchange_index;
  Qty qty;         // signed, YES positive
  Money exposure;  // what it cost
  Money realized, fees;
};
struct HeldPositions {
  std::vector<HeldPosition> positions;
  std::string cursor;
};
Result<HeldPositions> decode_positions(std::string_view body);

struct VenueSettlement {
  std::string ticker;
  MarketResult result{};
  Qty yes, no;
  Money yes_cost, no_cost;
  Money revenue;  // whole cents on the wire
  Money fees;
  Time at{};
};
struct VenueSettlements {
  std::vector<VenueSettlement> settlements;
  std::string cursor;
};
Result<VenueSettlements> decode_settlements(std::string_view body);

// Money that came (positive) or went without a trade: deposits, withdrawals, transfers to and from a subaccount.
// Only what the balance has by now.
struct CashMoves {
  struct Move {
    event::CashMoved moved;
    Time at{};
  };
  std::vector<Move> moves;
  std::string cursor;
};
Result<CashMoves> decode_deposits(std::string_view body);
Result<CashMoves> decode_withdrawals(std::string_view body);
Result<CashMoves> decode_subaccount_transfers(std::string_view body);

// {"orders":[…],"cursor"}, {"fills":[…],"cursor"}, {"market":…} or {"markets":[…]}; an error body is a failure with its
// code.
Result<RestOrders> decode_orders(std::string_view body);
Result<RestFills> decode_fills(std::string_view body);
Result<Markets> decode_markets(std::string_view body);

// A name that is not known is the dearest.
market::FeeType fee_type(std::string_view name);
// Of the events that a list names: each event's own fees, or that it has none.
struct EventFees {
  std::vector<FeeUpdate> events;
  std::string cursor;
};
Result<EventFees> decode_event_fees(std::string_view body);
// What a series charges: {"series":{…}}. The second form reads on in an answer that is open already.
Result<market::FeeTerms> decode_fee_terms(std::string_view body);
market::FeeTerms read_fee_terms(Fields& body);
// What a series will charge: {"series_fee_change_arr":[…]}, in any order.
struct FeeChange {
  std::string series;
  Time at{};
  market::FeeTerms terms;
};
Result<std::vector<FeeChange>> decode_fee_schedule(std::string_view body);

// The cash that the venue holds back for resting orders: what they would cost beyond what closing positions
// gives. `positions` of the same account.
Money resting_collateral(const std::vector<Order>& resting, const std::vector<HeldPosition>& positions);

}  // namespace voltage::venue::kalshi
