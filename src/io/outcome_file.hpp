#pragma once
// How contracts ended: CSV `market,strike,settlement_price,result,close_utc,…`, empty cells where it is not
// known. For settlement only: nothing here may reach a decision.
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/types.hpp"
#include "event/event.hpp"

namespace voltage::io {

struct OutcomeRow {
  std::optional<market::IndexValue> strike;
  std::optional<market::IndexValue> settlement;
  std::optional<event::Outcome> result;
  Time close{};
};

Result<std::map<std::string, OutcomeRow>> read_outcome_file(const std::string& path);

}  // namespace voltage::io
