// The books of a recorded run, moment by moment, as its own core believed them.
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "app/journal/replay.hpp"
#include "app/ladder/market_check.hpp"

namespace voltage::app {
namespace {

// Empty while the core has no price of bitcoin.
std::optional<Moment> moment_of(const Core& core, Time at) {
  std::map<Time, Expiry> by_close;
  std::optional<double> index;
  for (const auto& listing : core.engine().books().all()) {
    const auto& c = listing.contract;
    if (listing.trust != market::Trust::valid || c.close <= at || !c.strike.known()) continue;
    if (core.engine().ledger().position(c.id).outcome) continue;
    const auto pays = market::paying_range(c.strike);
    if (pays.high <= pays.low) continue;
    if (!index) {
      const auto law = core.strategy().law(c.close, at);
      if (law) index = law->mean_usd();
    }
    auto& expiry = by_close[c.close];
    expiry.close = c.close;
    expiry.quotes.push_back({c.ticker, pays, listing.book.best(Side::bid), listing.book.best(Side::ask), c.fees});
  }
  if (!index) return std::nullopt;
  Moment out{at, *index, {}};
  for (auto& [close, expiry] : by_close) out.expiries.push_back(std::move(expiry));
  return out;
}

}  // namespace

Result<MarketCheck> check_run(const std::string& folder, Duration every, const CalendarRules& rules,
                              const std::function<void(std::uint64_t events)>& progress) {
  auto opened = journal::Replayer::open(folder);
  if (!opened) return tl::unexpected(opened.error());
  journal::Replayer& run = **opened;
  MarketCheck out;
  std::optional<Time> due;
  for (;;) {
    const auto next = run.peek();
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    const Time at = (*next)->at;
    if (!due) due = Time{at.ns - at.ns % every.ns + every.ns};
    if (at >= *due) {
      // As the books were before this event, at the last full step of time.
      const Time step{at.ns - at.ns % every.ns};
      if (const auto moment = moment_of(run.core(), step)) check_moment(*moment, rules, out);
      due = step + every;
    }
    const auto acted = run.act();
    if (!acted) return tl::unexpected(acted.error());
    if (*acted) {
      return fail(fmt::format("{}: does not replay as recorded at seq {}; see voltage replay", folder, (*acted)->seq));
    }
    if (progress) progress(run.events());
  }
  return out;
}

}  // namespace voltage::app
