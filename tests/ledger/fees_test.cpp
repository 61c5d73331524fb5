// Fees are the venue's to the micro-dollar, fill by fill.
#include "ledger/fees.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/decimal.hpp"
#include "base/rng.hpp"
#include "support/full.hpp"

namespace voltage::ledger {
namespace {

using market::FeeTerms;
using market::FeeType;

constexpr FeeTerms kQuadratic{};
constexpr FeeTerms kMakersPay{FeeType::quadratic_with_maker_fees, 1'000'000};

// The same schedule in another arithmetic: a reduced fraction of dollars, multiplied factor by factor.
struct Fraction {
  Int128 n{0}, d{1};
  static Int128 gcd(Int128 a, Int128 b) { return b == 0 ? (a < 0 ? -a : a) : gcd(b, a % b); }
  Fraction times(Int128 top, Int128 bottom) const {
    const Int128 g1 = gcd(n, bottom), g2 = gcd(top, d);
    const Int128 a = g1 == 0 ? 1 : g1, b = g2 == 0 ? 1 : g2;
    return {(n / a) * (top / b), (d / b) * (bottom / a)};
  }
};
Fraction fee_in_dollars(const FeeTerms& t, Price p, Qty q, Liquidity liquidity) {
  Fraction f = Fraction{1, 1}.times(t.multiplier_e6, 1'000'000).times(q.centis, 100);
  f = f.times(p.pips, 10'000).times(10'000 - p.pips, 10'000);
  if (liquidity == Liquidity::taker) return f.times(7, 100);
  return t.type == FeeType::quadratic ? Fraction{} : f.times(175, 10'000);
}

TEST(Fees, hand_computed_check_values) {
  const auto net = [](Money precision, std::int32_t pips, std::int64_t centis) {
    return OrderFees{precision}.charge(kQuadratic, Side::bid, Price{pips}, Qty{centis}, Liquidity::taker).net();
  };
  EXPECT_EQ(net(kDirectPrecision, 5'000, 100), Money{17'500});
  EXPECT_EQ(net(kDirectPrecision, 3'700, 1'000), Money{163'200});
  EXPECT_EQ(net(kDirectPrecision, 100, 10'000), Money{69'300});
  EXPECT_EQ(net(kBrokerPrecision, 5'000, 100), Money{20'000});
  EXPECT_EQ(net(kBrokerPrecision, 550, 100), Money{5'000});
}

TEST(Fees, rounding_accumulates_over_an_order_and_comes_back_as_rebate) {
  OrderFees order;
  const auto fill = [&] { return order.charge(kQuadratic, Side::bid, Price{5'000}, Qty{30}, Liquidity::taker); };
  EXPECT_EQ(fill().net(), Money{5'300});
  const FillFee second = fill();
  EXPECT_EQ(second.rebate, Money{100});
  EXPECT_EQ(second.net(), Money{5'200});
  EXPECT_EQ(second.accumulator, Money{0});
  EXPECT_EQ(fill().net(), Money{5'300});
}

TEST(Fees, makers_are_free_only_where_the_schedule_says_so) {
  EXPECT_EQ(trade_fee(kQuadratic, Price{5'000}, kContract, Liquidity::maker), Money{0});
  EXPECT_EQ(trade_fee(kMakersPay, Price{5'000}, kContract, Liquidity::maker), Money{4'375});
  EXPECT_EQ(trade_fee({FeeType::quadratic, 0}, Price{5'000}, kContract, Liquidity::taker), Money{0});
}

TEST(Fees, a_free_fill_of_an_odd_size_still_pays_the_rounding) {
  const FillFee fee = OrderFees{}.charge(kQuadratic, Side::bid, Price{9'530}, Qty{7}, Liquidity::maker);
  EXPECT_EQ(fee.trade, Money{0});
  EXPECT_EQ(fee.net(), Money{90});
}

TEST(Fees, an_unknown_schedule_is_never_cheaper_than_a_known_one) {
  for (std::int32_t pips = 0; pips <= Price::kOne; pips += 50) {
    for (const auto liquidity : {Liquidity::taker, Liquidity::maker}) {
      for (const auto type : {FeeType::unknown, FeeType::flat}) {
        const Money worst = trade_fee({type, 0}, Price{pips}, kContract, liquidity);
        EXPECT_GE(worst, trade_fee(kQuadratic, Price{pips}, kContract, Liquidity::taker));
        EXPECT_GE(worst, trade_fee(kMakersPay, Price{pips}, kContract, Liquidity::maker));
      }
    }
  }
}

TEST(Fees, random_fills_equal_exact_rationals) {
  Rng rng{20'260'101};
  const std::int64_t n = tests::cases(200'000, 10'000'000);
  std::int64_t wrong = 0;
  OrderFees order;
  Money accumulator;
  Money precision = kDirectPrecision;
  for (std::int64_t i = 0; i < n; ++i) {
    if (i % 5 == 0) {
      precision = rng.chance(0.5) ? kDirectPrecision : kBrokerPrecision;
      order = OrderFees{precision};
      accumulator = {};
    }
    const FeeTerms terms{rng.chance(0.5) ? FeeType::quadratic : FeeType::quadratic_with_maker_fees,
                         rng.chance(0.7) ? 1'000'000 : static_cast<std::int64_t>(rng.below(3'000'001))};
    const Price price{static_cast<std::int32_t>(rng.below(10'001))};
    const std::int64_t sizes[] = {100, 10'000, 1'000'000, 100'000'000'000};
    const Qty qty{1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(sizes[rng.below(4)])))};
    const Side side = rng.chance(0.5) ? Side::bid : Side::ask;
    const Liquidity liquidity = rng.chance(0.5) ? Liquidity::taker : Liquidity::maker;

    const FillFee fee = order.charge(terms, side, price, qty, liquidity);
    const Fraction exact = fee_in_dollars(terms, price, qty, liquidity);
    const Int128 scaled = exact.n * 1'000'000;
    // trade − 1 µ$ < model <= trade, and the aligned balance is the greatest multiple below.
    bool ok = scaled <= Int128{fee.trade.micros} * exact.d && scaled > (Int128{fee.trade.micros} - 1) * exact.d;
    const Money revenue{(side == Side::bid ? -1 : 1) * std::int64_t{price.pips} * qty.centis};
    ok = ok && fee.aligned.micros % precision.micros == 0 && fee.rounding.micros >= 0;
    ok = ok && fee.rounding < precision && fee.aligned + fee.rounding + fee.trade == revenue;
    accumulator += fee.rounding;
    Money rebate;
    while (rebate + precision <= accumulator && rebate + precision <= fee.trade + fee.rounding) rebate += precision;
    accumulator -= rebate;
    ok = ok && fee.rebate == rebate && fee.accumulator == accumulator && fee.net().micros >= 0;
    ok = ok && (revenue - fee.net()).micros % precision.micros == 0;
    if (!ok && ++wrong == 1) ADD_FAILURE() << "price " << price.pips << " qty " << qty.centis << " case " << i;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Fees, the_estimate_for_sizing_is_the_model_in_dollars) {
  for (std::int32_t pips = 0; pips <= Price::kOne; pips += 7) {
    const ModelFee exact = model_fee(kQuadratic, Price{pips}, kContract, Liquidity::taker);
    const double dollars = static_cast<double>(exact.numerator) / static_cast<double>(exact.denominator) * 1e-6;
    EXPECT_NEAR(fee_per_contract(kQuadratic, Price{pips}.dollars()), dollars, 1e-15);
  }
}

TEST(Fees, equal_every_recorded_vector) {
  const char* data = std::getenv("VOLTAGE_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "VOLTAGE_TEST_DATA is not set";
  std::ifstream file{std::string{data} + "/../protocol/fixtures/kalshi/fee_vectors.json"};
  ASSERT_TRUE(file) << "fee_vectors.json is not beside the test data";
  const auto document = nlohmann::json::parse(file);
  int fills = 0;
  for (const auto& v : document["vectors"]) {
    OrderFees order{*parse_money(v["precision"].get<std::string>())};
    const Side side = v["side"] == "buy" ? Side::bid : Side::ask;
    for (const auto& f : v["fills"]) {
      const auto money = [&](const char* key) { return *parse_money(f[key].get<std::string>()); };
      const Price price = *parse_price(f["price"].get<std::string>());
      const Qty qty = *parse_qty(f["count"].get<std::string>());
      const FillFee fee = order.charge(kQuadratic, side, price, qty, Liquidity::taker);
      EXPECT_EQ(fee.trade, money("trade_fee")) << v["name"];
      EXPECT_EQ(fee.aligned, money("aligned_change")) << v["name"];
      EXPECT_EQ(fee.rounding, money("rounding_fee")) << v["name"];
      EXPECT_EQ(fee.rebate, money("rebate")) << v["name"];
      EXPECT_EQ(fee.net(), money("net_fee")) << v["name"];
      EXPECT_EQ(fee.accumulator, money("accumulator_after")) << v["name"];
      ++fills;
    }
  }
  EXPECT_GE(fills, 14);
}

}  // namespace
}  // namespace voltage::ledger
