#pragma once
// One-minute bars from trades, closed by the clock: a bar closes a grace after its minute ends, whether or
// not another trade comes; a minute without trades is flat at the last close with volume 0; a trade that
// comes after its bar was closed revises it. Pure integers until the bar leaves, so that the series depends
// on the trades alone and not on when or in which pieces they came.
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "market/candle.hpp"
#include "venue/kraken/frame.hpp"

namespace voltage::venue::kraken {

struct BuiltCandle {
  market::Candle candle;
  bool revision{false};  // the bar was given before; this is its truth now
  bool quiet{false};     // no trade in the minute
};

// In units of 1e-8.
struct BuiltBar {
  std::int64_t open{}, high{}, low{}, close{}, volume{}, taker_buy{}, trades{};
  bool operator==(const BuiltBar&) const = default;
};

class CandleBuilder {
 public:
  explicit CandleBuilder(Duration grace = Duration{2'000'000'000}, Duration interval = Duration{60'000'000'000})
      : grace_{grace}, interval_{interval} {}

  // Before the first trade: the first bar there is, and the close that it is flat at if nothing trades in it.
  void open_at(Time begin, std::int64_t close_e8);
  // Trades in the order of their ids.
  void add(const TradeRow& trade);
  // Closes what is due at `now`. Not to be called while trades are known to be missing.
  void advance(Time now);
  std::vector<BuiltCandle> take() { return std::exchange(out_, {}); }
  Time closed_until() const { return next_; }  // begin of the first bar that is not closed
  // The bar as it stands; none where nothing was built or too long ago.
  const BuiltBar* find(Time begin) const;
  // Puts the truth of a closed bar in the place of what was built, as a revision. Without trades: flat.
  void correct(Time begin, const BuiltBar& truth);

 private:
  market::Candle candle_of(Time begin, const BuiltBar& bar) const;
  void revise(Time begin);

  static constexpr std::size_t kKept = 4'320;  // closed bars that can still be revised: three days
  Duration grace_, interval_;
  std::map<Time, BuiltBar> bars_;
  std::optional<std::int64_t> before_;  // the close before the first bar kept
  Time next_{};
  std::vector<BuiltCandle> out_;
};

}  // namespace voltage::venue::kraken
