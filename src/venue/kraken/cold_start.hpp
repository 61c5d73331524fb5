#pragma once
// A week of history in three requests: 720 rows each of Kraken's 1-, 5- and 15-minute /OHLC reach back 12
// hours, 2.5 and 7.5 days. The finest bars that are there win; quiet intervals are flat with volume 0; the bar
// in progress is dropped. Such bars have no taker volume: it is missing, not zero. Pure.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"
#include "venue/kraken/frame.hpp"

namespace voltage::venue::kraken {

class ColdStart {
 public:
  // Bars up to this whole minute; from there on they are made of trades.
  explicit ColdStart(Time until);

  Time until() const { return until_; }
  bool done() const { return place_ == rows_.size(); }
  std::string target() const;  // the next request; not after done()
  // Its answer. Fails, and asks the same again, on rows that are not in order or not aligned.
  voltage::Status answer(const Candles& rows);
  // The interval can't be had: the others stand alone.
  void skip() { ++place_; }

  // After done(): oldest first, no minute twice, without a gap inside an interval.
  std::vector<event::CandleClosed> bars() const;

 private:
  Time until_;
  std::size_t place_{0};
  std::array<std::vector<market::Candle>, 3> rows_;  // of 1, 5, 15 minutes
};

}  // namespace voltage::venue::kraken
