#pragma once
// Kraken's trades of a span by REST, made into one-minute bars. Page after page by the venue's own cursor at
// its public rate; every trade id must follow the one before it, or the whole backfill fails: a bar that
// lacks a trade is never given. Pure: the caller carries the requests.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "venue/kraken/candle_builder.hpp"
#include "venue/kraken/decode.hpp"

namespace voltage::venue::kraken {

class Backfill {
 public:
  // Bars that begin in [from, to]; both are rounded down to the minute.
  Backfill(Time from, Time to);

  std::string target() const;  // the next request, "/0/public/Trades?…"
  // Takes its answer. True: done. A refusal by the venue ("too many requests") is `refused`, to be asked again.
  struct Step {
    bool done{false};
    std::string refused;
  };
  Result<Step> answer(std::string_view body);
  Result<Step> answer(const Message& message);

  // After done: the bars, without a gap.
  const std::vector<market::Candle>& bars() const { return bars_; }
  std::int64_t trades() const { return trades_; }
  std::int64_t first_id() const { return first_id_; }
  std::int64_t last_id() const { return last_id_.value_or(0); }
  // Of the first trade at or after `from`; where there is none, the id that the next trade will have.
  std::int64_t border_id() const { return border_id_ > 0 ? border_id_ : last_id() + 1; }
  // How much of the span is behind, 0 to 1.
  double progress() const;

 private:
  void collect();

  Time from_, to_, lead_in_;
  std::int64_t cursor_ns_;
  Decoder decoder_;
  CandleBuilder builder_{Duration{0}};
  std::optional<std::int64_t> last_id_;
  std::int64_t first_id_{0}, border_id_{0}, trades_{0};
  std::vector<market::Candle> bars_;
};

}  // namespace voltage::venue::kraken
