#include "strategy/volatility.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "forecast/answer.hpp"
#include "ledger/fees.hpp"
#include "market/payoff.hpp"
#include "strategy/kelly.hpp"

namespace voltage::strategy {
namespace {

using namespace literals;
using event::Veto;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void veto(event::Decision& d, Veto why) {
  d.vetoes |= event::bit(why);
}

// Prices of bitcoin that are both fresh and still this far apart after their basis are not all of bitcoin:
// a feed is wired to the wrong market or a venue has lost its peg. The basis itself moves by 1 to 5 bp.
constexpr double kApartMaxBp = 25;
constexpr Duration kFreshPrice = 10_s;
constexpr Duration kSampleEvery = 60_s;  // rows of one contract for the belief to learn from

// The close of the settlement minute that an index value falls into: quarter hours.
Time next_quarter(Time t) {
  constexpr std::int64_t kQuarter = (15_min).ns;
  return Time{(t.ns + kQuarter - 1) / kQuarter * kQuarter};
}

// One way to take the touch: what it costs and how often it wins.
struct Take {
  Side side{};
  market::Level level;
  double win{};   // P(our side pays)
  double cost{};  // dollars a contract with the fee
};

}  // namespace

Volatility::Volatility(const VolatilityConfig& config)
    : config_{config},
      nowcaster_{pricing::default_basis_priors()},
      belief_{config.belief},
      fill_markouts_{config.maker.adverse_prior} {
  CHECK(config.edge_min >= 0);
}

void Volatility::observe(const event::Event& e, const Context& context) {
  const auto touched = [&](event::ContractId id) {
    const auto& listing = context.books.at(id);
    if (listing.trust != market::Trust::valid) return;
    flows_[id].on_top(e.at, listing.book.best(Side::bid), listing.book.best(Side::ask));
  };
  if (const auto* spot = std::get_if<event::SpotSeen>(&e.what)) {
    nowcaster_.on_spot(static_cast<std::size_t>(spot->venue), e.at, spot->price);
  } else if (const auto* bar = std::get_if<event::CandleClosed>(&e.what)) {
    nowcaster_.on_spot(static_cast<std::size_t>(bar->venue), bar->candle.begin + bar->interval, bar->candle.close);
    drift_.on(*bar);
  } else if (const auto* index = std::get_if<event::IndexSeen>(&e.what)) {
    nowcaster_.on_index(e.at, index->value_time, index->value.usd());
    if (index->average && index->average_count > 0)
      nowcaster_.on_running_average(next_quarter(index->value_time), index->average_count, index->average->usd());
  } else if (const auto* seen = std::get_if<event::ContractSeen>(&e.what)) {
    const auto& c = seen->contract;
    if (c.strike_is_opening_average && c.strike.known() && c.strike.floor)
      nowcaster_.on_average(c.open, c.strike.floor->usd(), variance_rate_);
  } else if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) {
    learn(*ready);
    drift_.on(e.at, *ready);
  } else if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
    if (context.books.has(fill->contract)) fill_markouts_.on_fill(e.at, *fill);
  } else if (std::holds_alternative<event::TimePassed>(e.what)) {
    fill_markouts_.pass_time(e.at, context.books);
  } else if (const auto* failed = std::get_if<event::ForecastFailed>(&e.what)) {
    if (failed->reason.starts_with(event::kOutsideTraining)) outside_training_ = true;
    drift_.on(*failed);
  } else if (const auto* delta = std::get_if<event::BookDelta>(&e.what)) {
    touched(delta->contract);
  } else if (const auto* snapshot = std::get_if<event::BookSnapshot>(&e.what)) {
    touched(snapshot->contract);
  } else if (const auto* trade = std::get_if<event::TradeSeen>(&e.what)) {
    flows_[trade->contract].on_trade(e.at, trade->taker, trade->qty);
  } else if (const auto* settled = std::get_if<event::Settled>(&e.what)) {
    drift_.settle(settled->contract, settled->outcome);
    if (settled->value && context.books.has(settled->contract))
      nowcaster_.on_average(context.books.at(settled->contract).contract.close, settled->value->usd(), variance_rate_);
    if (config_.learn_from_settlements)
      belief_.settle(settled->contract, settled->outcome);
    else
      belief_.forget(settled->contract);
    flows_.erase(settled->contract);
    decided_.erase(settled->contract);
    sampled_.erase(settled->contract);
  }
}

void Volatility::learn(const event::ForecastReady& m) {
  outside_training_ = false;
  std::vector<forecast::SurfaceNode> nodes;
  for (const auto& node : m.nodes) nodes.push_back(forecast::from_event(node));
  surface_.emplace(m.bar_close, m.close, std::move(nodes));
  variance_rate_ = surface_->density(1_min).variance() / 60;
}

