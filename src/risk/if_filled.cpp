#include "risk/if_filled.hpp"

#include "ledger/fees.hpp"

namespace voltage::risk {
namespace {

constexpr Price kOne{Price::kOne};

}  // namespace

Money cost_max(const strategy::Intent& wish, const market::FeeTerms& fees) {
  const Price paid = wish.side == Side::bid ? wish.limit : wish.limit.complement();
  // A fill at a better price can cost more in fees (they peak at 50 c), never more than it saves; a cent
  // covers the rounding of each of many fills.
  ledger::OrderFees order_fees;
  const Money fee = order_fees.charge(fees, wish.side, wish.limit, wish.qty, ledger::Liquidity::taker).net();
  return paid * wish.qty + fee + kCent;
}

IfFilled if_filled(const strategy::Intent& wish, const market::Contract& contract, const ledger::Ledger& ledger) {
  IfFilled out;
  out.cost = cost_max(wish, contract.fees);
  const bool buys_yes = wish.side == Side::bid;
  const Money paid = (buys_yes ? wish.limit : wish.limit.complement()) * wish.qty;
  const Money fee = out.cost - paid;
  ledger::Position position = ledger.position(wish.contract);
  if (!position.held()) position = {};
  const Money basis_before = position.basis();
  (buys_yes ? position.yes : position.no) += wish.qty;
  (buys_yes ? position.basis_yes : position.basis_no) += paid;
  out.position = position.net();
  // What netting gives back is cash at once; what it leaves is measured by its own cost.
  const Money released = ledger.netting() == ledger::Netting::immediate ? net_pairs(position) : Money{};
  out.cash_needed = out.cost - released;
  out.contract_loss = max(position.basis() + fee - kOne * min(position.yes, position.no), Money{});

  std::vector<ledger::Holding> held = ledger.holdings(contract.close);
  const Money worst_before = ledger::payouts(held).worst;
  const bool known = contract.strike.known();
  // The order as a holding of its own pays what it would as part of the position; netted pairs paid already.
  held.push_back({known ? market::paying_range(contract.strike) : market::CentRange{}, known,
                  buys_yes ? wish.qty : Qty{}, buys_yes ? Qty{} : wish.qty});
  const Money worst_after = ledger::payouts(held).worst - (known ? released : Money{});
  const Money at_cost = ledger.at_cost(contract.close) - basis_before + position.basis();
  out.instant_loss = max(at_cost + fee - worst_after, Money{});
  out.equity_worst = ledger.equity_worst() - worst_before + worst_after + released - out.cost;
  return out;
}

}  // namespace voltage::risk
