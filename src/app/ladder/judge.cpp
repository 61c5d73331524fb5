#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "app/ladder/ladder.hpp"
#include "ledger/fees.hpp"
#include "pricing/asian.hpp"
#include "pricing/implied.hpp"
#include "strategy/violations.hpp"

namespace voltage::app {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr market::FeeTerms kFees{};
constexpr double kWidths[] = {0.5, 1.0, 1.5};  // standard deviations from the middle to the legs
constexpr double kSpotSdBp = 1.0;              // spot against the index

pricing::SettlementLaw law_of(const forecast::Surface& surface, const LadderSnapshot& s) {
  return {surface, {.now = s.at, .close = s.close, .index_now = s.spot, .index_sd = s.spot * kSpotSdBp * 1e-4}};
}

// The market's density, from what is really quoted; the wings without a bid only bound it.
std::optional<pricing::ImpliedLadder> implied(const LadderSnapshot& s) {
  std::vector<pricing::LadderQuote> quotes;
  for (const auto& row : s.rows) quotes.push_back({row.pays, row.bid.dollars(), row.ask.dollars()});
  return pricing::imply_ladder(quotes, s.spot, std::max((s.close - s.at).seconds() - 39.5, 1.0));
}

// The recording has no sizes.
Expiry expiry_of(const LadderSnapshot& s) {
  Expiry out{s.close, {}};
  for (const auto& row : s.rows) {
    ExpiryQuote q{row.market, row.pays, std::nullopt, std::nullopt};
    if (row.offered() && row.ask.pips > 0 && row.ask.pips < Price::kOne) q.ask = market::Level{row.ask, kQtyMax};
    if (row.bid.pips > 0) q.bid = market::Level{row.bid, kQtyMax};
    out.quotes.push_back(std::move(q));
  }
  return out;
}

double sure_gain(const LadderSnapshot& s) {
  const auto found = strategy::find_violation(taker_quotes(expiry_of(s)));
  return found ? found->sure_gain : 0;
}

LadderView view_of(const LadderSnapshot& s, const pricing::SettlementLaw& law) {
  LadderView v{.at = s.at,
               .close = s.close,
               .our_level = s.spot,
               .our_sd = law.sd_usd(),
               .our_vol = law.annual_vol(),
               .level = kNaN,
               .sd = kNaN,
               .vol = kNaN,
               .skew = kNaN,
               .rms_cents = kNaN,
               .outside_cents = kNaN,
               .sure_gain = sure_gain(s),
               .settled = static_cast<double>(s.settlement_cents) * 0.01};
  if (const auto m = implied(s)) {
    v.level = m->level;
    v.sd = m->sd_usd;
    v.vol = m->annual_vol;
    v.skew = m->skew;
    v.rms_cents = m->rms_cents;
    v.outside_cents = m->outside_cents;
  }
  return v;
}

// One YES of each leg of the structure, at the ask.
std::optional<StructureTrade> buy(const LadderSnapshot& s, const LadderView& v, const pricing::SettlementLaw& law,
                                  Structure kind, double width) {
  StructureTrade t{s.at, s.close, kind, width, 0, 0, {}, {}, {}};
  const double from = (v.level - width * v.sd) * 100, to = (v.level + width * v.sd) * 100;
  for (const auto& row : s.rows) {
    const bool inside = row.pays.low != market::CentRange::kBelowAll && row.pays.high != market::CentRange::kAboveAll &&
                        static_cast<double>(row.pays.low) >= from && static_cast<double>(row.pays.high) <= to;
    const bool outside = (row.pays.low != market::CentRange::kBelowAll && static_cast<double>(row.pays.low) >= to) ||
                         (row.pays.high != market::CentRange::kAboveAll && static_cast<double>(row.pays.high) <= from);
    if (!(kind == Structure::range ? inside : outside)) continue;
    if (!row.offered() || row.ask.pips == 0 || row.ask.pips >= Price::kOne) continue;
    ++t.legs;
    t.fair += law.prob(row.pays);
    t.cost += row.ask * kContract;
    t.fees += ledger::OrderFees{}.charge(kFees, Side::bid, row.ask, kContract, ledger::Liquidity::taker).net();
    if (row.pays.contains(s.settlement_cents)) t.paid += kDollar;
  }
  if (t.legs == 0) return std::nullopt;
  return t;
}

double edge(const StructureTrade& t) {
  return t.fair - (t.cost + t.fees).dollars();
}

// Mean, and the standard error over events: the trades of one close are one draw.
struct Clustered {
  double mean{}, se{};
  std::size_t events{};
};
Clustered clustered(const std::vector<std::pair<Time, double>>& values) {
  std::map<Time, std::pair<double, double>> by_event;
  double total = 0;
  for (const auto& [event, x] : values) {
    by_event[event].first += x;
    by_event[event].second += 1;
    total += x;
  }
  const double n = static_cast<double>(values.size()), events = static_cast<double>(by_event.size());
  if (by_event.empty()) return {};
  const double mean = total / n;
  double square = 0;
  for (const auto& [event, sum] : by_event) {
    const double off = sum.first - mean * sum.second;
    square += off * off;
  }
  const double se = events > 1 ? std::sqrt(square * events / (events - 1)) / n : kNaN;
  return {mean, se, by_event.size()};
}

Tally tally(const std::vector<StructureTrade>& trades, Structure kind) {
  Tally out;
  std::vector<std::pair<Time, double>> nets;
  for (const auto& t : trades) {
    if (t.kind != kind) continue;
    ++out.trades;
    out.gross_cents += (t.paid - t.cost).dollars() * 100;
    out.fees_cents += t.fees.dollars() * 100;
    nets.emplace_back(t.close, t.net().dollars() * 100);
  }
  if (out.trades == 0) return out;
  out.gross_cents /= static_cast<double>(out.trades);
  out.fees_cents /= static_cast<double>(out.trades);
  const Clustered c = clustered(nets);
  out.events = c.events;
  out.net_cents = c.mean;
  out.low_90 = c.mean - 1.645 * c.se;
  out.high_90 = c.mean + 1.645 * c.se;
  out.smallest_edge = (1.645 + 0.842) * c.se;
  return out;
}

// Least squares through the origin of y on x, with the standard error clustered by event.
struct Slope {
  double b{kNaN}, se{kNaN};
};
struct Pair {
  Time event{};
  double x{}, y{};
};
Slope slope(const std::vector<Pair>& pairs) {
  double xx = 0, xy = 0;
  for (const auto& p : pairs) {
    xx += p.x * p.x;
    xy += p.x * p.y;
  }
  if (!(xx > 0)) return {};
  Slope out{xy / xx, 0};
  std::map<Time, double> by_event;
  for (const auto& p : pairs) by_event[p.event] += p.x * (p.y - out.b * p.x);
  double square = 0;
  for (const auto& [event, sum] : by_event) square += sum * sum;
  out.se = std::sqrt(square) / xx;
  return out;
}

void judge_claims(LadderReport& report) {
  std::vector<Pair> volatility, direction;
  std::vector<std::pair<Time, double>> z2;
  for (const auto& v : report.views) {
    if (std::isnan(v.sd)) continue;
    const double z = (v.settled - v.level) / v.sd;
    z2.emplace_back(v.close, z * z);
    volatility.push_back({v.close, v.our_sd * v.our_sd / (v.sd * v.sd) - 1, z * z - 1});
    direction.push_back({v.close, (v.our_level - v.level) / v.sd, z});
  }
  const Slope vol = slope(volatility), dir = slope(direction);
  const Clustered own = clustered(z2);
  report.volatility_slope = vol.b;
  report.volatility_se = vol.se;
  report.direction_slope = dir.b;
  report.direction_se = dir.se;
  report.market_z2 = own.mean;
  report.market_z2_se = own.se;
}

}  // namespace

