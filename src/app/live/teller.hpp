#pragma once
// Tells a run on live streams as it goes, a line for each thing that a person would want to know, and counts.
#include <cstdint>
#include <string>

#include "app/run/recorder.hpp"
#include "engine/engine.hpp"

namespace voltage::app::live {

class Teller final : public Recorder {
 public:
  explicit Teller(const engine::Engine& engine) : engine_{engine} {}
  void record(const event::Event& e) override;
  void record(const event::Event& cause, const event::Effect& fx) override;

  std::int64_t events{0}, forecasts{0}, baseline_forecasts{0}, orders{0}, fills{0}, settled{0}, snapshots{0};
  std::int64_t refused{0}, unknown{0};

 private:
  const std::string& ticker(event::ContractId id) const { return engine_.books().at(id).contract.ticker; }
  const engine::Engine& engine_;
};

}  // namespace voltage::app::live
