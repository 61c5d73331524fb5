#include "forecast/trees.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/decimal.hpp"

namespace voltage::forecast {
namespace {

constexpr std::size_t kFeaturesMax = 512;

// The value of "key=…" at the start of a line of the section.
std::optional<std::string_view> value_of(std::string_view section, std::string_view key) {
  std::size_t at = 0;
  while (at < section.size()) {
    const std::size_t end = std::min(section.find('\n', at), section.size());
    const auto line = section.substr(at, end - at);
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == '=')
      return line.substr(key.size() + 1);
    at = end + 1;
  }
  return std::nullopt;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) out.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// LightGBM parts "missing" from all numbers by an infinite threshold.
std::optional<double> number_of(std::string_view word) {
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "-inf") return -std::numeric_limits<double>::infinity();
  return parse_double(word);
}

template <class T>
Result<std::vector<T>> numbers(std::string_view section, std::string_view key, std::size_t count, std::size_t tree) {
  const auto line = value_of(section, key);
  if (!line) return fail(fmt::format("tree {} has no {}", tree, key));
  const auto list = words(*line);
  if (list.size() != count)
    return fail(fmt::format("tree {}: {} has {} values, not {}", tree, key, list.size(), count));
  std::vector<T> out;
  out.reserve(count);
  for (const auto word : list) {
    if constexpr (std::is_same_v<T, double>) {
      const auto v = number_of(word);
      if (!v) return fail(fmt::format("tree {}: {} has \"{}\"", tree, key, word));
      out.push_back(*v);
    } else {
      const auto v = parse_int(word);
      if (!v) return fail(fmt::format("tree {}: {} has \"{}\"", tree, key, word));
      out.push_back(static_cast<T>(*v));
    }
  }
  return out;
}

}  // namespace

Result<Trees> Trees::parse(std::string_view text) {
  Trees trees;
  trees.text_ = text;
  const std::size_t first = text.find("\nTree=0\n");
  if (!text.starts_with("tree\n") || first == std::string_view::npos) return fail("not a LightGBM text model");
  const auto header = text.substr(0, first);
  const auto classes = value_of(header, "num_class");
  if (!classes || *classes != "1") return fail("the model must have one class");
  const auto names = value_of(header, "feature_names");
  if (!names) return fail("the model has no feature_names");
  for (const auto name : words(*names)) trees.names_.emplace_back(name);
  if (trees.names_.empty() || trees.names_.size() > kFeaturesMax) return fail("the model has no usable feature_names");
  trees.nan_is_zero_.assign(trees.names_.size(), 0);
  const std::size_t stop = text.find("\nend of trees");
  if (stop == std::string_view::npos) return fail("the model is cut short: \"end of trees\" is missing");
  std::size_t at = first + 1;
  while (at < stop) {
    const std::size_t next = std::min(text.find("\nTree=", at), stop);
    if (const auto status = trees.add_tree(text.substr(at, next - at), trees.roots_.size()); !status) {
      return fail(status.error().message);
    }
    at = next + 1;
  }
  for (std::size_t g = 0; g < trees.roots_.size(); g += kInStep) {
    std::uint32_t deepest = 0;
    for (std::size_t k = g; k < std::min(g + kInStep, trees.roots_.size()); ++k) {
      deepest = std::max(deepest, trees.depth_of(trees.roots_[k]));
    }
    trees.depth_.push_back(deepest);
  }
  return trees;
}

Status Trees::note_missing(std::size_t feature, unsigned missing_type, std::size_t tree) {
  if (missing_type == 1) return fail(fmt::format("tree {} treats zero as missing, which is not supported", tree));
  const std::uint8_t kind = missing_type == 2 ? 1 : 2;
  if (nan_is_zero_[feature] != 0 && nan_is_zero_[feature] != kind) {
    return fail(fmt::format("tree {} disagrees on how {} goes missing", tree, names_[feature]));
  }
  nan_is_zero_[feature] = kind;
  return {};
}

