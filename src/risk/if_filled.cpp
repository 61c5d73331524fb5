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
  ledger::Position after = ledger.position(wish.contract);
  const Money basis = after.held() ? after.basis() : Money{};
  if (!after.held()) after = {};
  (wish.side == Side::bid ? after.yes : after.no) += wish.qty;
  const Money pairs = kOne * min(after.yes, after.no);
  out.position = after.net();
  out.cash_needed = ledger.netting() == ledger::Netting::immediate ? out.cost - pairs : out.cost;
  out.contract_loss = max(basis + out.cost - pairs, Money{});

  std::vector<ledger::Holding> held = ledger.holdings(contract.close);
  const Money worst_before = ledger::payouts(held).worst;
  const bool known = contract.strike.known();
  // The order as a holding of its own: the same total as if it were added to the position.
  held.push_back({known ? market::paying_range(contract.strike) : market::CentRange{}, known,
                  wish.side == Side::bid ? wish.qty : Qty{}, wish.side == Side::bid ? Qty{} : wish.qty});
  const Money worst_after = ledger::payouts(held).worst;
  out.instant_loss = max(ledger.at_cost(contract.close) + out.cost - worst_after, Money{});
  out.equity_worst = ledger.equity_worst() - worst_before + worst_after - out.cost;
  return out;
}

}  // namespace voltage::risk
