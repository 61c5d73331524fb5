#include "app/watch/run_watch.hpp"

#include <utility>

#include "app/version.hpp"

namespace voltage::app::watch {
namespace {

// A turn of the loop takes milliseconds; a busy machine may take a second.
constexpr Duration kCoreSilence{5'000'000'000};
constexpr auto kIdlePublish = std::chrono::seconds{1};

}  // namespace

RunWatch::RunWatch(Lookout& lookout, const Core& core, Facts facts)
    : lookout_{lookout}, core_beat_{lookout.parts().part("core")}, keeper_{core, lookout.board(), std::move(facts)} {
  core_beat_.expect(kCoreSilence);
  keeper_.publish();
}

RunWatch::~RunWatch() {
  core_beat_.rest();
  keeper_.publish(Phase::stopped);
}

void RunWatch::beat() {
  core_beat_.beat();
  const auto now = std::chrono::steady_clock::now();
  if (now - published_ < kIdlePublish) return;
  published_ = now;
  keeper_.publish();
}

void show_training(Lookout& lookout, const std::string& mode, const std::string& step, double done) {
  Snapshot s;
  s.mode = mode;
  s.version = std::string{kVersion} + " " + commit();
  s.phase = Phase::training;
  s.step = step;
  s.progress = done;
  lookout.board().publish(std::move(s));
}

}  // namespace voltage::app::watch
