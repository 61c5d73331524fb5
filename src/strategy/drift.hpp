#pragma once
// Does the model still say what happens? Watches every forecast settle and sounds an alarm when it doesn't:
//
//   calibration  moves too large (or too small) for the density: two-sided CUSUM of the dispersion of the 1-minute
//                forecasts' normal scores, z² − 1. Quick after a break, deaf to what a calibrated model does by chance.
//   baseline     log loss at 15 minutes above that of a plain exponential average (t of blocks of 15 minutes)
//   market       log loss of our fair value above that of the market's own price (t over settled contracts)
//   features     the model was asked about what training never saw
//   regime       the last two hours' variance, the largest move left out, against what the forecast made two hours ago
//                expected of them: that forecast knew the season, the last days and how volatility comes back
//
// While an alarm sounds, size() is smaller: each but the regime's quarters it, the regime's halves it. Event-driven
// state of the core: no clock, the same from a journal as live. Forecasts of a model of one piece (the baseline itself)
// are not judged; the regime is told from them too.
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::strategy {

class Drift {
 public:
  void on(Time at, const event::ForecastReady& m);
  void on(const event::ForecastFailed& m);
  void on(const event::CandleClosed& m);
  // Our price and the market's, seen before the contract settles.
  void observe(event::ContractId contract, double fair, double microprice);
  void settle(event::ContractId contract, event::Outcome outcome);

  // What to multiply a bet with: 1 while nothing is wrong.
  double size() const;
  bool sounding(event::DriftKind kind) const { return sounding_[static_cast<std::size_t>(kind)]; }
  std::int64_t settled() const { return settled_; }  // forecasts whose 15 minutes are over
  // What began or ended since the last call.
  std::vector<event::DriftAlarm> take_news();

 private:
  struct Open {
    Time due{};
    event::SpotVenue venue{};
    double close{};
    event::ForecastNode node;
    std::array<double, 3> moves{};
    double baseline_sd{};
  };
  struct Expected {
    Time due{};
    double variance{};  // of the two hours until then
  };
  struct Minute {
    Time end{};
    double square{};  // of its log return
  };
  struct Compared {
    double ours{}, theirs{};
    int n{};
  };

  void settle_minute(const Open& open, double log_return);
  void settle_quarter(const Open& open, double log_return);
  void follow_volatility(const event::CandleClosed& m);
  void settle_regime(Time end);
  void judge(event::DriftKind kind, double statistic, double on, double off);

  std::deque<Open> minute_, quarter_;
  std::optional<event::CandleClosed> last_;
  std::deque<Expected> expected_;
  std::deque<Minute> last_minutes_;  // two hours
  double day_{0};                    // variance per minute
  double minutes_{0};
  double up_{0}, down_{0};  // the CUSUMs
  Compared block_;
  std::deque<double> blocks_;  // our loss − the baseline's, a block each
  double failed_{0};           // share of forecasts outside the training range, fading
  std::map<event::ContractId, std::vector<std::array<double, 2>>> seen_;
  std::deque<double> contracts_;  // our loss − the market's, a contract each
  std::array<bool, event::kDriftKinds> sounding_{};
  std::int64_t settled_{0};
  std::vector<event::DriftAlarm> news_;
};

}  // namespace voltage::strategy
