// What a contract pays, and where its prices may stand.
#include "market/contract.hpp"

#include <gtest/gtest.h>

namespace voltage::market {
namespace {

IndexValue usd(double v) {
  return index_from_usd(v);
}

TEST(Strike, a_tie_pays_where_the_rule_says_at_least) {
  const Strike at_least{StrikeType::greater_or_equal, usd(63318.53), std::nullopt};
  EXPECT_TRUE(at_least.pays(usd(63318.53)));
  EXPECT_FALSE(at_least.pays(usd(63318.52)));
  const Strike above{StrikeType::greater, usd(84899.99), std::nullopt};
  EXPECT_FALSE(above.pays(usd(84899.99)));
  EXPECT_TRUE(above.pays(usd(84900.00)));
}

TEST(Strike, neighbouring_ranges_never_both_pay_and_never_both_fail) {
  const Strike low{StrikeType::between, usd(75700), usd(75799.99)};
  const Strike high{StrikeType::between, usd(75800), usd(75899.99)};
  for (std::int64_t cents = 7'570'000; cents < 7'590'000; ++cents) {
    const IndexValue settled{cents * 1'000'000};
    EXPECT_NE(low.pays(settled), high.pays(settled)) << cents;
  }
}

TEST(Strike, is_unknown_until_its_bounds_are_published) {
  EXPECT_FALSE((Strike{StrikeType::greater_or_equal, std::nullopt, std::nullopt}.known()));
  EXPECT_FALSE((Strike{StrikeType::between, usd(1), std::nullopt}.known()));
}

TEST(TickGrid, the_tapered_grid_is_fine_at_the_ends) {
  const auto grid = TickGrid::tapered_deci_cent();
  EXPECT_TRUE(grid.on_grid(Price{10}));
  EXPECT_TRUE(grid.on_grid(Price{990}));
  EXPECT_TRUE(grid.on_grid(Price{5500}));
  EXPECT_FALSE(grid.on_grid(Price{5510}));
  EXPECT_TRUE(grid.on_grid(Price{9990}));
  EXPECT_EQ(grid.floor(Price{5599}), Price{5500});
  EXPECT_EQ(grid.ceil(Price{5501}), Price{5600});
  EXPECT_EQ(grid.floor(Price{10'000}), Price{9990});
  EXPECT_EQ(grid.ceil(Price{0}), Price{10});
  EXPECT_EQ(grid.floor(Price{9}), std::nullopt);
  EXPECT_EQ(grid.ceil(Price{9991}), std::nullopt);
  EXPECT_FALSE(grid.on_grid(Price{0}));
  EXPECT_FALSE(grid.on_grid(Price{10'000}));
}

TEST(TickGrid, refuses_ranges_with_a_hole) {
  EXPECT_FALSE(TickGrid::make({{Price{0}, Price{1000}, Price{10}}, {Price{2000}, Price{10'000}, Price{100}}}));
  EXPECT_FALSE(TickGrid::make({{Price{0}, Price{10'000}, Price{0}}}));
  EXPECT_FALSE(TickGrid::make({}));
}

}  // namespace
}  // namespace voltage::market