std::optional<pricing::SettlementView> Volatility::settlement_view(Time close, Time now) const {
  if (!surface_ || now >= close) return std::nullopt;
  const auto last = nowcaster_.last_price_time();
  if (!last || now - *last > config_.price_age_max) return std::nullopt;
  const auto cast = nowcaster_.now(now, variance_rate_);
  if (!cast) return std::nullopt;
  pricing::SettlementView view{.now = now,
                               .close = close,
                               .index_now = cast->usd,
                               .index_sd = cast->sd_usd,
                               .second_rate = nowcaster_.second_rate().value_or(0)};
  if (const auto average = nowcaster_.average_so_far(close, now, variance_rate_)) {
    view.seen = average->values;
    view.seen_mean = average->mean;
    view.seen_sd = average->sd;
  }
  return view;
}

std::optional<Intent> Volatility::quote(event::ContractId contract, const Context& context) {
  const auto& listing = context.books.at(contract);
  const auto micro = listing.book.microprice();
  if (!config_.maker.on || !micro || outside_training_ || fill_markouts_.toxic(context.now)) return std::nullopt;
  const View v = view(contract, context);
  if (std::isnan(v.fair) || context.now - surface_->at() > config_.forecast_age_max) return std::nullopt;
  if (std::abs(logit(v.fair) - logit(*micro)) > config_.disagreement_max) return std::nullopt;
  if (nowcaster_.disagreement_bp(context.now, kFreshPrice) > kApartMaxBp) return std::nullopt;
  const auto flow = flows_.find(contract);
  MakerView m{.p = v.blend,
              .adverse = fill_markouts_.adverse(),
              .wealth = context.ledger.equity_worst().dollars(),
              .held = context.ledger.net(contract).contracts(),
              .bid = *listing.book.best(Side::bid),
              .ask = *listing.book.best(Side::ask),
              .flow = flow == flows_.end() ? 0 : flow->second.imbalance(0)};
  const auto best = best_quote(m, listing.contract.ticks, listing.contract.fees, config_.maker);
  if (!best) return std::nullopt;
  const double cost = cost_per_contract(best->side, best->price, listing.contract.fees, ledger::Liquidity::maker);
  if (!(cost < 1)) return std::nullopt;
  const double doubt = confidence(belief_input(listing.contract, context.now, v.fair, *micro), v.blend, best->edge);
  // The price stands on what is held, and so must the size: what takes away from the full side is worth it although by
  // itself it is no gain. Doubt adds less, and takes away no more.
  const double held = best->side == Side::bid ? m.held : -m.held;
  const auto count = [&](double aversion) { return worthwhile_count(best->win, cost, m.wealth, held, aversion); };
  const double contracts = std::min(count(config_.maker.aversion), count(1 / (config_.kelly_fraction * doubt)));
  const Qty size = min(round_down(contracts), config_.maker.qty_max);
  if (size < kContract) return std::nullopt;
  // The venue's expiry is in whole seconds: what keeps a quote from outliving us.
  const Time expires{(context.now + config_.maker.rest_max).ns / 1'000'000'000 * 1'000'000'000};
  return Intent{contract, best->side, best->price, size, event::TimeInForce::good_till_time, true, expires};
}

std::optional<pricing::SettlementLaw> Volatility::law(Time close, Time now) const {
  const auto view = settlement_view(close, now);
  if (!view) return std::nullopt;
  return pricing::SettlementLaw{*surface_, *view};
}

std::optional<pricing::Greeks> Volatility::greeks(event::ContractId contract, const Context& context) {
  const auto& c = context.books.at(contract).contract;
  if (!c.strike.known()) return std::nullopt;
  const auto of = law(c.close, context.now);
  if (!of) return std::nullopt;
  return of->greeks(market::paying_range(c.strike));
}

BeliefInput Volatility::belief_input(const market::Contract& contract, Time now, double fair, double microprice) const {
  const auto flow = flows_.find(contract.id);
  BeliefInput in{fair, microprice, flow == flows_.end() ? 0 : flow->second.imbalance(1), 0};
  // Before the open the strike is made of the same prices, and what we do not know of the index cancels.
  const auto cast = contract.strike.known() ? nowcaster_.now(now, variance_rate_) : std::nullopt;
  if (!cast || !(variance_rate_ > 0)) return in;
  constexpr double averaging = 39.5, least = 5;  // seconds: what the settlement average takes off; its own last moments
  const double ahead = std::max((contract.close - now).seconds() - averaging, least);
  const double relative = cast->sd_usd / cast->usd;
  in.index_noise = relative * relative / (variance_rate_ * ahead);
  return in;
}

