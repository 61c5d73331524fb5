#pragma once
// The bars that a run's models were taught before it began: no input of the core, so not in the journal, but without
// them a model asked again about the run would answer otherwise. `bars-before` in the run's folder, exact.
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"

namespace voltage::app::journal {

// Whole or not at all. Not synced: nothing that trades ever waits for it.
Status write_bars_before(const std::string& folder, std::span<const event::CandleClosed> bars);
// None where there is no such file; a damaged one is an error.
Result<std::vector<event::CandleClosed>> read_bars_before(const std::string& folder);

}  // namespace voltage::app::journal
