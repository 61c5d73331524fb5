#pragma once
// The equal-work tape through the full core: the same work that other engines are measured with. A tape is
// packed rows of little-endian int64 time in ns, int32 bid, ask (cents), int32 bid and ask size (contracts): the
// top of the book of one binary contract. The work: two averages of the mid, a one-lot taker order at each cross,
// filled two milliseconds later. Here an order also passes the vetoes, the risk limits, the executor, a matching
// exchange, fees and the ledger, and each quote leaves a decision.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::app::bench {

struct TapeRow {
  std::int64_t ns{};
  std::int32_t bid{}, ask{}, bid_qty{}, ask_qty{};
};
// Refuses a file that is no tape, naming the row.
Result<std::vector<TapeRow>> read_tape(const std::string& path);

struct QuotesRun {
  std::int64_t quotes{0}, orders{0}, fills{0};
  Money fees, cash_change;
  double seconds{0};
};
// With a journal (in memory: encoded, framed, handed over, not written) if asked for.
Result<QuotesRun> run_quotes(const std::vector<TapeRow>& tape, bool journal, std::vector<double>* each_ns = nullptr);

}  // namespace voltage::app::bench
