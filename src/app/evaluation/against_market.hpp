#pragma once
// Our prices against the market's on recorded books: log loss of `fair` (which knows nothing of the contract's own
// book) and of `blend` against the book's mid and microprice, at each whole minute of each market with a result. A
// market is one observation, however often it was looked at: its rows share their outcome.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "app/run/models.hpp"
#include "base/result.hpp"

namespace voltage::app {

struct TapeInputs {
  std::string tape, spot, history, results;
};

enum MarketColumn : std::size_t { kFair, kBlend, kMid, kMicroprice };
inline constexpr std::size_t kMarketColumns = 4;
inline constexpr std::array<const char*, kMarketColumns> kMarketColumnNames{"fair", "blend", "mid", "microprice"};

struct MarketRow {
  std::string market;
  double seconds_left{};
  bool yes{};
  std::array<double, kMarketColumns> p{};
};

// One pass of the core over the tape. Nothing of an outcome reaches a price.
Result<std::vector<MarketRow>> market_rows(const TapeInputs& inputs, const MakeForecasts& forecasts,
                                           const std::function<void(double)>& shown);

// Ours minus theirs. The interval is Student's for the mean over markets, one value a market.
struct MarketDuel {
  std::size_t markets{}, rows{};
  double ours{}, theirs{};             // log loss, mean over markets
  double difference{}, low{}, high{};  // 90 %
  double markets_needed{};  // for an interval that leaves out zero if the difference and its spread stay; NaN: never
};
MarketDuel market_duel(const std::vector<MarketRow>& rows, std::size_t ours, std::size_t theirs, double seconds_from,
                       double seconds_to);
// "beats the market", "worse than the market" or "no verdict".
const char* verdict(const MarketDuel& duel);

struct SecondsSpan {
  double from{}, to{};
};
std::vector<SecondsSpan> seconds_spans();  // the first is all
std::string market_json(const std::vector<MarketRow>& rows);
std::string market_text(const std::vector<MarketRow>& rows);

}  // namespace voltage::app
