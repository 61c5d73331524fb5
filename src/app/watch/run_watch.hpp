#pragma once
// One run under a lookout's eyes: what its loop calls. Everything here is for the core's thread.
#include <string>
#include <utility>
#include <vector>

#include "app/watch/keeper.hpp"
#include "app/watch/lookout.hpp"

namespace voltage::app::watch {

class RunWatch final : public Recorder {
 public:
  // Both outlive it. While it lives the core's thread is expected to beat.
  RunWatch(Lookout& lookout, const Core& core, Facts facts);
  ~RunWatch() override;
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;

  void record(const event::Event& e) override { keeper_.record(e); }
  void record(const event::Event& cause, const event::Effect& fx) override { keeper_.record(cause, fx); }

  void past(PastRow row) { keeper_.past(std::move(row)); }
  // From every turn of the loop, also when nothing happens: at least once a second.
  void beat();
  // What a person asked for since the last call; each goes to the core as the event that it is.
  std::vector<event::OperatorSaid> take_asked() { return lookout_.board().take_asked(); }

 private:
  Lookout& lookout_;
  Heartbeat& core_beat_;
  Keeper keeper_;
  std::chrono::steady_clock::time_point published_{};
};

// While a model is trained and nothing trades yet.
void show_training(Lookout& lookout, const std::string& mode, const std::string& step, double done);

}  // namespace voltage::app::watch
