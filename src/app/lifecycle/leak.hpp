#pragma once
// Does a forecast know what it can't know? Three ways to find out, each blind where another sees:
//
//   truncation    at sealed moments, every feature and every answer must be the same number, bit for bit, with the bars
//                 after the moment there, cut off, or replaced by nonsense. Finds code that looks ahead, and names the
//                 feature.
//   columns       a candle column that goes with later bars more than with its own bar holds the future: no forecaster
//                 can tell. Finds files whose columns were shifted or made from what came after.
//   plausibility  a gain over the opponent that nobody has on this market. Finds what the others miss, if it is large.
//                 (In the rules of the challenge.)
#include <cstdint>
#include <string>

#include "app/lifecycle/contender.hpp"

namespace voltage::app::lifecycle {

struct LeakSearch {
  std::size_t moments{16};
  std::uint64_t seed{1};
};

// Empty, or which number changed when the future did. Moments are drawn from [from, to].
Result<std::string> truncation_leak(const Contender& contender, const io::Candles& candles, Time from, Time to,
                                    const LeakSearch& search = {});

// Empty, or which column of the 1-minute bars in [from, to] goes with later bars more than with its own.
std::string column_leak(const io::Candles& candles, Time from, Time to);

}  // namespace voltage::app::lifecycle
