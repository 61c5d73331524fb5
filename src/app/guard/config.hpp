#pragma once
// The guard's part of the configuration file (TOML), which is the trader's own file:
//
//   venue_file, ca_file, data                      as the trader reads them
//   [kalshi]   rest, key_id, key_file, order_prefix
//   [guard]    control, exclusive_account, stall, stalls_an_hour, loss_max_usd, exposure_max_usd,
//              order_contracts_max, orders_max     the guard's alone
//
// In [guard] an unknown key is refused: a limit with a typing error must not be no limit.
#include <string>

#include "app/guard/watch.hpp"
#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/ownership.hpp"

namespace voltage::app::guard {

struct GuardConfig {
  venue::Endpoints endpoints;
  venue::kalshi::Ownership ownership;
  GuardRules rules;
  // Kill switch and state live here, and the heartbeats are named after it. Default: `data`/control.
  std::string control{"voltage-data/control"};
};

Result<GuardConfig> read_config(const std::string& file);

}  // namespace voltage::app::guard
