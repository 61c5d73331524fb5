#pragma once
// What `paper` and `live` take from the command line; it overrides the configuration file.
#include <string>

#include <CLI/App.hpp>

#include "app/live/session.hpp"
#include "base/result.hpp"

namespace voltage::app {

struct LiveOptions {
  std::string config, venue_file, run_for, model, data, cap;
  std::string history;
  std::string key_id, key_file, ca_file;
  std::vector<std::string> series;
  watch::WatchOptions watch;
  bool kraken_v1{false}, json{false};
};

void add_live_options(CLI::App& command, LiveOptions& options);
// On paper; a live run adds the account.
Result<live::SessionOptions> session_of(const LiveOptions& options);

}  // namespace voltage::app
