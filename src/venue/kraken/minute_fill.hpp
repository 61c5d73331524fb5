#pragma once
// The minutes of a span made of trades while live ones come: Kraken's /Trades, the newest hours first, so that what
// features look at most is fine soonest. Every trade id of the span follows the one before it, up to the first live
// trade, or the bars of those hours are not given. Pure: the feed carries the requests, at the venue's rate.
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "venue/kraken/backfill.hpp"

namespace voltage::venue::kraken {

// How far the past is filled in, for a person.
struct Filling {
  Time from{}, until{};          // the span
  double done{0};                // of it, 0 to 1
  std::optional<Duration> left;  // at the rate so far; none: too early to say
  std::int64_t requests{0}, bars{0};
  int given_up{0};  // pieces of the span that stay as they are, and why the last did
  std::string why;
  bool over{false};
};

class MinuteFill {
 public:
  // The bars that begin in [from, until), whole minutes. first_live: id of the first trade at or after `until`.
  MinuteFill(Time from, Time until, std::int64_t first_live);

  bool done() const { return !piece_; }
  std::string target() const { return piece_->target(); }  // the next request; not after done()
  // Takes its answer. Bars, oldest first, when a piece of the span is whole; else none.
  std::vector<market::Candle> answer(const Message& page, Time now);
  Filling filling(Time now) const;

 private:
  void next_piece();
  void failed(const std::string& why);

  static constexpr Duration kPiece{6 * 3'600'000'000'000};
  static constexpr int kTries = 3;  // of each piece; then it stays as it is

  Time from_, until_;
  Time open_until_;                     // what begins from here on is done
  std::optional<std::int64_t> border_;  // id that must follow the last one of the piece; none: nobody knows
  std::optional<Backfill> piece_;
  Time piece_from_{};
  int tries_{0};
  std::optional<Time> begun_;  // when the first answer came
  Filling told_;
};

}  // namespace voltage::venue::kraken
