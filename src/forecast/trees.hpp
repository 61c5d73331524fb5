#pragma once
// A LightGBM model at work, read from its own text format: a sum of decision trees. Written out by hand
// so that serving links no LightGBM and a crash of it can't take the trader down; the tests hold it to
// LightGBM's own answer within 1e-9. Numerical splits only, missing values as LightGBM treats them.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace voltage::forecast {

class Trees {
 public:
  // The text of a LightGBM model of one class. Fails with what is wrong, naming the tree.
  static Result<Trees> parse(std::string_view text);

  const std::vector<std::string>& feature_names() const { return names_; }
  std::size_t tree_count() const { return roots_.size(); }
  const std::string& text() const { return text_; }

  // The raw score (log odds, before any start score). row: feature_names().size() values, NaN = missing.
  double raw(std::span<const float> row) const;

 private:
  // A leaf is a node that leads to itself, so that trees of unequal depth can be walked in step.
  struct Node {
    double threshold{};
    std::uint32_t next[2]{};  // left: value <= threshold
    std::uint16_t feature{};
    std::uint16_t missing_right{};  // where a NaN goes
  };
  static constexpr std::size_t kInStep = 8;  // trees walked together, to hide memory latency

  Status add_tree(std::string_view section, std::size_t index);
  Status note_missing(std::size_t feature, unsigned missing_type, std::size_t tree);
  std::uint32_t depth_of(std::size_t root) const;

  std::string text_;
  std::vector<std::string> names_;
  std::vector<Node> nodes_;
  std::vector<double> values_;  // of leaves, by node
  std::vector<std::uint32_t> roots_;
  std::vector<std::uint32_t> depth_;       // of each group of kInStep trees
  std::vector<std::uint8_t> nan_is_zero_;  // by feature: 0 unknown, 1 NaN stays, 2 training had none, so 0
};

}  // namespace voltage::forecast
