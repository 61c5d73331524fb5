#include "venue/kalshi/fills_asked.hpp"

#include <gtest/gtest.h>

namespace voltage::venue::kalshi {
namespace {

using namespace literals;

TEST(FillsAsked, a_silence_of_any_length_hides_no_fill) {
  constexpr Time kStart{1'000'000'000'000'000};
  FillsAsked asked;
  EXPECT_EQ(asked.from(kStart, 60_s), kStart - 60_s) << "what was before is read at the start";
  asked.came(kStart);
  EXPECT_EQ(asked.from(kStart + 3_s, 60_s), kStart - 60_s);
  // Nobody answers for two hours; every question meanwhile reaches as far back.
  for (Time now = kStart + 6_s; now < kStart + 2_h; now = now + 120_s) EXPECT_EQ(asked.from(now, 60_s), kStart - 60_s);
  asked.came(kStart + 2_h);
  EXPECT_EQ(asked.from(kStart + 2_h + 3_s, 60_s), kStart + 2_h - 60_s);
}

TEST(FillsAsked, a_clock_that_was_set_back_asks_from_the_earlier_moment) {
  constexpr Time kStart{1'000'000'000'000'000};
  FillsAsked asked;
  asked.came(kStart);
  EXPECT_EQ(asked.from(kStart - 10_s, 60_s), kStart - 70_s);
}

}  // namespace
}  // namespace voltage::venue::kalshi
