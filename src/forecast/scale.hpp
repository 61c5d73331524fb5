#pragma once
// How far the price is likely to go: quick answers to "what is the volatility from here over the
// next h minutes", on which everything else stands. Every member sees a move only as
// ln(move / (scale · √h)), so that each can answer any move and none can rise with it.
//
//   quick   an exponential average of squared returns, season taken out, put back for the window ahead
//   har     ln σ linear in the log realised volatilities of 5 and 30 minutes, 3 hours, 1 and 7 days and
//           the season ahead (Corsi 2009), fitted as the scale of a Student-t (see docs/FORECASTS.md)
//   informed  har with the releases on the calendar of the window ahead, and with what the five minutes of the hour
//           have lately been beyond the bundle's profile: what the learned members start from
#include <array>

#include "features/view.hpp"
#include "forecast/curves.hpp"

namespace voltage::forecast {

inline constexpr std::size_t kHarVols = 5;
inline constexpr std::size_t kHarTerms = 2 + kHarVols;  // constant, half ln season ahead, ln volatilities

// Exponential averages that the quick scale may stand on: the fine ones, then the first four coarse ones.
inline constexpr std::size_t kQuickChoices = 8;

struct ScaleModel {
  // [0] for moments with 1-minute bars, [1] for 5-minute bars alone.
  std::array<std::array<std::array<double, kHarTerms>, kNodes>, 2> har{};
  std::array<std::array<std::size_t, kNodes>, 2> quick{};  // which average at each node
  double log_level{-7.5};  // ln volatility per root minute where nothing at all is known
};

// The inputs at one moment; a window that is missing takes the nearest known one's value.
struct ScaleInputs {
  features::Minute end{};  // the window ahead begins here
  bool fine{};
  std::array<double, kHarVols> log_vol{};                  // per root minute, season out
  std::array<double, kQuickChoices> log_quick{};           // ln volatility per root minute, season out
  std::array<double, features::kHourSlots> slot_excess{};  // features::View::slot_excess
};

struct Scales {
  NodePlace place;
  double minutes{};
  double log_season{};  // ln of the mean season factor ahead
  double quick{};       // ln of the whole move's standard scale: volatility · √h
  double har{};
  double log_release{};  // ln of the variance ahead with its releases over that without
  double log_recent{};   // ln of the variance ahead with the recent factors of its five minutes over that without
  double informed{};
};

// Of what the mean release does, this much is believed of the next: many pass without a stir, and the scale wanted is
// nearer the middle of the logs than the log of the mean. Chosen on 2023 and 2024, fitted before.
inline constexpr double kReleaseTrust = 0.7;

ScaleInputs scale_inputs(const features::View& view, double log_level);
Scales scales(const ScaleModel& model, const ScaleInputs& in, const features::Season& season, double minutes);

}  // namespace voltage::forecast
