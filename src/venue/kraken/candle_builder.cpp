#include "venue/kraken/candle_builder.hpp"

#include <algorithm>

namespace voltage::venue::kraken {
namespace {

double usd(std::int64_t e8) {
  return static_cast<double>(e8) / 1e8;
}

}  // namespace

market::Candle CandleBuilder::candle_of(Time begin, const BuiltBar& b) const {
  return {
      begin,           usd(b.open), usd(b.high), usd(b.low), usd(b.close), usd(b.volume), static_cast<double>(b.trades),
      usd(b.taker_buy)};
}

void CandleBuilder::open_at(Time begin, std::int64_t close_e8) {
  CHECK(bars_.empty() && begin.ns % interval_.ns == 0);
  next_ = begin;
  before_ = close_e8;
}

void CandleBuilder::add(const TradeRow& t) {
  const Time begin{t.at.ns - t.at.ns % interval_.ns};
  if (next_.ns == 0) next_ = begin;
  BuiltBar& bar = bars_[begin];
  if (bar.trades == 0) bar.open = bar.high = bar.low = t.price.e8;
  bar.high = std::max(bar.high, t.price.e8);
  bar.low = std::min(bar.low, t.price.e8);
  bar.close = t.price.e8;
  bar.volume += t.qty.e8;
  if (t.taker == Taker::buyer) bar.taker_buy += t.qty.e8;
  ++bar.trades;
  if (begin < next_) revise(begin);
}

// Gives the bar again, and the quiet ones behind it whose flat price hung on it.
void CandleBuilder::revise(Time begin) {
  auto at = bars_.find(begin);
  out_.push_back({candle_of(begin, at->second), true, at->second.trades == 0});
  for (auto next = std::next(at); next != bars_.end() && next->first < next_ && next->second.trades == 0; ++next) {
    const std::int64_t flat = at->second.close;
    if (next->second.close == flat) return;
    next->second = {flat, flat, flat, flat, 0, 0, 0};
    out_.push_back({candle_of(next->first, next->second), true, true});
  }
}

const BuiltBar* CandleBuilder::find(Time begin) const {
  const auto at = bars_.find(begin);
  return at == bars_.end() ? nullptr : &at->second;
}

void CandleBuilder::correct(Time begin, const BuiltBar& truth) {
  const auto at = bars_.find(begin);
  CHECK(at != bars_.end() && begin < next_);
  at->second = truth;
  if (truth.trades == 0) {
    const bool first = at == bars_.begin();
    const std::int64_t flat = !first ? std::prev(at)->second.close : before_.value_or(truth.close);
    at->second = {flat, flat, flat, flat, 0, 0, 0};
  }
  revise(begin);
}

void CandleBuilder::advance(Time now) {
  if (next_.ns == 0) return;
  while (next_ + interval_ + grace_ <= now) {
    const auto found = bars_.find(next_);
    const bool quiet = found == bars_.end();
    if (quiet) {
      const auto after = bars_.lower_bound(next_);
      if (after == bars_.begin() && !before_) return;  // nothing to be flat at
      const std::int64_t flat = after == bars_.begin() ? *before_ : std::prev(after)->second.close;
      bars_[next_] = {flat, flat, flat, flat, 0, 0, 0};
    }
    out_.push_back({candle_of(next_, bars_.at(next_)), false, quiet});
    next_ = next_ + interval_;
    while (bars_.size() > kKept && bars_.begin()->first < next_) {
      before_ = bars_.begin()->second.close;
      bars_.erase(bars_.begin());
    }
  }
}

}  // namespace voltage::venue::kraken
