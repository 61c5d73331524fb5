// The same findings for a person and for a program.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "app/ladder/market_check.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"

namespace voltage::app {
namespace {

constexpr std::size_t kListed = 5;

std::string times(double n) {
  return std::isfinite(n) ? fmt::format("{:.2f} times at the touch", n) : "sizes unknown";
}
std::string number(double v) {
  return std::isfinite(v) ? fmt::format("{:.6g}", v) : "null";
}

std::string within_text(const MarketCheck& c) {
  std::string out = fmt::format("within an instant: {} instants at {} moments, {} with a sure gain after fees\n",
                                c.instants, c.moments, c.within.size());
  for (std::size_t i = 0; i < std::min(kListed, c.within.size()); ++i) {
    const auto& f = c.within[i];
    const bool known = f.violation.available < kQtyMax;
    out += fmt::format("  {} closing {}: ${:.4f} for one of each, {}:", format_iso(f.at), format_iso(f.close),
                       f.violation.sure_gain,
                       times(known ? f.violation.available.contracts() : std::numeric_limits<double>::infinity()));
    for (std::size_t k = 0; k < f.markets.size(); ++k)
      out += fmt::format(" {} {}", f.violation.legs[k].side == Side::bid ? "YES" : "NO", f.markets[k]);
    out += "\n";
  }
  return out;
}

}  // namespace

std::string check_text(const MarketCheck& c) {
  std::string out = within_text(c);
  const auto pairs = static_cast<std::int64_t>(c.pairs.size());
  if (pairs == 0) return out + "between expiries: 0 pairs, one expiry alive at each moment\n";
  out += fmt::format(
      "between expiries: {} pairs, {} compared, {} with a portfolio on offer, {} with a sure gain after fees and "
      "hedging\n",
      pairs, c.compared(), c.priced(), c.sure());
  std::size_t listed = 0;
  for (const auto& p : c.pairs) {
    if (!p.prices.best || !p.prices.best->sure() || ++listed > kListed) continue;
    const auto& f = *p.prices.best;
    out += fmt::format("  {} closing {} against {}: {} at {:.2f}, {} legs, ${:.4f}, {}\n", format_iso(p.at),
                       format_iso(p.earlier), format_iso(p.later), name(f.shape), f.strike, f.legs.size(), f.gain,
                       times(f.times));
  }
  if (const auto* f = c.nearest(); f != nullptr && !f->sure()) {
    out += fmt::format(
        "  nearest: a {} at {:.2f} would lose ${:.4f}, ${:.4f} of it for trading bitcoin (a unit pays a dollar for "
        "each "
        "hundred)\n",
        name(f->shape), f->strike, -f->gain, f->hedge);
  }
  return out + fmt::format(
                   "implied total variance falls in {} of {} pairs that could be fitted: the earlier rich or the later "
                   "cheap, a view and no arbitrage\n",
                   c.falls(), c.fitted());
}

std::string check_json(const MarketCheck& c) {
  io::JsonWriter w;
  w.begin_object().integer("moments", c.moments).integer("instants", c.instants);
  w.integer("sure_within", static_cast<std::int64_t>(c.within.size()));
  w.integer("pairs", static_cast<std::int64_t>(c.pairs.size())).integer("pairs_compared", c.compared());
  w.integer("pairs_priced", c.priced()).integer("sure_between", c.sure());
  w.integer("pairs_fitted", c.fitted()).integer("variance_falls", c.falls());
  const auto* f = c.nearest();
  w.raw("nearest_gain", f == nullptr ? "null" : number(f->gain));
  w.raw("nearest_even_bp", f == nullptr ? "null" : number(f->even_bp));
  return w.end_object().take();
}

}  // namespace voltage::app