Status Trees::add_tree(std::string_view section, std::size_t index) {
  const auto leaf_count = value_of(section, "num_leaves");
  const auto leaves = leaf_count ? parse_int(*leaf_count) : std::nullopt;
  if (!leaves || *leaves < 1 || *leaves > 1'000'000) return fail(fmt::format("tree {} has no num_leaves", index));
  const auto categories = value_of(section, "num_cat");
  if (categories && *categories != "0") return fail(fmt::format("tree {} has categorical splits", index));
  const auto n = static_cast<std::size_t>(*leaves);
  const auto leaf = numbers<double>(section, "leaf_value", n, index);
  if (!leaf) return fail(leaf.error().message);
  const std::size_t base = nodes_.size();
  const auto leaf_node = [&](std::size_t i) { return static_cast<std::uint32_t>(base + n - 1 + i); };
  roots_.push_back(static_cast<std::uint32_t>(base));
  if (n > 1) {
    const auto feature = numbers<int>(section, "split_feature", n - 1, index);
    const auto threshold = numbers<double>(section, "threshold", n - 1, index);
    const auto decision = numbers<int>(section, "decision_type", n - 1, index);
    const auto left = numbers<int>(section, "left_child", n - 1, index);
    const auto right = numbers<int>(section, "right_child", n - 1, index);
    if (!feature) return fail(feature.error().message);
    if (!threshold) return fail(threshold.error().message);
    if (!decision) return fail(decision.error().message);
    if (!left) return fail(left.error().message);
    if (!right) return fail(right.error().message);
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const int f = (*feature)[i];
      if (f < 0 || static_cast<std::size_t>(f) >= names_.size()) {
        return fail(fmt::format("tree {} splits on feature {}, which the model does not have", index, f));
      }
      const auto kind = static_cast<unsigned>((*decision)[i]);
      if ((kind & 1U) != 0) return fail(fmt::format("tree {} has categorical splits", index));
      const auto status = note_missing(static_cast<std::size_t>(f), (kind >> 2U) & 3U, index);
      if (!status) return status;
      Node node;
      node.threshold = (*threshold)[i];
      node.feature = static_cast<std::uint16_t>(f);
      node.missing_right = (kind & 2U) != 0 ? 0 : 1;
      for (const auto& [side, child] : {std::pair{0, (*left)[i]}, std::pair{1, (*right)[i]}}) {
        // Children come after their parent, so that a walk ends.
        const bool inner = child > static_cast<int>(i) && child < static_cast<int>(n - 1);
        const bool last = child < 0 && static_cast<std::size_t>(~child) < n;
        if (!inner && !last) return fail(fmt::format("tree {} has a child that does not exist", index));
        node.next[side] = inner ? static_cast<std::uint32_t>(base + static_cast<std::size_t>(child))
                                : leaf_node(static_cast<std::size_t>(~child));
      }
      nodes_.push_back(node);
    }
  }
  values_.resize(nodes_.size(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t self = leaf_node(i);
    nodes_.push_back({std::numeric_limits<double>::infinity(), {self, self}, 0, 0});
    values_.push_back((*leaf)[i]);
  }
  return {};
}

std::uint32_t Trees::depth_of(std::size_t root) const {
  std::uint32_t deepest = 0;
  std::vector<std::pair<std::size_t, std::uint32_t>> open{{root, 0}};
  while (!open.empty()) {
    const auto [node, depth] = open.back();
    open.pop_back();
    deepest = std::max(deepest, depth);
    for (const std::uint32_t next : nodes_[node].next) {
      if (next != node) open.emplace_back(next, depth + 1);
      if (nodes_[node].next[0] == nodes_[node].next[1]) break;
    }
  }
  return deepest;
}

double Trees::raw(std::span<const float> row) const {
  CHECK(row.size() == names_.size());
  std::array<double, kFeaturesMax> values;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double v = row[i];
    values[i] = std::isnan(v) && nan_is_zero_[i] == 2 ? 0.0 : v;
  }
  double sum = 0;
  for (std::size_t g = 0; g < roots_.size(); g += kInStep) {
    const std::size_t n = std::min(kInStep, roots_.size() - g);
    std::array<std::uint32_t, kInStep> at{};
    for (std::size_t k = 0; k < kInStep; ++k) at[k] = roots_[g + (k < n ? k : 0)];
    for (std::uint32_t d = depth_[g / kInStep]; d > 0; --d) {
      for (std::size_t k = 0; k < kInStep; ++k) {
        const Node& node = nodes_[at[k]];
        const double v = values[node.feature];
        const unsigned right =
            static_cast<unsigned>(v > node.threshold) | (static_cast<unsigned>(v != v) & node.missing_right);
        at[k] = node.next[right];
      }
    }
    for (std::size_t k = 0; k < n; ++k) sum += values_[at[k]];
  }
  return sum;
}

}  // namespace voltage::forecast
