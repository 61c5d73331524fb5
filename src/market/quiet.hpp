#pragma once
// Spans of time in which nothing new is risked because something scheduled moves the market in one step: the
// release of a number that everybody waits for. No density of past candles knows of it.
#include <algorithm>
#include <span>

#include "base/types.hpp"

namespace voltage::market {

struct QuietSpan {
  Time from{}, until{};  // both included
};

inline bool quiet_at(std::span<const QuietSpan> spans, Time t) {
  return std::any_of(spans.begin(), spans.end(), [t](const QuietSpan& s) { return s.from <= t && t <= s.until; });
}

}  // namespace voltage::market
