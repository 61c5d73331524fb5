#include "app/evidence/collect.hpp"

#include <filesystem>

#include "app/journal/replay.hpp"
#include "app/journal/run_folder.hpp"

namespace voltage::app::evidence {
namespace {

Result<std::vector<risk::Observation>> of_run(journal::Replayer& replayer) {
  for (;;) {
    const auto next = replayer.peek();
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    const auto acted = replayer.act();
    if (!acted) return tl::unexpected(acted.error());
    if (*acted) return fail("replays otherwise than recorded, from seq " + std::to_string((*acted)->seq));
  }
  return replayer.core().engine().evidence().observations();
}

}  // namespace

Collected collect(const std::string& data) {
  Collected out;
  for (const auto& folder : journal::run_folders(data)) {
    Source source{std::filesystem::path{folder}.filename().string(), "", 0, ""};
    auto replayer = journal::Replayer::open(folder);
    if (!replayer) {
      source.skipped = replayer.error().message;
    } else {
      source.kind = (*replayer)->manifest().kind;
      if (source.kind != "paper" && source.kind != "shadow" && source.kind != "live") {
        source.skipped = "a " + source.kind + " is no evidence";
      } else if (auto made = of_run(**replayer); !made) {
        source.skipped = made.error().message;
      } else {
        source.observations = made->size();
        out.observations.insert(out.observations.end(), made->begin(), made->end());
      }
    }
    out.sources.push_back(std::move(source));
  }
  return out;
}

}  // namespace voltage::app::evidence
