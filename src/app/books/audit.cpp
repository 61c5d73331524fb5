#include "app/books/audit.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "ledger/fees.hpp"
#include "market/payoff.hpp"
#include "pricing/asian.hpp"

namespace voltage::app::books {
namespace {

namespace kalshi = venue::kalshi;

// The published average is rounded to cents, ours is not.
constexpr double kCentsApartMax = 1.0;

struct Own {
  std::optional<double> usd;
  int values{0};
};

Own own_average(const IndexTape& index, Time close) {
  const std::int64_t end = close.ns / 1'000'000'000;
  double sum = 0;
  Own out;
  for (std::int64_t s = end - pricing::kAverageValues + 1; s <= end; ++s) {
    const auto value = index.find(s);
    if (value == index.end()) continue;
    sum += static_cast<double>(value->second) * 1e-8;
    ++out.values;
  }
  if (out.values == pricing::kAverageValues) out.usd = sum / pricing::kAverageValues;
  return out;
}

// Held at the close: every fill of the contract, YES positive.
std::map<std::string, Qty> held_of(const VenueHistory& h) {
  std::map<std::string, Qty> held;
  for (const auto& f : h.fills) held[f.ticker] += f.side == Side::bid ? f.qty : -f.qty;
  return held;
}

SettlementAudit settlement(const kalshi::VenueSettlement& s, Qty held, const kalshi::Market& m,
                           const IndexTape& index) {
  SettlementAudit out{.ticker = s.ticker,
                      .at = s.at,
                      .revenue = s.revenue,
                      .expected = {},
                      .published = {},
                      .own_average = {},
                      .values = 0,
                      .wrong = {}};
  const auto note = [&](std::string what) {
    if (!out.wrong.empty()) out.wrong += "; ";
    out.wrong += std::move(what);
  };
  const bool yes = s.result == kalshi::MarketResult::yes;
  const Qty won = yes ? max(held, Qty{}) : max(-held, Qty{});
  out.expected = Price{Price::kOne} * won;
  // YES and NO held together pay a dollar whatever happens, where the venue nets only at the settlement.
  const Money pairs = Price{Price::kOne} * min(s.yes, s.no);
  if (s.revenue != out.expected && s.revenue != out.expected + pairs)
    note(fmt::format("paid {}, {} contracts were right", format_money(s.revenue), format_qty(won)));
  if (m.expiration_value) out.published = m.expiration_value->usd();
  const market::Strike strike{m.strike_type.value_or(market::StrikeType::greater), m.floor, m.cap};
  if (m.strike_type && strike.known() && m.expiration_value &&
      strike.pays(market::round_to_cents(*m.expiration_value)) != yes)
    note(fmt::format("the average {:.2f} and the strike say {}, the venue {}", *out.published, yes ? "no" : "yes",
                     yes ? "yes" : "no"));
  const Own own = own_average(index, m.close);
  out.own_average = own.usd;
  out.values = own.values;
  if (own.usd && out.published && std::abs(*own.usd - *out.published) * 100 > kCentsApartMax)
    note(fmt::format("our mean of the sixty values is {:.4f}, published is {:.2f}", *own.usd, *out.published));
  return out;
}

Result<FeeAudit> fees_of(const VenueHistory& h) {
  FeeAudit out;
  std::map<std::string, ledger::OrderFees> orders;
  for (const auto& f : h.fills) {
    const std::string series = f.ticker.substr(0, f.ticker.find('-'));
    const auto terms = h.fees.find(series);
    if (terms == h.fees.end())
      return fail(
          fmt::format("what series {} charges is not known, so the fee of fill {} can't be computed: read the "
                      "account again, or ask the venue for /series/{}",
                      series, f.trade_id, series));
    const Money expected = orders[f.order_id]
                               .charge(terms->second, f.side, f.price, f.qty,
                                       f.taker ? ledger::Liquidity::taker : ledger::Liquidity::maker)
                               .net();
    ++out.fills;
    out.charged += f.fee;
    out.expected += expected;
    if (expected == f.fee)
      ++out.equal;
    else
      out.wrong.push_back(fmt::format("{} {}: {} at {}, {}: charged {}, the schedule says {}", f.ticker, f.trade_id,
                                      format_qty(f.qty), format_price(f.price), f.taker ? "taker" : "maker",
                                      format_money(f.fee), format_money(expected)));
  }
  return out;
}

}  // namespace

bool Audit::clean() const {
  return fees.wrong.empty() &&
         std::all_of(settlements.begin(), settlements.end(), [](const SettlementAudit& s) { return s.wrong.empty(); });
}

Result<Audit> audit(const VenueHistory& h, const IndexTape& index) {
  Audit out;
  const auto held = held_of(h);
  for (const auto& s : h.settlements) {
    const auto market = h.markets.find(s.ticker);
    if (market == h.markets.end())
      return fail(fmt::format("market {} of a settlement is not known: read the account again", s.ticker));
    const auto position = held.find(s.ticker);  // none: nothing was ever filled there
    out.settlements.push_back(settlement(s, position == held.end() ? Qty{} : position->second, market->second, index));
  }
  auto fees = fees_of(h);
  if (!fees) return tl::unexpected(fees.error());
  out.fees = std::move(*fees);
  return out;
}

}  // namespace voltage::app::books
