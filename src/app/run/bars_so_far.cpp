#include "app/run/bars_so_far.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <iterator>

namespace voltage::app {
namespace {

Time end_of(const event::CandleClosed& bar) {
  return bar.candle.begin + bar.interval;
}

// Missing is equal to missing.
bool same(const market::Candle& a, const market::Candle& b) {
  const auto bits = [](const market::Candle& c) {
    std::array<std::uint64_t, 7> out{};
    std::size_t i = 0;
    for (const double v : {c.open, c.high, c.low, c.close, c.volume, c.trades, c.taker_buy})
      out[i++] = std::bit_cast<std::uint64_t>(v);
    return out;
  };
  return a.begin == b.begin && bits(a) == bits(b);
}

}  // namespace

void BarsSoFar::append(const event::CandleClosed& bar) {
  if (closed_) return;
  bars_.emplace_hint(bars_.end(), bar.candle.begin, bar);
  if (bars_.size() <= kKept) return;
  closed_ = true;
  bars_.clear();
  finer_.clear();
}

bool BarsSoFar::revise(const event::CandleClosed& bar) {
  const auto next = bars_.upper_bound(bar.candle.begin);
  if (next == bars_.begin()) return false;  // before everything
  auto& standing = std::prev(next)->second;
  if (standing.venue != bar.venue) return false;
  if (end_of(standing) <= bar.candle.begin) {  // a hole
    if (next != bars_.end() && next->first < end_of(bar)) return false;
    bars_.emplace_hint(next, bar.candle.begin, bar);
    return true;
  }
  if (standing.interval == bar.interval && standing.candle.begin == bar.candle.begin) {
    if (same(standing.candle, bar.candle)) return false;
    standing = bar;
    return true;
  }
  if (bar.interval >= standing.interval || end_of(bar) > end_of(standing)) return false;
  finer_[bar.candle.begin] = bar;
  return make_room(standing);
}

bool BarsSoFar::make_room(const event::CandleClosed& coarse) {
  const Time begin = coarse.candle.begin, end = end_of(coarse);
  Bars inside;
  for (Time at = begin; at < end;) {
    const auto bar = finer_.find(at);
    if (bar == finer_.end() || end_of(bar->second) > end) return false;
    inside.insert(*bar);
    at = end_of(bar->second);
  }
  finer_.erase(finer_.lower_bound(begin), finer_.lower_bound(end));
  bars_.erase(begin);
  bars_.merge(inside);
  return true;
}

}  // namespace voltage::app
