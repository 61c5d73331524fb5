#include "forecast/surface.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace voltage::forecast {

Surface::Surface(Time at, double close, std::vector<SurfaceNode> nodes)
    : at_{at}, close_{close}, nodes_{std::move(nodes)} {
  CHECK(!nodes_.empty());
  CHECK(close_ > 0);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    CHECK(nodes_[i].horizon.ns > 0);
    if (i > 0) CHECK(nodes_[i - 1].horizon < nodes_[i].horizon);
  }
}

Density Surface::density(Duration h) const {
  CHECK(h.ns > 0);
  const auto ratio = [&](const SurfaceNode& n) { return h.seconds() / n.horizon.seconds(); };
  if (h <= nodes_.front().horizon) return nodes_.front().density.scaled(std::sqrt(ratio(nodes_.front())));
  if (h >= nodes_.back().horizon) return nodes_.back().density.scaled(std::sqrt(ratio(nodes_.back())));
  const auto hi =
      std::upper_bound(nodes_.begin(), nodes_.end(), h, [](Duration d, const SurfaceNode& n) { return d < n.horizon; });
  const auto lo = hi - 1;
  const double u = (h - lo->horizon).seconds() / (hi->horizon - lo->horizon).seconds();
  auto parts = lo->density.components();
  const auto& upper = hi->density.components();
  for (std::size_t i = 0; i < kComponents; ++i) {
    parts[i].mean += u * (upper[i].mean - parts[i].mean);
    parts[i].sd = std::sqrt((1 - u) * parts[i].sd * parts[i].sd + u * upper[i].sd * upper[i].sd);
  }
  return Density{parts};
}

}  // namespace voltage::forecast
