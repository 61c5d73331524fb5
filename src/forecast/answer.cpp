#include "forecast/answer.hpp"

namespace voltage::forecast {

event::ForecastNode to_event(const SurfaceNode& node) {
  event::ForecastNode out{node.horizon, {}};
  for (std::size_t i = 0; i < kComponents; ++i) {
    const auto& c = node.density.components()[i];
    out.components[i] = {c.weight, c.mean, c.sd};
  }
  return out;
}

SurfaceNode from_event(const event::ForecastNode& node) {
  std::array<Component, kComponents> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = {node.components[i][0], node.components[i][1], node.components[i][2]};
  }
  return {node.horizon, Density{parts}};
}

}  // namespace voltage::forecast
