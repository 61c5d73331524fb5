// Decimal text is fixed point exactly, or refused.
#include "base/decimal.hpp"

#include <gtest/gtest.h>

namespace voltage {
namespace {

TEST(Decimal, reads_venue_prices_exactly) {
  EXPECT_EQ(parse_price("0.5550"), Price{5550});
  EXPECT_EQ(parse_price("0.001"), Price{10});
  EXPECT_EQ(parse_price("1.000000"), Price{10'000});
  EXPECT_EQ(parse_price("0"), Price{0});
}

TEST(Decimal, refuses_a_digit_below_the_unit_instead_of_rounding) {
  EXPECT_FALSE(parse_price("0.55555"));
  EXPECT_FALSE(parse_qty("1.005"));
  EXPECT_EQ(parse_qty("1.0000"), Qty{100});
}

TEST(Decimal, refuses_what_is_no_plain_number) {
  for (const char* text :
       {"", ".", "-", "1e5", " 1", "1 ", "0x1", "nan", "1.2.3", "--1", "1,0", "9999999999999999999"}) {
    EXPECT_FALSE(parse_fixed(text, 2)) << text;
  }
}

TEST(Decimal, refuses_what_needs_more_than_eighteen_digits) {
  EXPECT_FALSE(parse_fixed("9711699797240", 6));
  EXPECT_EQ(parse_fixed("971169979724", 6), 971'169'979'724'000'000);
  EXPECT_EQ(parse_fixed("0.000000000000000001", 18), 1);
}

TEST(Decimal, refuses_a_price_outside_one_dollar) {
  EXPECT_FALSE(parse_price("1.0001"));
  EXPECT_FALSE(parse_price("-0.0001"));
}

TEST(Decimal, formats_back_to_the_same_text) {
  for (const char* text : {"0.0001", "0.5550", "1.0000"}) EXPECT_EQ(format_price(*parse_price(text)), text);
  for (const char* text : {"-0.01", "0.00", "84684.46"}) EXPECT_EQ(format_qty(*parse_qty(text)), text);
}

}  // namespace
}  // namespace voltage
