#pragma once
// One run on live streams, on paper or with orders that leave: the same feeds, the same core, the same journal;
// the mode chooses the edge that orders go to, and nothing else. Three threads: sockets; the core (the caller's);
// and with an account a third one that asks the venue for it, every few seconds, so that our books can be compared.
//
// Live: nothing is risked before our books and the venue's were found equal, and nothing while they differ.
// At the end new risk stops, open orders are cancelled, and the books are compared once more.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/live/config.hpp"
#include "app/watch/watch_options.hpp"
#include "risk/carried.hpp"
#include "venue/kalshi/account.hpp"

namespace voltage::app::live {

// What the account held when the run began.
struct Opening {
  venue::kalshi::AccountLimits limits;
  Money cash;                                 // ours before the fills below
  std::vector<venue::kalshi::Fill> fills;     // of what is held, oldest first
  std::vector<std::string> tickers;           // held
  std::set<std::string> trades;               // fills that are counted in the above, by trade id
  std::vector<venue::kalshi::Order> foreign;  // resting orders that are not ours: left alone
  Money foreign_reserved;                     // what the venue holds back for these
  std::int64_t cancelled{0};                  // resting orders of an earlier run
  venue::kalshi::Statement statement;         // what the above was made from
};
// Reads the account; cancels what an earlier run of ours left resting if `clean`.
Result<Opening> open_account(const LiveConfig& config, bool clean);
// What came to the account (or left it: negative) since then without a trade, apart from the moves named.
Result<Money> moved_since(const LiveConfig& config, Time since, const std::set<std::string>& known);
// The fees of every series that is to be followed and not in `rules` yet: read, never assumed.
Status read_fees(const venue::Endpoints& endpoints, venue::LiveRules& rules);

struct SessionOptions {
  LiveConfig config;
  std::optional<Opening> account;   // with: live. Without, and without the next: paper
  std::optional<Opening> shadow{};  // decides for this account and sends it nothing (shadow_orders.hpp)
  risk::Carried losses{};           // of the run before
  bool resumed{false};              // a person lifts what stopped that run
  std::optional<Duration> run_for;  // wall time
  watch::WatchOptions watch;
};

struct SessionReport {
  std::string folder;  // of the journal
  std::int64_t events{0}, snapshots{0}, forecasts{0}, baseline_forecasts{0}, orders{0}, fills{0}, settled{0};
  std::int64_t refused{0}, unknown{0}, reconciled{0};
  Duration behind_max{};  // the longest that something waited for the core, wall time
  venue::LiveFeeds::Counts feeds;
  Money cash_start, cash_end, fees;
  Money deposits;  // less withdrawals: neither profit nor loss
  std::map<std::string, Qty> positions;
  std::string standing;     // of the features, at the end
  double history_filled{};  // of the week before the run, 0 to 1, made of trades
  // Live only: the books are the venue's at the end, or why not.
  std::optional<bool> equal;
  std::string why;
};
// Of the wall, so that no two runs of a machine share an order id, at whatever speed the venue's clock goes and however
// soon one follows the other.
std::uint32_t run_number_at(Time wall);
Result<SessionReport> run_session(SessionOptions options);

// The most that can be lost today under the limits, with this much cash and what was lost before.
Money loss_max_today(const LiveConfig& config, Money cash, const risk::Carried& losses = {});

}  // namespace voltage::app::live
