#include "app/ladder/market_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pricing/implied.hpp"

namespace voltage::app {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kAverageSeconds = 39.5;  // that the last minute's average takes off the horizon (docs/PRICING.md)

double total_variance(const Expiry& e, const Moment& m) {
  std::vector<pricing::LadderQuote> quotes;
  for (const auto& q : e.quotes)
    quotes.push_back({q.pays, q.bid ? q.bid->price.dollars() : 0, q.ask ? q.ask->price.dollars() : 1});
  const double horizon = std::max((e.close - m.at).seconds() - kAverageSeconds, 1.0);
  const auto fit = pricing::imply_ladder(quotes, m.index_now, horizon);
  return fit ? fit->sd_usd * fit->sd_usd / (fit->level * fit->level) : kNaN;
}

template <class Predicate>
std::int64_t count(const std::vector<PairView>& pairs, Predicate predicate) {
  return std::count_if(pairs.begin(), pairs.end(), predicate);
}

}  // namespace

bool PairView::fitted() const {
  return std::isfinite(variance_earlier) && std::isfinite(variance_later);
}

std::int64_t MarketCheck::compared() const {
  return count(pairs, [](const PairView& p) { return p.prices.compared; });
}
std::int64_t MarketCheck::priced() const {
  return count(pairs, [](const PairView& p) { return p.prices.best.has_value(); });
}
std::int64_t MarketCheck::sure() const {
  return count(pairs, [](const PairView& p) { return p.prices.best && p.prices.best->sure(); });
}
std::int64_t MarketCheck::fitted() const {
  return count(pairs, [](const PairView& p) { return p.fitted(); });
}
std::int64_t MarketCheck::falls() const {
  return count(pairs, [](const PairView& p) { return p.falls(); });
}
const CalendarFinding* MarketCheck::nearest() const {
  const CalendarFinding* out = nullptr;
  for (const auto& p : pairs) {
    if (p.prices.best && (out == nullptr || p.prices.best->gain > out->gain)) out = &*p.prices.best;
  }
  return out;
}

void check_moment(const Moment& m, const CalendarRules& rules, MarketCheck& into) {
  ++into.moments;
  std::vector<double> variances;
  for (const auto& e : m.expiries) {
    ++into.instants;
    variances.push_back(m.expiries.size() > 1 ? total_variance(e, m) : kNaN);
    const auto found = strategy::find_violation(taker_quotes(e));
    if (!found) continue;
    into.within.push_back({m.at, e.close, *found, {}});
    for (const auto& leg : found->legs) into.within.back().markets.push_back(e.quotes[leg.quote].market);
  }
  for (std::size_t i = 0; i < m.expiries.size(); ++i) {
    for (std::size_t j = i + 1; j < m.expiries.size(); ++j) {
      into.pairs.push_back({m.at, m.expiries[i].close, m.expiries[j].close,
                            compare_expiries(m.expiries[i], m.expiries[j], m.index_now, rules), variances[i],
                            variances[j]});
    }
  }
}

}  // namespace voltage::app
