#pragma once
// What the last days and weeks were like, looked at once a quarter of an hour: to look at single days each minute would
// cost more than all other features. From 5-minute ranges with the season taken out: the same from both kinds of bar.
//
//   spread  how much days differ: the standard deviation of ln volatility over the last 7 and 28 of them
//   clock   what the hour and the four hours that begin now were like on days before (the last 1, 5 and 14, and the
//           same weekday of four weeks), against those days as a whole: ln of the ratio of volatilities
//
// NaN where half of the minutes are missing.
#include <array>
#include <cstddef>
#include <vector>

namespace voltage::features {

struct Sums;

inline constexpr std::array<std::size_t, 2> kSpreadDays{7, 28};
inline constexpr std::array<std::size_t, 2> kClockMinutes{60, 240};
inline constexpr std::array<std::size_t, 3> kClockDays{1, 5, 14};  // then the weekday
inline constexpr std::size_t kClocks = kClockDays.size() + 1;

struct Weeks {
  std::array<float, kSpreadDays.size()> spread{};
  std::array<std::array<float, kClocks>, kClockMinutes.size()> clock{};
};

// At the end of the minutes that the sums hold; sums[i] is before minute i.
Weeks look_back(const std::vector<Sums>& sums);

}  // namespace voltage::features
