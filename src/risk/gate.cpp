#include "risk/gate.hpp"

#include "ledger/fees.hpp"

namespace voltage::risk {
namespace {

using namespace literals;
using event::Veto;

}  // namespace

Money cost_max(const strategy::Intent& wish, const market::FeeTerms& fees) {
  const Price paid = wish.side == Side::bid ? wish.limit : wish.limit.complement();
  // A fill at a better price can cost more in fees (they peak at 50 c), never more than it saves; a cent
  // covers the rounding of each of many fills.
  ledger::OrderFees order_fees;
  const Money fee = order_fees.charge(fees, wish.side, wish.limit, wish.qty, ledger::Liquidity::taker).net();
  return paid * wish.qty + fee + kCent;
}

void Gate::follow(Time now, const ledger::Ledger& ledger) {
  const Money equity = ledger.equity_at_cost();
  const std::int64_t day = now.ns / (24_h).ns;
  if (!any_equity_ || day != day_) {
    day_ = day;
    day_start_equity_ = equity;
  }
  if (!any_equity_ || equity > highest_equity_) highest_equity_ = equity;
  any_equity_ = true;
  if (highest_equity_ - equity > limits_.drawdown_max && !halted_) {
    halt("drawdown beyond the limit of $" + std::to_string(limits_.drawdown_max.dollars()));
  }
}

void Gate::halt(std::string why) {
  if (!halted_) halted_ = std::move(why);
}

std::optional<Veto> Gate::refusal(const strategy::Intent& wish, Time now, const market::Contract& contract,
                                  const ledger::Ledger& ledger, Money in_flight) {
  CHECK(any_equity_);
  if (halted_) return Veto::halted;
  if (wish.qty.centis <= 0 || wish.qty > limits_.order_qty_max) return Veto::limit_contract;
  if (wish.limit < limits_.price_min || wish.limit > limits_.price_max) return Veto::limit_contract;
  if (!contract.ticks.on_grid(wish.limit)) return Veto::limit_contract;
  while (!recent_.empty() && now - recent_.front() >= 60_s) recent_.pop_front();
  if (static_cast<std::int64_t>(recent_.size()) >= limits_.orders_per_minute_max) return Veto::limit_rate;
  const Money cost = cost_max(wish, contract.fees) + in_flight;
  if (cost > ledger.cash()) return Veto::cash;
  const auto& position = ledger.position(wish.contract);
  const Money held = position.held() ? position.basis() : Money{};
  if (held + cost > limits_.contract_loss_max) return Veto::limit_contract;
  if (ledger.at_cost(contract.close) + cost > limits_.instant_loss_max) return Veto::limit_instant;
  const Money worst = ledger.equity_worst() - cost;
  if (day_start_equity_ - worst > limits_.day_loss_max) return Veto::limit_day;
  if (highest_equity_ - worst > limits_.drawdown_max) return Veto::limit_drawdown;
  return std::nullopt;
}

std::variant<Approved<strategy::Intent>, Refused> Gate::check(const strategy::Intent& wish, Time now,
                                                              const market::Contract& contract,
                                                              const ledger::Ledger& ledger, Money in_flight) {
  if (const auto why = refusal(wish, now, contract, ledger, in_flight)) return Refused{*why};
  recent_.push_back(now);
  return Approved<strategy::Intent>{wish};
}

}  // namespace voltage::risk
