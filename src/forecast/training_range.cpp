#include "forecast/training_range.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/decimal.hpp"
#include "features/schema.hpp"

namespace voltage::forecast {
namespace {

constexpr std::string_view kKey = "\nfeature_infos=";
constexpr double kBeyond = 0.5;  // of the range's width
// Averages longer than this are so slow that a training has met only a few values of them: a little further is another
// year, not another market.
constexpr std::size_t kSlowMinutes = 7 * 24 * 60;

bool is_slow(std::string_view feature) {
  const auto& all = features::schema();
  return std::any_of(all.begin(), all.end(), [&](const features::FeatureSpec& f) {
    return f.name == feature && f.window_minutes > kSlowMinutes;
  });
}

}  // namespace

Result<TrainingRange> TrainingRange::of(const Trees& trees) {
  const std::string_view text = trees.text();
  const auto key = text.find(kKey);
  if (key == std::string_view::npos) return fail("the model's text has no feature_infos");
  const std::size_t from = key + kKey.size();
  std::string_view list = text.substr(from, text.find('\n', from) - from);
  TrainingRange out;
  out.names_ = trees.feature_names();
  while (!list.empty()) {
    const std::string_view token = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(token.size() + 1, list.size()));
    const auto colon = token.find(':');
    std::optional<double> low, high;
    if (token.size() > 2 && token.front() == '[' && token.back() == ']' && colon != std::string_view::npos) {
      low = parse_double(token.substr(1, colon - 1));
      high = parse_double(token.substr(colon + 1, token.size() - colon - 2));
    }
    const std::size_t at = out.ranges_.size();
    const bool slow = at < out.names_.size() && is_slow(out.names_[at]);
    out.ranges_.push_back({low.value_or(0), high.value_or(0), low && high && !slow});
  }
  if (out.ranges_.size() != out.names_.size()) return fail("feature_infos does not have a range for each feature");
  return out;
}

std::string TrainingRange::outside(std::span<const float> row, std::size_t count) const {
  double furthest = kBeyond;
  std::string name;
  for (std::size_t i = 0; i < std::min({count, row.size(), ranges_.size()}); ++i) {
    const Range& r = ranges_[i];
    const double x = static_cast<double>(row[i]);
    if (!r.known || std::isnan(x) || !(r.high > r.low)) continue;
    const double beyond = std::max(r.low - x, x - r.high) / (r.high - r.low);
    if (beyond <= furthest) continue;
    furthest = beyond;
    name = names_[i];
  }
  return name;
}

}  // namespace voltage::forecast
