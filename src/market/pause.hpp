#pragma once
// When the exchange takes no orders although nothing is wrong: every Thursday from 03:00 to 05:00 in New
// York, with five minutes before it in which nothing new should be begun. Cancels work, sessions may drop.
// New York's clock: UTC−5, and UTC−4 from the second Sunday of March to the first Sunday of November, both
// at 2:00 local time (rule in force since 2007). Pure: the time is the caller's.
#include "base/types.hpp"

namespace voltage::market {

Duration new_york_offset(Time t);  // local = t + offset
bool exchange_paused(Time t);      // 02:55 <= local Thursday < 05:00

}  // namespace voltage::market
