#include "ledger/fees.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace voltage::ledger {
namespace {

constexpr std::int64_t kMultiplierOne = 1'000'000;
constexpr std::int64_t kMultiplierMax = 100 * kMultiplierOne;

// 0.07 = 7 / 100 and 0.0175 = 7 / 400.
constexpr std::int64_t kTakerDivisor = 100;
constexpr std::int64_t kMakerDivisor = 400;

constexpr Money floor_to(Money m, Money unit) {
  const std::int64_t below = m.micros % unit.micros;
  return {m.micros - (below < 0 ? below + unit.micros : below)};
}

// The rate as coefficient · P·(1 − P): `divisor` of 7, or 0 for free, or flat at the worst price.
struct Schedule {
  std::int64_t multiplier_e6;
  std::int64_t divisor;
  bool worst_price;  // charge as at 50 c, where P·(1 − P) is greatest
};

Schedule schedule(const market::FeeTerms& terms, Liquidity liquidity) {
  CHECK(terms.multiplier_e6 >= 0 && terms.multiplier_e6 <= kMultiplierMax);
  const bool maker = liquidity == Liquidity::maker;
  switch (terms.type) {
    case market::FeeType::quadratic:
      return {maker ? 0 : terms.multiplier_e6, kTakerDivisor, false};
    case market::FeeType::quadratic_with_maker_fees:
      return {terms.multiplier_e6, maker ? kMakerDivisor : kTakerDivisor, false};
    case market::FeeType::flat:
    case market::FeeType::unknown:
      break;
  }
  // Not documented, so the dearest that is: the taker's rate at its worst price, on both sides.
  return {std::max(terms.multiplier_e6, kMultiplierOne), kTakerDivisor, true};
}

}  // namespace

ModelFee model_fee(const market::FeeTerms& terms, Price price, Qty qty, Liquidity liquidity) {
  CHECK(price.pips >= 0 && price.pips <= Price::kOne);
  CHECK(qty.centis >= 0 && qty <= kQtyMax);
  const Schedule s = schedule(terms, liquidity);
  const std::int64_t pips = s.worst_price ? Price::kOne / 2 : price.pips;
  // Multiplier 1e-6, rate 7/divisor, price twice 1e-4, quantity 1e-2, and a micro-dollar is 1e-6.
  return {Int128{s.multiplier_e6} * 7 * qty.centis * pips * (Price::kOne - pips), Int128{s.divisor} * 10'000'000'000};
}

Money trade_fee(const market::FeeTerms& terms, Price price, Qty qty, Liquidity liquidity) {
  const ModelFee model = model_fee(terms, price, qty, liquidity);
  return {static_cast<std::int64_t>((model.numerator + model.denominator - 1) / model.denominator)};
}

OrderFees::OrderFees(Money precision) : precision_{precision} {
  CHECK(precision.micros > 0);
}

FillFee OrderFees::charge(const market::FeeTerms& terms, Side side, Price price, Qty qty, Liquidity liquidity) {
  CHECK(qty.centis > 0);
  FillFee fee;
  fee.trade = trade_fee(terms, price, qty, liquidity);
  const Money revenue{-sign(side) * (price * qty).micros};
  fee.aligned = floor_to(revenue - fee.trade, precision_);
  fee.rounding = revenue - fee.trade - fee.aligned;
  accumulator_ += fee.rounding;
  fee.rebate = min(floor_to(accumulator_, precision_), floor_to(fee.trade + fee.rounding, precision_));
  accumulator_ -= fee.rebate;
  fee.accumulator = accumulator_;
  return fee;
}

double fee_per_contract(const market::FeeTerms& terms, double price, Liquidity liquidity) {
  CHECK(price >= 0.0 && price <= 1.0);
  const Schedule s = schedule(terms, liquidity);
  const double p = s.worst_price ? 0.5 : price;
  return static_cast<double>(s.multiplier_e6) * 1e-6 * 7.0 / static_cast<double>(s.divisor) * p * (1.0 - p);
}

}  // namespace voltage::ledger
