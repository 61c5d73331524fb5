#pragma once
// Our books made again from the venue alone, and held against what the venue says of positions and against the
// ledger of a run. Foreign fills (not of our prefix) are kept apart: they count in the venue's position, and in
// nothing of ours.
#include <string>
#include <vector>

#include "app/books/venue_history.hpp"
#include "ledger/ledger.hpp"

namespace voltage::app::books {

// One contract's money, as a ledger has it.
struct Line {
  std::string ticker;
  Qty held;  // YES positive; none once settled
  Money flow, fees, realised;
  bool settled{false};
  bool operator==(const Line&) const = default;
};

struct Books {
  std::vector<Line> ours;  // by ticker, those with a fill of ours
  Money flow, fees, realised;
  std::int64_t fills{0}, foreign_fills{0};
  std::vector<std::string> differences;  // from the venue's own positions
};
Result<Books> rebuild(const VenueHistory& history, const venue::kalshi::Ownership& ownership);

// A ledger's lines, by ticker. `tickers`: index is ContractId::v.
std::vector<Line> lines_of(const ledger::Ledger& ledger, const std::vector<std::string>& tickers);
// What differs between two books, a line each; contracts that only `now` has are no difference (older runs).
std::vector<std::string> compare(const std::vector<Line>& old, const std::vector<Line>& now);

// Disposals for a tax adviser, first in first out: CSV with a header. Gains add up to the realised profit of the
// settled and closed parts, exactly.
std::string tax_csv(const VenueHistory& history, const venue::kalshi::Ownership& ownership);

}  // namespace voltage::app::books
