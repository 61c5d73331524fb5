#include "app/backtest/profit_parts.hpp"

namespace voltage::app::backtest {

using namespace literals;

void ProfitParts::before(const event::Event& e) {
  note_averages(e.at);
  if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
    on_fill(e.at, *fill);
  } else if (const auto* settled = std::get_if<event::Settled>(&e.what)) {
    outcome_[settled->contract] = settled->outcome;
    if (settled->value) published_[settled->contract] = settled->value->usd();
  }
}

void ProfitParts::on_fill(Time at, const event::FillSeen& fill) {
  ignored_.clear();
  if (verdicts_.on(fill, ignored_) != ledger::FillVerdict::applied) return;
  const auto& listing = core_.engine().books().at(fill.contract);
  const auto& contract = listing.contract;
  AtFill f{fill, std::nullopt, std::nullopt, {}, fill.order == event::OrderId{}};
  if (listing.trust == market::Trust::valid) f.mid = listing.book.mid();
  if (contract.strike.known()) {
    f.law = core_.strategy().law(contract.close, at);
    f.pays = market::paying_range(contract.strike);
  }
  fills_[fill.contract].push_back(f);
}

// Our own settlement average, as late as it can be had: the last seconds before a close.
void ProfitParts::note_averages(Time now) {
  for (const auto& [id, fills] : fills_) {
    const Time close = core_.engine().books().at(id).contract.close;
    if (now >= close || close - now > 2_s) continue;
    if (const auto law = core_.strategy().law(close, now)) own_average_[id] = law->mean_usd();
  }
}

Parts ProfitParts::settled() const {
  const auto known = [](const std::map<event::ContractId, double>& values, event::ContractId id) {
    const auto at = values.find(id);
    return at == values.end() ? std::nullopt : std::optional{at->second};
  };
  Parts sum;
  for (const auto& [id, fills] : fills_) {
    const auto outcome = outcome_.find(id);
    if (outcome == outcome_.end()) continue;
    for (const auto& f : fills) sum += attribute(f, outcome->second, known(own_average_, id), known(published_, id));
  }
  return sum;
}

}  // namespace voltage::app::backtest
