#pragma once
// What every command that trades takes about being watched, and the lookout made from it.
#include <memory>
#include <string>

#include "app/watch/lookout.hpp"

namespace CLI {
class App;
}
namespace voltage::app::watch {

struct WatchOptions {
  int port{-1};            // -1: no page
  std::string hooks;       // the file of the webhooks
  std::string read_token;  // the file of the token that reading needs; empty: whoever is on the machine may read
  bool restart{false};
};
void add_watch_options(CLI::App& command, WatchOptions& options);

// `run_folder` empty: no structured log is kept. Null if nobody asked for being watched.
Result<std::unique_ptr<Lookout>> start_lookout(const WatchOptions& options, const std::string& data,
                                               const std::string& run_folder);

}  // namespace voltage::app::watch
