#pragma once
// What a run leaves to the run after it: how much was lost, and whether a person stopped it. Read from the facts in its
// journal (fills, settlements, what a person said), so it needs neither the run's strategy nor its models: a run of
// another program version is read as well, as long as its records can be.
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "risk/carried.hpp"

namespace voltage::app::journal {

// How a session says that it stops because it was asked to end, not because something is wrong: such a stop is not
// carried over.
inline constexpr const char* kEndOfSession = "the session ends: ";

struct LeftOver {
  std::string run;  // its folder
  risk::Carried losses;
  std::string halted;           // why; empty: it was not
  Time known_until{};           // what came to the account or left it later is not in `losses`
  std::set<std::string> moves;  // deposits and the like that are
};
Result<LeftOver> left_over(const std::string& folder);
// Of the newest run of this kind under `data`; empty where there is none.
Result<std::optional<LeftOver>> newest_left_over(const std::string& data, const std::string& kind);

}  // namespace voltage::app::journal
