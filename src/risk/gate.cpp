#include "risk/gate.hpp"

#include <cmath>
#include <utility>

#include "risk/path.hpp"

namespace voltage::risk {
namespace {

using namespace literals;
using event::Veto;

// Deposits and withdrawals are neither gain nor loss.
Money earned(const ledger::Ledger& ledger, Money equity) {
  return equity - ledger.deposits();
}

std::optional<Veto> sensitivity_objection(const Limits& limits, const SensitivityIfFilled& greeks) {
  // Not a number is no limit kept.
  const auto within = [](double before, double after, double limit) {
    return !std::isnan(after) && !worsens(before, after, limit);
  };
  if (!within(greeks.before.delta_1pct, greeks.after.delta_1pct, limits.delta_1pct_max)) return Veto::limit_delta;
  if (!within(greeks.before.vega_point, greeks.after.vega_point, limits.vega_point_max)) return Veto::limit_vega;
  return std::nullopt;
}

// Of the contract, its instant and the account less is at stake with it than without: an exit, which gets out although
// a limit was passed (by a person's own trades, a lower limit, a loss that came).
bool exits(const IfFilled& filled, const market::Contract& contract, const ledger::Ledger& ledger) {
  const auto& held = ledger.position(contract.id);
  if (!held.held() || abs(filled.position) >= abs(held.net())) return false;
  const Money contract_loss = max(held.basis() - Price{Price::kOne} * min(held.yes, held.no), Money{});
  return filled.contract_loss <= contract_loss && filled.instant_loss <= ledger.loss_max(contract.close) &&
         filled.equity_worst >= ledger.equity_worst();
}

}  // namespace

Gate::Gate(Limits limits, const Carried& carried)
    : limits_{limits},
      day_{carried.day},
      day_start_equity_{carried.day_start},
      highest_equity_{carried.highest},
      any_equity_{carried.day >= 0} {}

void Gate::follow(Time now, const ledger::Ledger& ledger) {
  const Money equity = earned(ledger, ledger.equity_at_cost());
  const std::int64_t day = now.ns / (24_h).ns;
  if (!any_equity_ || day != day_) {
    day_ = day;
    day_start_equity_ = equity;
  }
  if (!any_equity_ || equity > highest_equity_) highest_equity_ = equity;
  any_equity_ = true;
  if (std::exchange(resumed_, false) && highest_equity_ - equity > limits_.drawdown_max) highest_equity_ = equity;
  if (highest_equity_ - equity > limits_.drawdown_max && !halted_) {
    halt("drawdown beyond the limit of $" + std::to_string(limits_.drawdown_max.dollars()));
  }
}

void Gate::halt(std::string why) {
  if (!halted_) halted_ = std::move(why);
}

std::optional<Veto> Gate::objection(const strategy::Intent& wish, Time now, const market::Contract& contract,
                                    const ledger::Ledger& ledger, Money in_flight, const SensitivityIfFilled& greeks) {
  CHECK(any_equity_);
  if (halted_) return Veto::halted;
  if (wish.qty.centis <= 0 || wish.qty > limits_.order_qty_max) return Veto::limit_contract;
  if (wish.limit < limits_.price_min || wish.limit > limits_.price_max) return Veto::limit_contract;
  if (!contract.ticks.on_grid(wish.limit)) return Veto::limit_contract;
  while (!recent_.empty() && now - recent_.front() >= 60_s) recent_.pop_front();
  if (static_cast<std::int64_t>(recent_.size()) >= limits_.orders_per_minute_max) return Veto::limit_rate;
  const IfFilled filled = if_filled(wish, contract, ledger);
  const bool needs_cash = filled.cash_needed.micros > 0;  // what gives cash back gets out
  if (needs_cash && filled.cash_needed + in_flight > ledger.cash_on(contract.exchange_index)) return Veto::cash;
  // Beside another order on its way it is not known what would be left.
  if (in_flight.micros == 0 && exits(filled, contract, ledger)) return sensitivity_objection(limits_, greeks);
  if (abs(filled.position) > limits_.position_qty_max) return Veto::limit_contract;
  if (filled.contract_loss > limits_.contract_loss_max) return Veto::limit_contract;
  // Orders on the way count in full, as if all of them settled at this instant.
  if (filled.instant_loss + in_flight > limits_.instant_loss_max) return Veto::limit_instant;
  if (path_loss(contract.close, filled.instant_loss, limits_.path_span, ledger) + in_flight > limits_.path_loss_max)
    return Veto::limit_path;
  if (const auto why = sensitivity_objection(limits_, greeks)) return why;
  const Money worst = earned(ledger, filled.equity_worst) - in_flight;
  if (day_start_equity_ - worst > limits_.day_loss_max) return Veto::limit_day;
  if (highest_equity_ - worst > limits_.drawdown_max) return Veto::limit_drawdown;
  return std::nullopt;
}

strategy::Intent Gate::fitted(const strategy::Intent& wish, Time now, const market::Contract& contract,
                              const ledger::Ledger& ledger, Money in_flight, const SensitivityIfFilled& greeks) {
  // Both sensitivities are straight in the number of contracts, from nothing of the wish to all of it.
  const auto fits = [&](Qty qty) {
    strategy::Intent part = wish;
    part.qty = qty;
    const double share = qty.contracts() / wish.qty.contracts();
    SensitivityIfFilled of_part = greeks;
    of_part.after.delta_1pct = std::lerp(greeks.without.delta_1pct, greeks.after.delta_1pct, share);
    of_part.after.vega_point = std::lerp(greeks.without.vega_point, greeks.after.vega_point, share);
    return !objection(part, now, contract, ledger, in_flight, of_part);
  };
  if (wish.qty <= kContract || fits(wish.qty) || !fits(kContract)) return wish;
  Qty within = kContract, beyond = wish.qty;
  while (beyond - within > Qty{1}) {
    const Qty middle{(within.centis + beyond.centis) / 2};
    (fits(middle) ? within : beyond) = middle;
  }
  strategy::Intent out = wish;
  out.qty = within;
  return out;
}

Money Gate::loss_max_today(const ledger::Ledger& ledger) const {
  CHECK(any_equity_);
  const Money now = earned(ledger, ledger.equity_at_cost());
  const Money by_day = limits_.day_loss_max - (day_start_equity_ - now);
  const Money by_drawdown = limits_.drawdown_max - (highest_equity_ - now);
  return max(min(min(by_day, by_drawdown), ledger.equity_at_cost()), Money{});
}

void Gate::not_sent(std::size_t approved) {
  CHECK(approved <= recent_.size());
  recent_.resize(recent_.size() - approved);
}

std::variant<Approved<strategy::Intent>, Refused> Gate::check(const strategy::Intent& wish, Time now,
                                                              const market::Contract& contract,
                                                              const ledger::Ledger& ledger, Money in_flight,
                                                              const SensitivityIfFilled& greeks) {
  if (const auto why = objection(wish, now, contract, ledger, in_flight, greeks)) return Refused{*why};
  recent_.push_back(now);
  return Approved<strategy::Intent>{wish};
}

std::variant<Approved<strategy::Amend>, Refused> Gate::check(const strategy::Amend& amend, Time now,
                                                             const market::Contract& contract,
                                                             const ledger::Ledger& ledger, Money in_flight,
                                                             const SensitivityIfFilled& greeks) {
  if (const auto why = objection(amend.to, now, contract, ledger, in_flight, greeks)) return Refused{*why};
  recent_.push_back(now);
  return Approved<strategy::Amend>{amend};
}

}  // namespace voltage::risk
