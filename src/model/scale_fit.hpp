#pragma once
// Fits what forecast/scale.hpp holds: the regression of log volatility, the choice of exponential
// averages, and the law of moves in units of their scale.
#include <cstddef>

#include "forecast/bundle.hpp"
#include "forecast/forecaster.hpp"

namespace voltage::model {

// Slots [begin, end): an outcome counts if it too lies before `end`.
struct SlotSpan {
  std::size_t begin{};
  std::size_t end{};
};

// fine: 1-minute bars; coarse: the same bars as 5-minute ones would show them. The span is in slots of
// `fine`. Fails if the span holds too little to fit.
Status fit_scales(const forecast::Past& fine, const forecast::Past& coarse, SlotSpan span, forecast::Bundle& bundle);

// ln|r| of the h minutes after slot; NaN if no bar ends there or the span ends before.
double log_outcome(const features::History& history, std::size_t slot, std::size_t minutes, std::size_t end);

}  // namespace voltage::model
