#pragma once
// Each settlement and each fee of the venue against our own computation: the payout of the position, the result
// against the published average and the strike, the published average against the mean of the sixty index values
// that a run of ours recorded, and every fill's fee by the schedule, fill after fill of its order.
#include <map>
#include <string>
#include <vector>

#include "app/books/venue_history.hpp"

namespace voltage::app::books {

// The index second by second, as runs recorded it: value_time (whole seconds) to USD·1e8.
using IndexTape = std::map<std::int64_t, std::int64_t>;

struct SettlementAudit {
  std::string ticker;
  Time at{};
  Money revenue, expected;            // as paid, as computed
  std::optional<double> published;    // USD, the average that the venue settled on
  std::optional<double> own_average;  // USD, the mean of what was recorded
  int values{0};                      // of the sixty
  std::string wrong;                  // empty: all agree
};

struct FeeAudit {
  std::int64_t fills{0}, equal{0};
  Money charged, expected;
  std::vector<std::string> wrong;
};

struct Audit {
  std::vector<SettlementAudit> settlements;
  FeeAudit fees;
  bool clean() const;
};
// Fails where the history lacks the fee terms of a series or the market of a settlement: nothing is assumed of them.
Result<Audit> audit(const VenueHistory& history, const IndexTape& index);

}  // namespace voltage::app::books
