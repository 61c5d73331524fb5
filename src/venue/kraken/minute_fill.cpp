#include "venue/kraken/minute_fill.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/time.hpp"

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr double kEnoughToTell = 0.01;

}  // namespace

MinuteFill::MinuteFill(Time from, Time until, std::int64_t first_live)
    : from_{from}, until_{until}, open_until_{until}, border_{first_live} {
  CHECK(from.ns % (1_min).ns == 0 && until.ns % (1_min).ns == 0);
  told_.from = from;
  told_.until = until;
  next_piece();
}

void MinuteFill::next_piece() {
  tries_ = 0;
  piece_.reset();
  if (open_until_ <= from_) return;
  piece_from_ = std::max(from_, open_until_ - kPiece);
  piece_.emplace(piece_from_, open_until_ - 1_min);
}

void MinuteFill::failed(const std::string& why) {
  if (++tries_ < kTries) {
    piece_.emplace(piece_from_, open_until_ - 1_min);
    return;
  }
  ++told_.given_up;
  told_.why = fmt::format("{} to {}: {}", format_iso(piece_from_), format_iso(open_until_), why);
  open_until_ = piece_from_;
  border_.reset();
  next_piece();
}

std::vector<market::Candle> MinuteFill::answer(const Message& page, Time now) {
  ++told_.requests;
  if (!begun_) begun_ = now;
  const auto step = piece_->answer(page);
  if (!step) {
    failed(step.error().message);
    return {};
  }
  if (!step->done) return {};
  if (border_ && piece_->last_id() + 1 != *border_) {
    failed(fmt::format("trade id {} is followed by {}", piece_->last_id(), *border_));
    return {};
  }
  border_ = piece_->border_id();
  open_until_ = piece_from_;
  auto bars = piece_->bars();
  told_.bars += std::ssize(bars);
  next_piece();
  return bars;
}

Filling MinuteFill::filling(Time now) const {
  Filling out = told_;
  out.over = done();
  double behind = static_cast<double>((until_ - open_until_).ns);
  if (piece_) behind += piece_->progress() * static_cast<double>((open_until_ - piece_from_).ns);
  out.done = std::clamp(behind / static_cast<double>((until_ - from_).ns), 0.0, 1.0);
  if (out.over) {
    out.done = 1;
    out.left = Duration{0};
  } else if (begun_ && out.done >= kEnoughToTell && now > *begun_) {
    out.left = Duration{static_cast<std::int64_t>(static_cast<double>((now - *begun_).ns) * (1 / out.done - 1))};
  }
  return out;
}

}  // namespace voltage::venue::kraken
