#pragma once
// The features of many minutes at once, on as many threads as are asked for. A minute's values do not depend on how
// the work is divided: they are those of features::moment_features, bit for bit.
#include <cstddef>
#include <vector>

#include "features/history.hpp"

namespace voltage::model {

// Slots [begin, end) of the history, moment_feature_count() values a slot; all NaN where no bar ends.
struct FeatureRows {
  std::size_t begin{}, columns{};
  std::vector<float> values;
};
FeatureRows feature_rows(const features::History& history, std::size_t begin, std::size_t end, int threads);

}  // namespace voltage::model
