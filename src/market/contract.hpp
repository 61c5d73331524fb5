#pragma once
// What a Kalshi Bitcoin contract is: which settlement values pay a dollar, when, at which ticks and fees.
// Prices are YES prices. Nothing here knows a wire format or a ticker's grammar: a ticker is a label.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.hpp"

namespace voltage::market {

// A small number given by the edge in the order in which contracts are first seen in a run.
struct ContractId {
  std::uint32_t v{};
  constexpr auto operator<=>(const ContractId&) const = default;
};

// A value of the settlement index (BRTI) in 1e-8 USD: what the venue publishes, exactly.
struct IndexValue {
  std::int64_t e8{};
  constexpr auto operator<=>(const IndexValue&) const = default;
  constexpr double usd() const { return static_cast<double>(e8) * 1e-8; }
};
IndexValue index_from_usd(double usd);  // nearest; for values that come as a JSON number
// To whole cents, half away from zero: the rounding of the published settlement value.
IndexValue round_to_cents(IndexValue v);

enum class StrikeType : std::uint8_t { greater, greater_or_equal, less, less_or_equal, between };

// Pays when the settlement value lies in the set. between: floor <= value <= cap, as the venue says it.
struct Strike {
  StrikeType type{StrikeType::greater_or_equal};
  std::optional<IndexValue> floor;
  std::optional<IndexValue> cap;
  auto operator<=>(const Strike&) const = default;

  // False while a bound that the type needs is not published yet.
  bool known() const;
  // known() required; `settlement` rounded as published.
  bool pays(IndexValue settlement) const;
};

// Ticks: [start, end) goes in steps of `step` from start. The last range includes its end.
struct PriceRange {
  Price start, end, step;
  auto operator<=>(const PriceRange&) const = default;
};

class TickGrid {
 public:
  TickGrid() = default;
  // Empty if the ranges are not ascending, contiguous and inside [0, 1] dollar with positive steps.
  static std::optional<TickGrid> make(std::vector<PriceRange> ranges);
  static TickGrid linear_cent();
  static TickGrid tapered_deci_cent();  // 0.1 c below 10 c and above 90 c, else 1 c

  bool on_grid(Price p) const;                // also strictly between 0 and 1 dollar
  std::optional<Price> floor(Price p) const;  // greatest tick <= p
  std::optional<Price> ceil(Price p) const;   // least tick >= p
  const std::vector<PriceRange>& ranges() const { return ranges_; }
  bool operator==(const TickGrid&) const = default;

 private:
  std::vector<PriceRange> ranges_;
};

enum class FeeType : std::uint8_t { quadratic, quadratic_with_maker_fees, flat, unknown };

// Taker fee M·0.07·C·P·(1−P); makers pay M·0.0175·C·P·(1−P) only where the type says so. An unknown
// type is charged as the worst case. The multiplier is in 1/1,000,000.
struct FeeTerms {
  FeeType type{FeeType::quadratic};
  std::int64_t multiplier_e6{1'000'000};
  auto operator<=>(const FeeTerms&) const = default;
};

struct Contract {
  ContractId id{};
  std::string ticker;
  std::string series;
  std::string event;
  Time open{};
  Time close{};  // the settlement average is of the 60 one-second index values before it
  Strike strike;
  bool strike_is_opening_average{false};  // the strike is the mean of the minute before `open`
  TickGrid ticks;
  FeeTerms fees;
  std::int32_t exchange_index{0};  // the shard, from the venue's market object
  bool operator==(const Contract&) const = default;
};

}  // namespace voltage::market
