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
  std::optional<Money> cap;          // typed by a person: the most that may be lost in a day
  CoreConfig core;
};

// Takes over what the file says.
Status read_config(const std::string& path, LiveConfig& into);
// The day's limit is never above the cap. Call after the last change.
void apply_cap(LiveConfig& config);

}  // namespace voltage::app::live
