#pragma once
// Networks and windows of random numbers, the same on every machine.
#include <cmath>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "forecast/patchtst.hpp"

namespace voltage::forecast {

inline PatchTst random_patchtst(PatchTstShape shape, std::uint64_t seed) {
  shape.context = 5;
  PatchTstCard card{shape, {"log_return", "log_range", "volume", "flow"}, {"a", "b", "c", "d", "e"}};
  Rng rng{seed};
  std::vector<float> values;
  for (const auto& t : patchtst_layout(shape)) {
    const bool divisor = t.name == "series.sd" || t.name == "context.sd";
    const double reach = t.rows > 1 ? 1.5 / std::sqrt(static_cast<double>(t.rows)) : 0.3;
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double scale = t.name.ends_with(".scale") ? 1 + 0.2 * rng.normal() : reach * rng.normal();
      values.push_back(static_cast<float>(divisor ? 0.5 + rng.uniform() : scale));
    }
  }
  return PatchTst::make(card, values).value();
}

inline std::vector<float> random_rows(std::size_t bars, std::uint64_t seed) {
  Rng rng{seed};
  std::vector<float> out(bars * 4);
  for (auto& v : out) v = static_cast<float>(rng.normal());
  return out;
}

}  // namespace voltage::forecast
