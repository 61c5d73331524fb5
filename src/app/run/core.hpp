#pragma once
// The core as every mode makes it, and its configuration as bytes: what a manifest keeps, so that a run can be
// made again. A member added to one of the structs and not to core.cpp stops the build.
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/engine.hpp"
#include "strategy/volatility.hpp"

namespace voltage::app {

struct CoreConfig {
  engine::EngineConfig engine;
  strategy::VolatilityConfig strategy;
};

std::string to_bytes(const CoreConfig& config);
Result<CoreConfig> core_config(std::string_view bytes);  // names what it can't read

class Core {
 public:
  explicit Core(const CoreConfig& config) : strategy_{config.strategy}, engine_{config.engine, strategy_} {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  engine::Engine& engine() { return engine_; }
  const engine::Engine& engine() const { return engine_; }
  const strategy::Volatility& strategy() const { return strategy_; }

 private:
  strategy::Volatility strategy_;
  engine::Engine engine_;
};

}  // namespace voltage::app
