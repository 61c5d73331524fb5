#include "venue/kraken/backfill.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/time.hpp"

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr std::size_t kFullPage = 1'000;

Time minute_of(Time t) {
  return {t.ns - t.ns % (1_min).ns};
}

}  // namespace

// A quarter of an hour more in front gives the first quiet minutes a price to be flat at.
Backfill::Backfill(Time from, Time to)
    : from_{minute_of(from)}, to_{minute_of(to)}, lead_in_{from_ - 15_min}, cursor_ns_{lead_in_.ns} {
  CHECK(from_ <= to_);
}

std::string Backfill::target() const {
  return fmt::format("/0/public/Trades?pair=XBTUSD&count=1000&since={}", std::max<std::int64_t>(0, cursor_ns_ - 1));
}

double Backfill::progress() const {
  const double span = static_cast<double>((to_ + 1_min - lead_in_).ns);
  return std::clamp(static_cast<double>(cursor_ns_ - lead_in_.ns) / span, 0.0, 1.0);
}

void Backfill::collect() {
  for (const auto& built : builder_.take()) {
    if (built.candle.begin >= from_ && built.candle.begin <= to_) bars_.push_back(built.candle);
  }
}

Result<Backfill::Step> Backfill::answer(std::string_view body) {
  const auto frame = decoder_.frame(body);
  if (!frame) return fail("Kraken's answer: " + frame.error().message);
  return answer(frame->message);
}

Result<Backfill::Step> Backfill::answer(const Message& message) {
  if (const auto* refusal = std::get_if<Refusal>(&message)) return Step{false, refusal->message};
  const auto* page = std::get_if<Trades>(&message);
  if (page == nullptr) return fail("Kraken's answer holds no trades");
  const Time end = to_ + 1_min;
  bool past_end = page->rows.size() < kFullPage;
  const std::int64_t cursor_before = cursor_ns_;
  for (const auto& row : page->rows) {
    if (!row.id) return fail("Kraken's answer: a trade has no id, contiguity can't be proven");
    if (last_id_ && *row.id <= *last_id_) continue;
    if (last_id_ && *row.id != *last_id_ + 1) {
      return fail(fmt::format("trade ids are not contiguous: {} is followed by {} at {}", *last_id_, *row.id,
                              format_iso(row.at)));
    }
    if (row.at >= end) {
      past_end = true;
      break;
    }
    if (!last_id_) first_id_ = *row.id;
    if (border_id_ == 0 && row.at >= from_) border_id_ = *row.id;
    last_id_ = row.id;
    ++trades_;
    builder_.add(row);
    builder_.advance(minute_of(row.at));
    cursor_ns_ = std::max(cursor_ns_, row.at.ns);
  }
  collect();
  if (!past_end && cursor_ns_ == cursor_before)
    return fail("Kraken's pages do not advance: the cursor stays where it was");
  if (!past_end) return Step{};
  builder_.advance(end);
  collect();
  if (bars_.empty() || bars_.front().begin != from_ || bars_.back().begin != to_) {
    return fail(fmt::format("Kraken has no trades for the whole of {} to {}", format_iso(from_), format_iso(to_)));
  }
  return Step{true, {}};
}

}  // namespace voltage::venue::kraken
