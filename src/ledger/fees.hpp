#pragma once
// What one fill costs in fees, exactly as the venue charges it, in whole micro-dollars.
//
//   model      M · 0.07 · C · P · (1 − P) for a taker (0.0175 for a maker where the type charges makers),
//              an exact rational of micro-dollars
//   trade      the model rounded up to a micro-dollar
//   rounding   what aligning the balance change (revenue − trade) down to the account's precision takes:
//              $0.0001 for direct members, $0.01 for accounts behind a broker. Also a free fill can cost it.
//   rebate     whole precision units out of the order's accumulated rounding, never more than the fill's fee
//   net        trade + rounding − rebate: the cost of the fill, `fee_cost` on the wire
//
// Revenue is counted on the YES axis (a buy −P·C, a sale +P·C). Buying NO instead moves it by C whole
// dollars, a multiple of either precision as C is in 1/100, so the fee is the same number.
// A rate outside [0, 100] or a price outside [0, 1] dollar is a programmer error: edges refuse them.
#include "base/types.hpp"
#include "market/contract.hpp"

namespace voltage::ledger {

__extension__ using Int128 = __int128;

enum class Liquidity : std::uint8_t { taker, maker };

// Micro-dollars as an exact fraction, denominator > 0.
struct ModelFee {
  Int128 numerator{};
  Int128 denominator{1};
};
ModelFee model_fee(const market::FeeTerms& terms, Price price, Qty qty, Liquidity liquidity);
Money trade_fee(const market::FeeTerms& terms, Price price, Qty qty, Liquidity liquidity);

inline constexpr Money kDirectPrecision{100};     // $0.0001
inline constexpr Money kBrokerPrecision{10'000};  // $0.01

struct FillFee {
  Money trade, rounding, rebate;
  Money aligned;      // revenue − trade, aligned down to the precision
  Money accumulator;  // rounding of this order not yet rebated, after this fill
  Money net() const { return trade + rounding - rebate; }
};

// The fees of the fills of one order, in the order of the fills.
class OrderFees {
 public:
  explicit OrderFees(Money precision = kDirectPrecision);
  FillFee charge(const market::FeeTerms& terms, Side side, Price price, Qty qty, Liquidity liquidity);

 private:
  Money precision_;
  Money accumulator_;
};

// The model fee in dollars a contract, unrounded: what sizing and edges are computed with. `price` in
// dollars, [0, 1].
double fee_per_contract(const market::FeeTerms& terms, double price, Liquidity liquidity = Liquidity::taker);

}  // namespace voltage::ledger
