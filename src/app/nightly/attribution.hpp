#pragma once
// Why a run did not earn what a backtest of its own day would have. The day is played again from its journal, five
// times, each time with one more ingredient as it really was, and each step is a cause:
//
//   backtest   every stream well all the time, forecasts asked anew of the model named, fills of the neutral
//              model, fees of the schedule
//   data       streams as they were: late, down, in doubt
//   model      the forecasts that really came
//   latency    each order as late as it was (one that was not sent then: as the median); the excess is counted before
//              the match
//   queue      the fills that really happened: the venue's matching, our place in its queue, what was refused
//   fee        the fees that were really charged
//   live       what the run earned
//
// backtest + the five = live, to the micro-dollar: each is a difference of two exact sums. The order of the steps is
// fixed; where two causes meet, the earlier one takes what it can take alone. What is held at the end counts at the
// middle when it was last quoted, the same in all. A lost book stays lost in all: what it would have held nobody knows.
#include "app/nightly/recording.hpp"
#include "app/run/models.hpp"

namespace voltage::app::nightly {

struct Attribution {
  Money backtest, data, model, latency, queue, fee, live;
  std::int64_t backtest_orders{0};
  std::map<std::string, std::int64_t> models;  // of the forecasts asked anew, by hash
  Money explained() const { return data + model + latency + queue + fee; }
};

// fresh: the model that a backtest would ask. Fails where it can't be made.
Result<Attribution> attribute(const Recording& run, const MakeForecasts& fresh);

struct Night {
  Recording run;
  std::optional<Attribution> parts;  // none: it does not replay as recorded
};
std::string text(const std::vector<Night>& nights);
std::string json(const std::vector<Night>& nights);  // one object, one line

}  // namespace voltage::app::nightly
