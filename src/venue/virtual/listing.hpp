#pragma once
// Which Bitcoin contracts Kalshi lists at a moment, with their tickers, strikes and times: KXBTC15M each
// quarter hour, the hourly KXBTCD ladder of "above" contracts and the hourly KXBTC ladder of ranges. The
// stamp in a ticker is the close in US Eastern local time.
#include <string>
#include <vector>

#include "venue/virtual/exchange_types.hpp"

namespace voltage::venue::virtual_kalshi {

inline constexpr std::int64_t kCryptoShard = 2;

struct Ladder {
  int rungs{60};       // contracts of an hourly ladder
  double step{100.0};  // dollars between strikes
};

// "26AUG170100" of 05:00Z on 17 August 2026.
std::string eastern_stamp(Time close, bool with_minutes);
// Hours that US Eastern is behind UTC at t: 4 in summer, 5 in winter.
int eastern_offset_hours(Time t);

Market quarter_hour(Time open);  // its strike comes later
std::vector<Market> above_ladder(Time open, Time close, double around, const Ladder& ladder);
std::vector<Market> range_ladder(Time open, Time close, double around, const Ladder& ladder);

// The strike as the venue writes it in JSON, without trailing zeros: 84899.99, 75700.
std::string strike_text(market::IndexValue v);

}  // namespace voltage::venue::virtual_kalshi
