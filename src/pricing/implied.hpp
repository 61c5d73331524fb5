#pragma once
// What a whole ladder of prices says of the settlement value: the density of our own family (level,
// volatility, fatness, skew) that fits it best, and each contract's distance from our price. This is where
// volatility is seen rich or cheap without a view on direction: the level is fitted too.
#include <optional>
#include <span>
#include <vector>

#include "forecast/density.hpp"
#include "market/payoff.hpp"
#include "pricing/asian.hpp"

namespace voltage::pricing {

// One contract's market in dollars of YES, 0 <= bid < ask <= 1.
struct LadderQuote {
  market::CentRange pays;
  double bid{}, ask{};
  double mid() const { return 0.5 * (bid + ask); }
};

struct ImpliedLadder {
  double level{};       // USD: the value that the market's density is centred on
  double sd_usd{};      // of the settlement value
  double annual_vol{};  // over the horizon given
  double kappa{};       // fatness, see forecast::Density
  double skew{};
  double rms_cents{};         // of mid less fit, two-sided quotes
  double outside_cents{};     // how far the fit lies outside bid and ask, on average: 0 for a perfect one
  double reference{};         // USD
  forecast::Density density;  // of ln(A / reference)

  double prob(const market::CentRange& range) const;
};

// `reference` in USD and `horizon` in seconds set the scale (the index and close − now − 39.5). Quotes are
// weighted by their width. Empty with fewer than three two-sided quotes, or when no density of the family comes near.
std::optional<ImpliedLadder> imply_ladder(std::span<const LadderQuote> quotes, double reference, double horizon);

// Our price against the market's, one for each quote.
struct RichCheap {
  double mid_less_ours_cents{};
  double vol_points{};  // ours to add for our price to be the mid, level kept; 0 where vega can't say
};
std::vector<RichCheap> rich_cheap(std::span<const LadderQuote> quotes, const SettlementLaw& ours);

}  // namespace voltage::pricing
