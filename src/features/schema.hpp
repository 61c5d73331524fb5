#pragma once
// The ordered list of model inputs. A bundle carries its hash; a bundle with another hash is refused,
// because its trees would read other numbers than they were grown on.
//
// Two kinds: inputs of a moment (`moment_features` writes them), and those that depend on the horizon and
// the move too, which come last and are filled in by forecast/ (kLogHorizon … kLogMove).
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "features/view.hpp"

namespace voltage::features {

// What goes missing together.
enum class Group { price, fine, volume, trades, taker, calendar, horizon };

struct FeatureSpec {
  std::string name;
  std::string unit;
  std::size_t window_minutes{};   // how far back it looks; 0 where it has no window
  std::size_t warm_up_minutes{};  // bars needed before it is a number
  Group group{};
};

const std::vector<FeatureSpec>& schema();
const std::string& schema_hash();
std::size_t moment_feature_count();

// Writes moment_feature_count() values; NaN where the input is missing.
void moment_features(const View& view, std::span<float> out);

// The inputs that follow the moment's, in this order.
inline constexpr std::size_t kHorizonFeatures = 7;
enum HorizonFeature : std::size_t {
  kLogHorizon,      // ln minutes
  kSeasonAhead,     // ln of the mean season factor over the window ahead
  kScaleRatio,      // ln of the regression's volatility over the exponential average's
  kScaleReference,  // ln of the regression's volatility, season out, over the day's
  kScaleLevel,      // ln of the regression's volatility per root minute
  kReleaseAhead,    // ln of the variance ahead with its scheduled releases over that without
  kLogMove,         // ln(move / scale): the models are monotone in it
};

}  // namespace voltage::features
