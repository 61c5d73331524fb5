#pragma once
// All that the models say at one moment: the law of ln(C[t+h]/C[t]) for every horizon h, where C[t] is
// the close of the last bar. Given at a few horizons and interpolated between them component by
// component, linearly in variance, so that variance never falls as h grows (no calendar nonsense).
#include <vector>

#include "base/types.hpp"
#include "forecast/density.hpp"

namespace voltage::forecast {

struct SurfaceNode {
  Duration horizon{};
  Density density;
};

class Surface {
 public:
  // nodes: at least one, horizons strictly increasing. `at` is when the last bar closed; `close` its close.
  Surface(Time at, double close, std::vector<SurfaceNode> nodes);

  Time at() const { return at_; }
  double close() const { return close_; }
  const std::vector<SurfaceNode>& nodes() const { return nodes_; }

  // Any h > 0. Below the first node and above the last one, variance is proportional to h.
  Density density(Duration h) const;

 private:
  Time at_;
  double close_;
  std::vector<SurfaceNode> nodes_;
};

}  // namespace voltage::forecast
