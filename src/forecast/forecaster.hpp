#pragma once
// Asks a bundle. look() at a moment, ahead() to a horizon, answer() for a move: each step is paid once and
// shared by the next. Pure functions of the bundle and of the bars up to the moment.
#include <array>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "features/history.hpp"
#include "forecast/bundle.hpp"
#include "forecast/patchtst_rows.hpp"
#include "forecast/surface.hpp"
#include "market/candle.hpp"

namespace voltage::forecast {

// The candles as the members read them.
struct Past {
  features::History history;
  PatchTstRows rows;  // of the fine bars
};

// Bars of both resolutions, the finer winning; sorted, times unique.
Result<Past> make_past(const market::CandleSeries& fine, const market::CandleSeries& coarse,
                       const features::Season& season);

// All that is known when a bar closes.
struct Moment {
  Time at{};  // when the bar closed
  double close{};
  double reference{};
  ScaleInputs inputs;
  std::vector<float> row;  // the schema's; the last kHorizonFeatures are filled in by ahead()
  std::optional<PatchTstAverage::Embedding> window;
};

// A moment and a horizon.
struct Ahead {
  Scales scale;
  std::vector<float> row;
  std::optional<PatchTstCurve> curve;  // by ln(move / informed scale)
};

// P(|ln(C[t+h]/C[t])| > move) by each member (NaN: it has no answer here) and by all together.
struct Answer {
  std::array<double, kMembers> member{};
  double ensemble{};
};

class Forecaster {
 public:
  explicit Forecaster(const Bundle& bundle) : bundle_{&bundle} {}

  // slot: one at which a bar ends.
  Moment look(const Past& past, std::size_t slot, features::Blank blank = {}) const;
  Ahead ahead(const Moment& moment, double minutes) const;

  // Before calibration, as logits; NaN where the member has no answer.
  std::array<double, kMembers> raw(const Ahead& ahead, double move) const;
  // raw() after each member's calibration.
  std::array<double, kMembers> calibrated(const NodePlace& place, const std::array<double, kMembers>& raw) const;
  // The weighted mean of calibrated logits (weights of absent members go to the others), calibrated again.
  double blend(const NodePlace& place, const std::array<double, kMembers>& calibrated) const;
  Answer answer(const Ahead& ahead, double move) const;

  // The law of the return at every node.
  Surface surface(const Moment& moment) const;

 private:
  const Bundle* bundle_;
};

// The horizon's and move's features: writes all but kLogMove, which is the only one that depends on the move.
void horizon_features(const Scales& scale, double reference, std::span<float> out);
double scaled_move(double move, double log_scale);  // ln(move / scale), bounded

}  // namespace voltage::forecast