MarketCheck check_ladders(const std::vector<LadderSnapshot>& snapshots, const CalendarRules& rules) {
  MarketCheck out;
  for (std::size_t i = 0; i < snapshots.size();) {
    Moment moment{snapshots[i].at, snapshots[i].spot, {}};
    for (; i < snapshots.size() && snapshots[i].at == moment.at; ++i) {
      moment.expiries.push_back(expiry_of(snapshots[i]));
    }
    std::sort(moment.expiries.begin(), moment.expiries.end(),
              [](const Expiry& a, const Expiry& b) { return a.close < b.close; });
    check_moment(moment, rules, out);
  }
  return out;
}

Result<LadderReport> judge_ladders(const Forecasting& forecasting, const std::vector<LadderSnapshot>& snapshots,
                                   const LadderRules& rules) {
  LadderReport report;
  for (const LadderSnapshot& s : snapshots) {
    const auto surface = surface_at(forecasting, s.at);
    if (!surface) return fail("ladder at " + std::to_string(s.at.ms()) + ": " + surface.error().message);
    const pricing::SettlementLaw law = law_of(*surface, s);
    report.views.push_back(view_of(s, law));
    const LadderView& v = report.views.back();
    if (std::isnan(v.sd)) continue;
    for (const auto kind : {Structure::strangle, Structure::range}) {
      std::optional<StructureTrade> best;
      for (const double width : kWidths) {
        const auto t = buy(s, v, law, kind, width);
        if (t && edge(*t) >= rules.edge_min && (!best || edge(*t) > edge(*best))) best = t;
      }
      if (best) report.trades.push_back(*best);
    }
  }
  report.strangles = tally(report.trades, Structure::strangle);
  report.ranges = tally(report.trades, Structure::range);
  judge_claims(report);
  report.market = check_ladders(snapshots, rules.calendar);
  return report;
}

}  // namespace voltage::app
