#pragma once
// The virtual Kraken's trades and the candles made of them: BTC/USD, ids consecutive, many minutes sparse
// and some empty, as on the real venue. Pure: fed with one price a second.
#include <cstdint>
#include <vector>

#include "base/rng.hpp"
#include "base/types.hpp"

namespace voltage::venue::virtual_kraken {

struct Trade {
  std::int64_t id{};
  Time at{};
  std::int64_t price_e8{};
  std::int64_t qty_e8{};
  bool buyer{};  // the taker bought
  bool market_order{};
};

struct Candle {
  Time begin{};
  std::int64_t open_e8{}, high_e8{}, low_e8{}, close_e8{};
  std::int64_t volume_e8{};
  double turnover{};  // Σ price × volume, for the vwap
  std::int64_t trades{};
  Time last_trade{};
  void add(const Trade& t);
  std::int64_t vwap_e8() const;
};

class Tape {
 public:
  Tape(std::uint64_t seed, double trades_per_minute) : rng_{seed}, trades_per_second_{trades_per_minute / 60} {}

  // The second that ends at `now`, in which the price stood at `usd`. Appends its trades.
  void second(Time now, double usd, double busy);

  const std::vector<Trade>& trades() const { return trades_; }
  // Minutes with a trade, oldest first; the last may be in progress.
  const std::vector<Candle>& minutes() const { return minutes_; }
  // Candles of `interval` minutes whose begin is at or after `from`, empty ones left out.
  std::vector<Candle> candles(std::int64_t interval, Time from) const;
  double last_price() const { return last_price_; }

 private:
  Rng rng_;
  double trades_per_second_;
  double mood_{0};  // slow swing of the trade rate: makes quiet minutes quiet together
  double last_price_{0};
  std::int64_t last_id_{105'000'000};
  std::vector<Trade> trades_;
  std::vector<Candle> minutes_;
};

}  // namespace voltage::venue::virtual_kraken
