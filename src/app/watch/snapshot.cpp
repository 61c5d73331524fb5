#include "app/watch/snapshot.hpp"

#include <fmt/format.h>

namespace voltage::app::watch {

const char* name(Phase phase) {
  constexpr const char* kNames[] = {"starting", "training", "trading", "stopped"};
  return kNames[static_cast<std::size_t>(phase)];
}

const char* name(event::Health health) {
  constexpr const char* kNames[] = {"unknown", "healthy", "stale", "down"};
  return kNames[static_cast<std::size_t>(health)];
}

std::vector<std::string> not_ready(const Snapshot& s) {
  std::vector<std::string> why;
  if (s.phase != Phase::trading) why.emplace_back(name(s.phase));
  if (s.halted) why.push_back("halted: " + s.halted_why);
  for (const auto& stream : s.streams) {
    if (!stream.needed || stream.health == event::Health::healthy) continue;
    why.push_back(fmt::format("stream {} is {}{}{}", stream.name, name(stream.health), stream.why.empty() ? "" : ": ",
                              stream.why));
  }
  return why;
}

}  // namespace voltage::app::watch
