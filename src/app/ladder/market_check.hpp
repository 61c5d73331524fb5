#pragma once
// Whether the market's own prices can all be right, moment by moment: within a settlement instant (across strikes and
// series) and between two of them (calendar.hpp). Executable prices, sizes at the touch, exact fees.
//
// Beside it a softer view: the market's implied total variance, (sd / level)² of the density that fits an instant's
// prices, ought to grow with time. Where it falls, the earlier instant is rich or the later one cheap: a view on
// volatility through mid prices, and no arbitrage.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/ladder/calendar.hpp"
#include "base/result.hpp"
#include "base/types.hpp"
#include "strategy/violations.hpp"

namespace voltage::app {

struct Moment {
  Time at{};
  double index_now{};            // USD
  std::vector<Expiry> expiries;  // by close, each once
};

struct InstantFinding {
  Time at{}, close{};
  strategy::Violation violation;
  std::vector<std::string> markets;  // of its legs
};
struct PairView {
  Time at{}, earlier{}, later{};
  CalendarComparison prices;
  double variance_earlier{}, variance_later{};  // implied, total; NaN where the prices allow no fit
  bool fitted() const;
  bool falls() const { return fitted() && variance_later < variance_earlier; }
};

struct MarketCheck {
  std::int64_t moments{0}, instants{0};
  std::vector<InstantFinding> within;
  std::vector<PairView> pairs;
  std::int64_t compared() const;  // whose instants are right by themselves
  std::int64_t priced() const;    // of these: a portfolio was on offer
  std::int64_t sure() const;      // of these: it gains for sure
  std::int64_t fitted() const;
  std::int64_t falls() const;
  const CalendarFinding* nearest() const;  // the greatest gain, also if it is a loss; none if nothing was priced
};

void check_moment(const Moment& moment, const CalendarRules& rules, MarketCheck& into);

// A recorded run, each `every` from its books as they were believed then.
Result<MarketCheck> check_run(const std::string& folder, Duration every, const CalendarRules& rules,
                              const std::function<void(std::uint64_t events)>& progress = {});

std::string check_text(const MarketCheck& check);
std::string check_json(const MarketCheck& check);  // an object

}  // namespace voltage::app
