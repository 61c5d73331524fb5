#include "risk/sensitivity.hpp"

#include <gtest/gtest.h>

namespace voltage::risk {
namespace {

TEST(Sensitivity, a_limit_stops_what_goes_further_out_and_lets_through_what_comes_back) {
  EXPECT_FALSE(worsens(0, 15, 15));
  EXPECT_TRUE(worsens(10, 16, 15));
  EXPECT_TRUE(worsens(-10, -16, 15));
  EXPECT_FALSE(worsens(30, 20, 15)) << "on the way back";
  EXPECT_TRUE(worsens(30, -20, 15)) << "back through zero, and beyond the limit on the other side";
  EXPECT_FALSE(worsens(30, -15, 15));
  EXPECT_TRUE(worsens(10, -16, 15)) << "through zero and out on the other side";
}

TEST(Sensitivity, a_strangle_is_long_volatility_and_flat_in_direction) {
  Sensitivity s;
  s.add(10, {-1.5, 0.2});
  s.add(10, {1.5, 0.2});
  EXPECT_DOUBLE_EQ(s.delta_1pct, 0);
  EXPECT_DOUBLE_EQ(s.vega_point, 4);
}

}  // namespace
}  // namespace voltage::risk
