#pragma once
// How far each feature went in training, as LightGBM's own model text keeps it (feature_infos). A tree answers
// for what it never saw as for the nearest thing that it did, and says nothing of it: this does.
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "forecast/trees.hpp"

namespace voltage::forecast {

class TrainingRange {
 public:
  // Fails if the text has no ranges, or not one for each feature.
  static Result<TrainingRange> of(const Trees& trees);

  // The name of the feature furthest outside, by more than half of its range, among the first `count`; empty:
  // none. A little outside is no matter: trees are flat there. NaN is missing, not outside.
  std::string outside(std::span<const float> row, std::size_t count) const;

 private:
  struct Range {
    double low, high;
    bool known;
  };
  std::vector<Range> ranges_;
  std::vector<std::string> names_;
};

}  // namespace voltage::forecast
