#include "model/feature_rows.hpp"

#include <cmath>
#include <limits>
#include <span>
#include <thread>

#include "base/check.hpp"
#include "features/schema.hpp"

namespace voltage::model {

FeatureRows feature_rows(const features::History& history, std::size_t begin, std::size_t end, int threads) {
  CHECK(begin <= end && end <= history.size() && threads > 0);
  const std::size_t columns = features::moment_feature_count();
  FeatureRows rows{begin, columns, std::vector<float>((end - begin) * columns)};
  const auto part = [&](std::size_t from, std::size_t to) {
    for (std::size_t slot = from; slot < to; ++slot) {
      const auto out = std::span{rows.values}.subspan((slot - begin) * columns, columns);
      if (std::isnan(history.point(slot).log_close)) {
        std::fill(out.begin(), out.end(), std::numeric_limits<float>::quiet_NaN());
      } else {
        features::moment_features(features::View{history, slot}, out);
      }
    }
  };
  std::vector<std::thread> others;
  const auto n = static_cast<std::size_t>(threads);
  const auto cut = [&](std::size_t k) { return begin + (end - begin) * k / n; };
  for (std::size_t k = 1; k < n; ++k) others.emplace_back(part, cut(k), cut(k + 1));
  part(cut(0), cut(1));
  for (auto& t : others) t.join();
  return rows;
}

}  // namespace voltage::model
