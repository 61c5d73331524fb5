#include "app/backtest/attribution.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::app::backtest {
namespace {

constexpr double kVolFactorMax = 5;  // an implied volatility further from ours than this explains nothing

// P(A in range) under the law with its index moved to `usd`.
double moved(const pricing::SettlementLaw& law, const market::CentRange& range, double usd) {
  const double by = usd / law.mean_usd();
  const auto above = [&](std::int64_t cents) {
    if (cents == market::CentRange::kBelowAll) return 1.0;
    if (cents == market::CentRange::kAboveAll) return 0.0;
    return law.at_or_above_usd((static_cast<double>(cents) - 0.5) * 0.01 / by);
  };
  return std::max(above(range.low) - above(range.high), 0.0);
}

// The law at the volatility that the market's price stands for.
pricing::SettlementLaw as_priced(const pricing::SettlementLaw& law, const market::CentRange& range, double mid) {
  const auto vol = pricing::implied_vol(law, range, mid);
  if (!vol || !(law.annual_vol() > 0)) return law;
  const double factor = *vol / law.annual_vol();
  return factor <= kVolFactorMax && factor >= 1 / kVolFactorMax ? law.with_vol(factor) : law;
}

Money of(double dollars_each, Qty qty) {
  return Money{std::llround(dollars_each * qty.contracts() * 1e6)};
}

}  // namespace

Parts& Parts::operator+=(const Parts& o) {
  direction += o.direction;
  volatility += o.volatility;
  basis += o.basis;
  execution += o.execution;
  fees += o.fees;
  earlier += o.earlier;
  return *this;
}

Parts attribute(const AtFill& f, event::Outcome outcome, std::optional<double> own_average,
                std::optional<double> published) {
  const auto& fill = f.fill;
  const double side = static_cast<double>(sign(fill.side));
  const Price paid_out = outcome == event::Outcome::yes ? Price{Price::kOne} : Price{0};
  const Money gross = (fill.side == Side::bid ? paid_out : paid_out.complement()) * fill.qty -
                      (fill.side == Side::bid ? fill.price : fill.price.complement()) * fill.qty;
  Parts parts;
  parts.fees = -fill.fee;
  if (f.from_before) {
    parts.earlier = gross;
    return parts;
  }
  const double mid = f.mid.value_or(fill.price.dollars());
  parts.execution = of(side * (mid - fill.price.dollars()), fill.qty);
  if (f.law && !own_average) own_average = published;
  if (f.law && own_average) {
    const auto law = as_priced(*f.law, f.pays, mid);
    const double at_own = moved(law, f.pays, *own_average);
    parts.direction = of(side * (at_own - mid), fill.qty);
    if (published) parts.basis = of(side * (moved(law, f.pays, *published) - at_own), fill.qty);
  }
  // The last takes the rest, so that nothing is lost in rounding.
  parts.volatility = gross - parts.execution - parts.direction - parts.basis;
  return parts;
}

}  // namespace voltage::app::backtest
