#include "venue/kraken/bar_audit.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr Duration kBlock{300'000'000'000};
constexpr Duration kSettle{5'000'000'000};  // after the end: the last trade's bar must have had time to come
constexpr std::size_t kFullPage = 1'000;
constexpr std::int64_t kRowsKept = 64;

Time block_of(Time t) {
  return {t.ns - t.ns % kBlock.ns};
}

std::array<Time, 5> minutes_of(Time begin) {
  return {begin, begin + 1_min, begin + 2_min, begin + 3_min, begin + 4_min};
}

// The five minutes as one bar; none if one of them is not there.
std::optional<BuiltBar> merged(const CandleBuilder& ours, Time begin) {
  BuiltBar sum;
  for (const Time minute : minutes_of(begin)) {
    const BuiltBar* bar = ours.find(minute);
    if (bar == nullptr) return std::nullopt;
    if (bar->trades == 0) continue;
    if (sum.trades == 0) sum = {bar->open, bar->high, bar->low, 0, 0, 0, 0};
    sum.high = std::max(sum.high, bar->high);
    sum.low = std::min(sum.low, bar->low);
    sum.close = bar->close;
    sum.volume += bar->volume;
    sum.trades += bar->trades;
  }
  return sum;
}

bool equal(const BuiltBar& ours, const CandleRow& theirs) {
  if (ours.trades == 0 || theirs.trades == 0) return ours.trades == theirs.trades;
  return ours.open == theirs.open.e8 && ours.high == theirs.high.e8 && ours.low == theirs.low.e8 &&
         ours.close == theirs.close.e8 && ours.volume == theirs.volume.e8 && ours.trades == theirs.trades;
}

}  // namespace

void BarAudit::subscribed(Time now) {
  theirs_.clear();
  subscribed_ = now;
}

void BarAudit::heard(const CandleRow& row) {
  if (row.interval != kBlock || row.begin != block_of(row.begin)) return;
  theirs_[row.begin] = row;
  if (std::ssize(theirs_) > kRowsKept) theirs_.erase(theirs_.begin());
}

std::optional<BarAudit::Finding> BarAudit::next(const CandleBuilder& ours, Time now) {
  const Time closed = ours.closed_until();
  if (closed.ns == 0) return std::nullopt;
  // After a long catch-up only what the venue still tells of can be judged.
  if (next_.ns == 0 || closed - next_ > kBlock * kRowsKept) next_ = block_of(closed) - kBlock * 3;
  while (next_ + kBlock + kSettle <= now && next_ + kBlock <= closed) {
    const Time begin = next_;
    next_ = next_ + kBlock;
    const auto sum = merged(ours, begin);
    const auto row = theirs_.find(begin);
    if (!sum) continue;
    if (row != theirs_.end()) return Finding{begin, equal(*sum, row->second) ? Verdict::equal : Verdict::different};
    if (sum->trades > 0 && begin >= subscribed_) return Finding{begin, Verdict::silent};
  }
  return std::nullopt;
}

// A nanosecond before: trades at the very begin belong to it.
std::string Recheck::target() const {
  return fmt::format("/0/public/Trades?pair=XBTUSD&count=1000&since={}", cursor_ns_ - 1);
}

Result<bool> Recheck::answer(const Trades& page) {
  const Time end = begin_ + kBlock;
  const std::int64_t before = cursor_ns_;
  bool whole = page.rows.size() < kFullPage;
  for (const auto& row : page.rows) {
    if (!row.id) return fail("a trade has no id");
    if (last_id_ && *row.id <= *last_id_) continue;
    if (last_id_ && *row.id != *last_id_ + 1) return fail("trade ids are not contiguous");
    last_id_ = row.id;
    cursor_ns_ = std::max(cursor_ns_, row.at.ns);
    if (row.at >= end) whole = true;
    if (row.at >= begin_ && row.at < end) truth_.add(row);
  }
  if (!whole && cursor_ns_ == before) return fail("pages do not advance");
  return whole;
}

int Recheck::correct(CandleBuilder& ours) const {
  int corrected = 0;
  for (const Time minute : minutes_of(begin_)) {
    const BuiltBar* built = ours.find(minute);
    const BuiltBar* truth = truth_.find(minute);
    if (built == nullptr) continue;
    const bool same = truth == nullptr ? built->trades == 0 : *built == *truth;
    if (same) continue;
    ours.correct(minute, truth == nullptr ? BuiltBar{} : *truth);
    ++corrected;
  }
  return corrected;
}

}  // namespace voltage::venue::kraken
