#pragma once
// One moment of a core as a page: the book, the candles, the features they give, what each member of the ensemble
// said and with which weight, the density that came of it, the edge, the size and every limit. All of it from the
// journal; what the journal does not hold (bars from before the run) is said to be missing.
#include <string>
#include <vector>

#include "app/journal/explain.hpp"
#include "app/journal/reason_text.hpp"

namespace voltage::app::journal {

std::string reason_page(const Reason& reason, const Moment& moment, const std::vector<event::CandleClosed>& candles);

}  // namespace voltage::app::journal
