#pragma once
// May this bundle be used now? The one place that decides; forecast, evaluate, backtest, paper and live all ask here.
//
//   trading   paper and live: an expired bundle, one of other features, one that has seen bars from after `now` and one
//             that isn't sound are refused; the caller's baseline takes over
//   research  forecast, price, fair, evaluate, backtest: what is only out of date is a warning
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "forecast/bundle.hpp"

namespace voltage::model {

enum class Use : std::uint8_t { research, trading };

// The value: empty, or a warning to print. The error: why it is refused and what to do.
Result<std::string> admit(const forecast::Bundle& bundle, Time now, Use use);

}  // namespace voltage::model
