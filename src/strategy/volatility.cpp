#include "strategy/volatility.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ledger/fees.hpp"
#include "pricing/asian.hpp"
#include "strategy/kelly.hpp"

namespace voltage::strategy {
namespace {

using namespace literals;
using event::Veto;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void veto(event::Decision& d, Veto why) {
  d.vetoes |= std::uint32_t{1} << static_cast<unsigned>(why);
}

double logit(double p) {
  return std::log(p / (1 - p));
}
double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}
// Beyond a tenth of a cent nobody knows anything.
double bounded(double p) {
  return std::clamp(p, 0.001, 0.999);
}

// In the order of event::SpotVenue. Measured: settlement minus Coinbase's minute +1.4 bp, sd 0.9 (22 windows);
// index minus Binance (USDT) −5.6 bp, sd 4.5. Kraken quotes dollars as Coinbase does.
std::vector<pricing::BasisPrior> basis_priors() {
  return {
      {0.0, 3.0, 6_h, 1.5, 1.0}, {1.4, 1.5, 6_h, 1.5, 0.9}, {-5.6, 4.5, 24_h, 1.5, 1.0}, {0.0, 0.01, 24_h, 0.01, 0.01}};
}

// One way to take the touch: what it costs and how often it wins.
struct Take {
  Side side{};
  market::Level level;
  double win{};   // P(our side pays)
  double cost{};  // dollars a contract with the fee
};

}  // namespace

Volatility::Volatility(const VolatilityConfig& config) : config_{config}, nowcaster_{basis_priors()} {}

void Volatility::observe(const event::Event& e, const Context&) {
  if (const auto* spot = std::get_if<event::SpotSeen>(&e.what)) {
    nowcaster_.on_spot(static_cast<std::size_t>(spot->venue), e.at, spot->price);
  } else if (const auto* bar = std::get_if<event::CandleClosed>(&e.what)) {
    nowcaster_.on_spot(static_cast<std::size_t>(bar->venue), bar->candle.begin + bar->interval, bar->candle.close);
  } else if (const auto* index = std::get_if<event::IndexSeen>(&e.what)) {
    nowcaster_.on_index(e.at, index->value_time, index->value.usd());
  } else if (const auto* seen = std::get_if<event::ContractSeen>(&e.what)) {
    const auto& c = seen->contract;
    if (c.strike_is_opening_average && c.strike.known() && c.strike.floor)
      nowcaster_.on_average(c.open, c.strike.floor->usd());
  } else if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) {
    learn(*ready);
  }
}

void Volatility::learn(const event::ForecastReady& m) {
  std::vector<forecast::SurfaceNode> nodes;
  for (const auto& node : m.nodes) {
    std::array<forecast::Component, forecast::kComponents> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i)
      parts[i] = {node.components[i][0], node.components[i][1], node.components[i][2]};
    nodes.push_back({node.horizon, forecast::Density{parts}});
  }
  surface_.emplace(m.bar_close, m.close, std::move(nodes));
  variance_rate_ = surface_->density(1_min).variance() / 60;
}

double Volatility::fair(const market::Contract& contract, Time now) const {
  if (!surface_ || now >= contract.close) return kNaN;
  const auto last = nowcaster_.last_price_time();
  if (!last || now - *last > config_.price_age_max) return kNaN;
  const auto cast = nowcaster_.now(now, variance_rate_);
  if (!cast) return kNaN;
  pricing::SettlementView view{
      now, contract.close, cast->usd, cast->sd_usd, 0, 0, nowcaster_.second_rate().value_or(0)};
  if (const auto average = nowcaster_.average_so_far(contract.close, now, variance_rate_)) {
    view.seen = average->values;
    view.seen_mean = average->mean;
  }
  if (contract.strike.known()) return pricing::prob_yes(*surface_, view, contract.strike);
  if (contract.strike_is_opening_average && now < contract.open) {
    return pricing::prob_yes_forward(*surface_, view, {contract.open, 0, 0});
  }
  return kNaN;
}

double Volatility::blend(double fair, std::optional<double> microprice) const {
  if (std::isnan(fair)) return kNaN;
  if (!microprice) return fair;
  const double w = config_.fair_weight;
  return logistic(w * logit(bounded(fair)) + (1 - w) * logit(bounded(*microprice)));
}

View Volatility::view(event::ContractId contract, const Context& context) {
  const auto& listing = context.books.at(contract);
  const double p = fair(listing.contract, context.now);
  return {p, blend(p, listing.book.microprice())};
}

bool Volatility::wants_decision(event::ContractId contract, const Context& context) {
  const auto [entry, fresh] = decided_.try_emplace(contract, context.now);
  if (!fresh && context.now - entry->second < config_.decision_interval) return false;
  entry->second = context.now;
  return true;
}

std::optional<Intent> Volatility::decide(event::ContractId contract, const Context& context,
                                         event::Decision& decision) {
  const auto& listing = context.books.at(contract);
  const auto micro = listing.book.microprice();
  const View v = view(contract, context);
  decision.fair = v.fair;
  decision.blend = v.blend;
  decision.microprice = micro.value_or(kNaN);
  if (std::isnan(v.fair))
    veto(decision, surface_ ? Veto::no_spot : Veto::no_forecast);
  else if (context.now - surface_->at() > config_.forecast_age_max)
    veto(decision, Veto::forecast_stale);
  if (!micro || std::isnan(v.fair)) return std::nullopt;
  if (std::abs(logit(bounded(v.fair)) - logit(bounded(*micro))) > config_.disagreement_max)
    veto(decision, Veto::market_disagrees);

  const market::Level ask = *listing.book.best(Side::ask), bid = *listing.book.best(Side::bid);
  const auto& fees = listing.contract.fees;
  const Take buy{Side::bid, ask, v.blend, ask.price.dollars() + ledger::fee_per_contract(fees, ask.price.dollars())};
  const Take sell{Side::ask, bid, 1 - v.blend,
                  1 - bid.price.dollars() + ledger::fee_per_contract(fees, bid.price.dollars())};
  const Take& best = buy.win - buy.cost >= sell.win - sell.cost ? buy : sell;
  decision.edge = best.win - best.cost;
  if (decision.edge < config_.edge_min) {
    veto(decision, Veto::below_edge);
    return std::nullopt;
  }
  const Qty held = context.ledger.net(contract);
  const Qty ours{best.side == Side::bid ? held.centis : -held.centis};
  const Qty target = kelly_count(best.win, best.cost, context.ledger.equity_worst(), config_.kelly_fraction);
  const Qty size = min(target - ours, best.level.qty);
  if (size < kContract) {
    veto(decision, Veto::size_too_small);
    return std::nullopt;
  }
  return Intent{contract, best.side, best.level.price, size, event::TimeInForce::immediate_or_cancel, false, {}};
}

}  // namespace voltage::strategy
