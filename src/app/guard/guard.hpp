#pragma once
// The guard: a process of its own beside the trader, with its own connections and its own limits. It looks at
// the trader's pulse ten times a second and at the account every two seconds, and takes our orders off the
// venue when Watch says so. It never places one. What it does it says in a line each; its state is in
// `control`/guard.json, its own pulse beside the trader's, so that a trader can refuse to trade unguarded.
#include <functional>
#include <memory>
#include <string>

#include "app/guard/config.hpp"
#include "base/result.hpp"
#include "venue/net/loop.hpp"

namespace voltage::app::guard {

class Guard {
 public:
  // Fails on what the configuration can't be run with. `say` gets each line.
  static Result<std::unique_ptr<Guard>> start(venue::net::Loop& loop, const GuardConfig& config,
                                              std::function<void(const std::string&)> say);
  ~Guard();

  struct Impl;

 private:
  explicit Guard(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace voltage::app::guard
