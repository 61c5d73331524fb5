#pragma once
// What `paper`, `live` and `probe` are told: a TOML file (docs/LIVE.md lists every key), or the ready line of
// `voltage venue`. The base URLs and the key choose the environment, and nothing else does. A key that nobody
// knows, a missing one and a value of the wrong kind are refused by name.
#include <optional>
#include <string>

#include "app/run/core.hpp"
#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app::live {

struct LiveConfig {
  venue::Endpoints endpoints;
  venue::LiveRules feeds;
  std::string model;                 // a bundle's folder; empty: the baseline alone
  std::string data{"voltage-data"};  // where journals are kept; empty: nowhere (paper only)
  std::string prefix{"voltage"};     // of every client_order_id: what carries it is ours
  std::string control;               // kill switch, and what the heartbeats are named after; empty: `data`/control
  bool exclusive_account{false};     // nobody else trades on the account: every order on it is ours
  bool guarded{false};               // there is a [guard]: nothing starts, and nothing goes on, without its pulse
  std::string calendar;  // releases beyond those that the product knows; "none": not even those (io/calendar_file.hpp)
  std::string rung{
      "canary"};  // shadow (composes and sends nothing); where money is real: canary (one contract) or scale
  // Of money that came and stands in no list of the venue's, this much is booked by itself (unlisted_money.hpp).
  Money unlisted_credit{25'000'000};
  std::optional<Money> cap;  // typed by a person: the most that may be lost in a day
  CoreConfig core;
};

// Takes over what the file says.
Status read_config(const std::string& path, LiveConfig& into);
std::string control_folder(const LiveConfig& config);
// The order groups of a run that the venue may still have, a line each: shard and id.
std::string groups_file(const LiveConfig& config);
// True where the base URL is Kalshi's production: money is real.
bool real_money(const LiveConfig& config);
// Orders are composed and not sent, wherever the account is.
bool in_shadow(const LiveConfig& config);
// The rung that the run stands on and the evidence of earlier runs, into the core's configuration: where money is real
// the canary rung trades one contract at a time, and a series without the evidence for its rung is vetoed.
Status stand_on_rung(LiveConfig& config);
// The day's limit is never above the cap. Call after the last change.
void apply_cap(LiveConfig& config);

}  // namespace voltage::app::live