double Volatility::confidence(const BeliefInput& in, double p, double edge) const {
  if (!config_.shrink_by_doubt || !(edge > 0)) return 1;
  const double sd = p * (1 - p) * belief_.logit_sd(in);
  return edge * edge / (edge * edge + sd * sd);
}

double Volatility::fair(const market::Contract& contract, Time now) const {
  const auto view = settlement_view(contract.close, now);
  if (!view) return kNaN;
  if (contract.strike.known()) return pricing::prob_yes(*surface_, *view, contract.strike);
  if (!contract.strike_is_opening_average) return kNaN;
  const auto strike = nowcaster_.average_so_far(contract.open, now, variance_rate_);
  if (!strike) return 0.5;
  return pricing::prob_yes_forward(*surface_, *view, {contract.open, strike->values, strike->mean});
}

double Volatility::blend(const market::Contract& contract, Time now, double fair,
                         std::optional<double> microprice) const {
  if (std::isnan(fair)) return kNaN;
  if (!microprice) return fair;
  return belief_.probability(belief_input(contract, now, fair, *microprice));
}

bool Volatility::against(Side side, const OrderFlow& flow) const {
  return -static_cast<double>(sign(side)) * flow.persistence() > config_.flow_against_max;
}

View Volatility::view(event::ContractId contract, const Context& context) {
  const auto& listing = context.books.at(contract);
  const double p = fair(listing.contract, context.now);
  return {p, blend(listing.contract, context.now, p, listing.book.microprice())};
}

bool Volatility::wants_decision(event::ContractId contract, const Context& context) {
  const auto [entry, fresh] = decided_.try_emplace(contract, context.now);
  if (!fresh && context.now - entry->second < config_.decision_interval) return false;
  entry->second = context.now;
  return true;
}

std::optional<Intent> Volatility::decide(event::ContractId contract, const Context& context,
                                         event::Decision& decision) {
  companions_.clear();
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
  if (outside_training_) veto(decision, Veto::outside_training);
  if (!micro || std::isnan(v.fair)) return std::nullopt;
  if (!(std::abs(logit(v.fair) - logit(*micro)) <= config_.disagreement_max)) veto(decision, Veto::market_disagrees);
  if (nowcaster_.disagreement_bp(context.now, kFreshPrice) > kApartMaxBp) veto(decision, Veto::sources_apart);
  if (decision.vetoes == 0 && listing.contract.strike.known()) {
    const auto [sample, fresh] = sampled_.try_emplace(contract, context.now);
    if (fresh || context.now - sample->second >= kSampleEvery) {
      sample->second = context.now;
      belief_.observe(contract, belief_input(listing.contract, context.now, v.fair, *micro));
      drift_.observe(contract, v.fair, *micro);
    }
  }

  const market::Level ask = *listing.book.best(Side::ask), bid = *listing.book.best(Side::bid);
  const auto& fees = listing.contract.fees;
  const Take buy{Side::bid, ask, v.blend, ask.price.dollars() + ledger::fee_per_contract(fees, ask.price.dollars())};
  const Take sell{Side::ask, bid, 1 - v.blend,
                  1 - bid.price.dollars() + ledger::fee_per_contract(fees, bid.price.dollars())};
  const Take& best = buy.win - buy.cost >= sell.win - sell.cost ? buy : sell;
  decision.edge = best.win - best.cost;
  if (!(decision.edge >= config_.edge_min)) {
    veto(decision, Veto::below_edge);
    return std::nullopt;
  }
  if (const auto flow = flows_.find(contract); flow != flows_.end() && against(best.side, flow->second)) {
    veto(decision, Veto::flow_against);
    return std::nullopt;
  }
  const auto settlement = settlement_view(listing.contract.close, context.now);
  if (!settlement || !listing.contract.strike.known()) return std::nullopt;
  SizedBet sized = instant_bet(listing, v.blend, context);
  sized.bet.fraction *= confidence(belief_input(listing.contract, context.now, v.fair, *micro), v.blend, decision.edge);
  if (sized.contracts.empty()) return std::nullopt;
  const pricing::SettlementLaw law{*surface_, *settlement};
  const auto counts = size_instant(law, sized.bet);
  const auto wish = wish_of(sized, counts, 0, context);
  if (!wish) {
    veto(decision, Veto::size_too_small);
    return std::nullopt;
  }
  collect_companions(sized, counts, context);
  if (!companions_.empty()) {
    const SizedBet first = first_alone(sized);
    alone_ = wish_of(first, size_instant(law, first.bet), 0, context);
  }
  return wish;
}

}  // namespace voltage::strategy
