#pragma once
// The settlement index now, from whatever is at hand: its own feed, or bitcoin's price elsewhere and the
// basis (ln index − ln spot) of that venue, learned online. Every value of the index, every published
// strike and every settlement is an exact observation of the basis at its time.
//
// The basis of a venue is a mean-reverting random walk followed by a Kalman filter in basis points. An old
// price widens the answer by volatility · √age. Times are the events' own; nothing is estimated before the
// first price. Values in USD, variance rates in log units per second.
#include <cstdint>
#include <optional>
#include <vector>

#include "base/types.hpp"

namespace voltage::pricing {

// What is believed of a venue's basis before anything is seen of it.
struct BasisPrior {
  double mean_bp{};
  double sd_bp{};
  Duration memory{};    // how long a deviation lasts
  double instant_bp{};  // one price against the index at the same moment
  double average_bp{};  // a minute's mean against the index's
};

// Priors in the order Kraken, Coinbase, Binance (USDT), simulated. Coinbase and Binance from published
// averages of spring 2026 (25 and 1,271 of them); Kraken, of which there is no record beside the index, as
// Coinbase with twice the doubt.
std::vector<BasisPrior> default_basis_priors();

// The last price of each second, for twenty minutes.
class SecondTape {
 public:
  static constexpr std::int64_t kSeconds = 1'200;
  // Refuses a time before the newest (returns false): a late price changes no past.
  bool add(Time at, double price);
  bool empty() const { return newest_ < 0; }
  Time last_time() const { return last_time_; }
  double last_price() const { return last_price_; }
  // Each of the `count` seconds ending at `end` at the last price by then. `stale_s` is the mean age.
  struct Mean {
    double usd, stale_s;
  };
  std::optional<Mean> mean(Time end, int count) const;
  std::optional<double> at(Time t) const;  // last price by t
  // Mean squared log change over `step` seconds in the last `window` seconds, per second.
  std::optional<double> variance_rate(int step, int window) const;

 private:
  double value(std::int64_t second) const { return ring_[static_cast<std::size_t>(second % kSeconds)]; }

  std::vector<double> ring_ = std::vector<double>(kSeconds);
  std::vector<std::int64_t> source_ = std::vector<std::int64_t>(kSeconds);  // second the price was seen in
  std::int64_t first_{-1}, newest_{-1};
  Time last_time_{};
  double last_price_{};
};

class BasisFilter {
 public:
  explicit BasisFilter(const BasisPrior& prior);
  void observe(Time at, double basis_bp, double noise_bp);
  struct Estimate {
    double mean_bp, sd_bp;
  };
  Estimate at(Time t) const;

 private:
  BasisPrior prior_;
  Time at_{};
  double mean_, variance_;
};

struct Nowcast {
  double usd{};
  double sd_usd{};
  bool from_index{};  // the index's own feed was the best source
};
// The part of a settlement average that lies behind.
struct AverageSoFar {
  int values{};
  double mean{};
  double sd{};
};

class Nowcaster {
 public:
  explicit Nowcaster(std::vector<BasisPrior> venues);

  void on_spot(std::size_t venue, Time at, double price);
  void on_index(Time at, Time value_time, double usd);
  // The venue's own running mean of the settlement minute that closes at `close`.
  void on_running_average(Time close, int values, double usd);
  // A published 60-second mean ending at `end`: a strike (the open) or a settlement (the close). Once each. Where a
  // venue has no prices of that minute but one at its end (a bar's close), that one is compared: it is 19.5 s of
  // variance away. The newest is a price of the index too, as old as its minute.
  void on_average(Time end, double usd, double variance_rate);

  // variance_rate: of bitcoin, log variance per second (the forecast's). Empty before the first price.
  std::optional<Nowcast> now(Time t, double variance_rate) const;
  // At most 60 values, those of (close − 60 s, t]. Empty if no source covers them.
  std::optional<AverageSoFar> average_so_far(Time close, Time t, double variance_rate) const;
  // Greatest difference in basis points between sources younger than `age_max`, after their basis.
  double disagreement_bp(Time t, Duration age_max) const;
  std::optional<double> second_rate() const;  // measured on five-second changes of the best-covered source
  BasisFilter::Estimate basis(std::size_t venue, Time t) const { return venues_[venue].basis.at(t); }
  std::optional<Time> last_price_time() const;

 private:
  struct Venue {
    BasisPrior prior;
    SecondTape tape;
    BasisFilter basis;
  };

  std::vector<Venue> venues_;
  SecondTape index_;
  std::vector<Time> averages_;  // ends of the published means already used, newest last
  Time average_end_{};          // of the one that lies furthest on
  double average_usd_{};
  Time running_close_{};
  int running_values_{};
  double running_mean_{};
};

}  // namespace voltage::pricing
