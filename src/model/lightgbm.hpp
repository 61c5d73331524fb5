#pragma once
// LightGBM by its C API, the only place that links it. Deterministic: the same rows, options and seed
// give the same model text. LightGBM's own log goes nowhere; its errors come back as Error.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace voltage::model {

struct TreeOptions {
  int rounds{240};
  int leaves{31};
  int leaf_rows_min{3000};
  double learning_rate{0.05};
  double l2{100};
  double column_share{0.35};  // of the features, for each tree
  double row_share{0.6};      // of the rows, for each tree
  int bins{127};
  int threads{2};
  bool is_unbalance{true};
  std::uint64_t seed{1};
};

struct TreeRows {
  std::vector<std::string> names;
  std::vector<float> values;   // row-major, names.size() a row; NaN = missing
  std::vector<float> labels;   // 0 or 1
  std::vector<double> start;   // log odds from which the trees start
  std::vector<float> weights;  // of the rows; empty: all count the same
  std::size_t falling{};       // the column in which the answer may only fall
};

// What LightGBM is told, as its own parameter string.
std::string lightgbm_parameters(const TreeRows& rows, const TreeOptions& options);

// Mean log loss of the rows after so many trees: of those that were learnt from, and of others.
struct TreeLossPoint {
  int round{};
  double train_loss{};
  double valid_loss{};
};

// What is looked at while the trees grow; the model does not depend on it.
struct TreeWatch {
  const TreeRows* valid{};  // null: no curve
  int every{10};            // rounds
  std::vector<TreeLossPoint> curve;
};

// progress: rounds done; false stops and is an error.
Result<std::string> train_trees(const TreeRows& rows, const TreeOptions& options,
                                const std::function<bool(int)>& progress, TreeWatch* watch = nullptr);

// LightGBM's own raw scores of these rows under a model text: what the tree walker is held to.
Result<std::vector<double>> lightgbm_raw(const std::string& model, std::span<const float> values, std::size_t columns);

}  // namespace voltage::model
