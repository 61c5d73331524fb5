// From what is mispriced to one bet: the contracts of a settlement instant, sized together.
#include <algorithm>
#include <cmath>
#include <vector>

#include "market/payoff.hpp"
#include "strategy/volatility.hpp"

namespace voltage::strategy {

bool Volatility::add_offers(const market::Listing& listing, double p, SizedBet& sized) const {
  InstantBet& bet = sized.bet;
  if (listing.trust != market::Trust::valid || !listing.contract.strike.known() || std::isnan(p)) return false;
  const market::CentRange pays = market::paying_range(listing.contract.strike);
  const std::size_t group = bet.tilts.size();
  const std::size_t before = bet.offers.size();
  for (const Side side : {Side::bid, Side::ask}) {
    const double win = side == Side::bid ? p : 1 - p;
    auto level = listing.book.best(opposite(side));
    for (int n = 0; level && n < config_.levels_max; ++n, level = listing.book.next(opposite(side), level->price)) {
      const double cost = cost_per_contract(side, level->price, listing.contract.fees);
      if (!(win - cost >= config_.edge_min)) break;
      bet.offers.push_back({group, pays, side, cost, level->qty});
    }
    if (bet.offers.size() > before) break;  // both sides can't be cheap
  }
  if (bet.offers.size() == before) return false;
  bet.tilts.push_back({pays, p});
  sized.contracts.push_back(listing.contract.id);
  return true;
}

void Volatility::hold_what_is_on_the_way(InstantBet& bet, Time close, const Context& context) const {
  for (const Intent& order : context.on_the_way) {
    const auto& contract = context.books.at(order.contract).contract;
    const bool buys = order.side == Side::bid;
    const double each = cost_per_contract(order.side, order.limit, contract.fees);
    const Money cost{static_cast<std::int64_t>(std::ceil(each * order.qty.contracts() * 1e6))};
    bet.cash -= cost;
    bet.budget -= cost;
    if (contract.close != close) continue;
    const bool known = contract.strike.known();
    bet.held.push_back({known ? market::paying_range(contract.strike) : market::CentRange{}, known,
                        buys ? order.qty : Qty{}, buys ? Qty{} : order.qty});
  }
}

bool Volatility::may_accompany(const market::Listing& listing, double fair, double microprice, Side side) const {
  if (!(std::abs(logit(fair) - logit(microprice)) <= config_.disagreement_max)) return false;
  const auto flow = flows_.find(listing.contract.id);
  return flow == flows_.end() || !against(side, flow->second);
}

Volatility::SizedBet Volatility::instant_bet(const market::Listing& listing, double p, const Context& context) const {
  const Time close = listing.contract.close;
  SizedBet sized;
  InstantBet& bet = sized.bet;
  bet.held = context.ledger.holdings(close);
  bet.cash = context.ledger.equity_worst() - ledger::payouts(bet.held).worst;
  bet.budget = context.ledger.cash();
  bet.fraction = config_.kelly_fraction;
  hold_what_is_on_the_way(bet, close, context);
  if (!add_offers(listing, p, sized)) return sized;
  for (const market::Listing& other : context.books.all()) {
    if (other.contract.close != close || other.contract.id == listing.contract.id) continue;
    const double theirs = fair(other.contract, context.now);
    const auto micro = other.book.microprice();
    if (!micro || !add_offers(other, blend(other.contract, context.now, theirs, micro), sized)) continue;
    if (may_accompany(other, theirs, *micro, bet.offers.back().side)) continue;
    std::erase_if(bet.offers, [&](const Offer& o) { return o.group + 1 == bet.tilts.size(); });
    bet.tilts.pop_back();
    sized.contracts.pop_back();
  }
  return sized;
}

Volatility::SizedBet Volatility::first_alone(const SizedBet& sized) {
  SizedBet out = sized;
  std::erase_if(out.bet.offers, [](const Offer& o) { return o.group != 0; });
  out.bet.tilts.resize(1);
  out.contracts.resize(1);
  return out;
}

std::optional<Intent> Volatility::wish_of(const SizedBet& sized, const std::vector<Qty>& counts, std::size_t group,
                                          const Context& context) const {
  const auto& listing = context.books.at(sized.contracts[group]);
  std::optional<market::Level> level;
  Intent wish{sized.contracts[group], Side::bid, {}, {}, event::TimeInForce::immediate_or_cancel, false, {}};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Offer& offer = sized.bet.offers[i];
    if (offer.group != group) continue;
    const Side passive = opposite(offer.side);
    level = level ? listing.book.next(passive, level->price) : listing.book.best(passive);
    wish.side = offer.side;
    if (counts[i].centis > 0) wish.limit = level->price;
    wish.qty += counts[i];
  }
  if (wish.qty < kContract) return std::nullopt;
  return wish;
}

// The other contracts of the bet: those on both sides of the index are a strangle, those around it a range.
void Volatility::collect_companions(const SizedBet& sized, const std::vector<Qty>& counts, const Context& context) {
  for (std::size_t group = 1; group < sized.contracts.size(); ++group) {
    const auto id = sized.contracts[group];
    const auto wish = wish_of(sized, counts, group, context);
    const auto micro = context.books.at(id).book.microprice();
    if (!wish || !micro) continue;
    const View v = view(id, context);
    const double cost = cost_per_contract(wish->side, wish->limit, context.books.at(id).contract.fees);
    event::Decision decision{id,
                             v.fair,
                             v.blend,
                             *micro,
                             (context.books.at(id).contract.close - context.now).seconds(),
                             (wish->side == Side::bid ? v.blend : 1 - v.blend) - cost,
                             0,
                             {}};
    companions_.push_back({*wish, decision});
    decided_[id] = context.now;
  }
}

}  // namespace voltage::strategy
