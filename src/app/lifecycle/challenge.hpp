#pragma once
// Champion against challenger on sealed data: days that neither has learnt from, calibrated on or been weighted by.
//
// The challenger is promoted only if all of this holds:
//   - it is sound, of this build's features, and holds no leak that can be found (app/lifecycle/leak.hpp);
//   - over all events its log loss is lower by at least `gain_min` of the champion's, and the difference of daily sums
//     has t <= t_max (Newey-West, small-sample corrected): a day's overlapping forecasts are one observation;
//   - at no event is it shown to be worse (t > 2);
//   - it isn't too good to be true (`gain_implausible`).
// Without a champion, or with one that may not trade any more, the baseline is the opponent (it is what trades then);
// an expired champion must not have done better either.
#include <string>
#include <vector>

#include "app/lifecycle/leak.hpp"
#include "forecast/scores.hpp"

namespace voltage::app::lifecycle {

struct ChallengeRules {
  Duration sealed{Duration{std::int64_t{28} * 86'400'000'000'000}};
  Duration every{Duration{std::int64_t{10} * 60'000'000'000}};
  double t_max{-3};
  double gain_min{0.0005};
  double gain_implausible{0.12};
  std::size_t days_min{14};
  LeakSearch leak;
};

struct EventDuel {
  std::string event;
  double opponent{};    // log loss
  double challenger{};  // log loss
  double t{};           // of the daily sums of their difference; below 0 the challenger is better
};

struct Verdict {
  bool promote{false};
  std::string why;
  std::string opponent;  // "champion" or "baseline"
  Time from, to;         // sealed
  std::vector<EventDuel> events;
  double gain{};  // mean share of the opponent's log loss
  forecast::DailyTest test;
};

// champion: null if there is none. Errors are for data that can't be judged on (no bars).
Result<Verdict> challenge(const Contender* champion, const Contender& challenger, const io::Candles& candles,
                          const ChallengeRules& rules);

std::string verdict_json(const Verdict& verdict);

}  // namespace voltage::app::lifecycle
