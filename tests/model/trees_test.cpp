// LightGBM trains, the tree walker serves: the same number to 1e-9, missing values included; class
// weights shift what it says and calibration takes the shift back.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/rng.hpp"
#include "forecast/curves.hpp"
#include "forecast/isotonic.hpp"
#include "forecast/trees.hpp"
#include "model/lightgbm.hpp"

namespace voltage::model {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// Five features: f0 and f1 matter, f2 goes missing, f3 never does, f4 is the move in which answers fall.
TreeRows questions(std::size_t n, std::uint64_t seed) {
  Rng rng{seed};
  TreeRows rows;
  rows.names = {"f0", "f1", "f2", "f3", "move"};
  rows.falling = 4;
  for (std::size_t i = 0; i < n; ++i) {
    const double a = rng.normal(), b = rng.normal(), c = rng.normal(), d = rng.normal(), x = rng.uniform(-2, 2);
    const bool missing = rng.chance(0.2);
    const double logit = -1.5 + a + 0.5 * a * b + (missing ? 0.7 : 0.4 * c) - 1.5 * x;
    for (const double v : {a, b, c, d, x}) rows.values.push_back(static_cast<float>(v));
    if (missing) rows.values[rows.values.size() - 3] = kMissing;
    rows.labels.push_back(rng.chance(forecast::logistic(logit)) ? 1.0F : 0.0F);
    rows.start.push_back(0);
  }
  return rows;
}

TreeOptions small() {
  TreeOptions o;
  o.rounds = 40;
  o.threads = 1;
  o.leaf_rows_min = 50;
  o.l2 = 1;
  o.learning_rate = 0.1;
  return o;
}

double raw_of(const forecast::Trees& trees, const TreeRows& rows, std::size_t i) {
  return trees.raw(std::span{rows.values}.subspan(i * rows.names.size(), rows.names.size()));
}

TEST(Trees, the_walker_equals_lightgbm_to_a_billionth_with_values_missing) {
  const auto rows = questions(8'000, 1);
  const auto text = train_trees(rows, small(), {});
  ASSERT_TRUE(text.has_value()) << text.error().message;
  const auto trees = forecast::Trees::parse(*text);
  ASSERT_TRUE(trees.has_value()) << trees.error().message;
  auto ask = questions(3'000, 2);
  for (std::size_t i = 0; i < 200; ++i) ask.values[i * 5 + i % 4] = kMissing;  // also where training had none
  const auto own = lightgbm_raw(*text, ask.values, 5);
  ASSERT_TRUE(own.has_value()) << own.error().message;
  for (std::size_t i = 0; i < own->size(); ++i) EXPECT_NEAR(raw_of(*trees, ask, i), (*own)[i], 1e-9);
}

TEST(Trees, training_is_the_same_twice) {
  const auto rows = questions(5'000, 3);
  EXPECT_EQ(*train_trees(rows, small(), {}), *train_trees(rows, small(), {}));
}

TEST(Trees, answers_never_rise_with_the_move) {
  const auto text = train_trees(questions(8'000, 4), small(), {});
  const auto trees = forecast::Trees::parse(*text);
  auto ask = questions(300, 5);
  for (std::size_t i = 0; i < 300; ++i) {
    double before = std::numeric_limits<double>::infinity();
    for (float x = -2; x <= 2; x += 0.05F) {
      ask.values[i * 5 + 4] = x;
      const double raw = raw_of(*trees, ask, i);
      EXPECT_LE(raw, before);
      before = raw;
    }
  }
}

TEST(Trees, is_unbalance_shifts_probabilities_and_calibration_brings_them_back) {
  const auto rows = questions(20'000, 6);
  auto options = small();
  double base = 0;
  for (const float y : rows.labels) base += y / static_cast<double>(rows.labels.size());
  ASSERT_LT(base, 0.4);
  const auto held = questions(20'000, 7);
  const auto mean_of = [&](bool unbalance, bool calibrated) {
    options.is_unbalance = unbalance;
    const auto trees = forecast::Trees::parse(*train_trees(rows, options, {}));
    std::vector<forecast::CalibrationPoint> points;
    for (std::size_t i = 0; i < held.labels.size(); i += 2)
      points.push_back({raw_of(*trees, held, i), held.labels[i], 1});
    const forecast::CalibrationGrid grid;
    const auto curve = forecast::smooth_isotonic(points, grid, 0);
    const forecast::CurveTable table{grid.x0, grid.step, std::vector<std::vector<double>>(forecast::kNodes, curve)};
    double sum = 0;
    for (std::size_t i = 1; i < held.labels.size(); i += 2) {
      const double raw = raw_of(*trees, held, i);
      sum += forecast::logistic(calibrated ? table.at_node(0, raw) : raw) - held.labels[i];
    }
    return sum / (static_cast<double>(held.labels.size()) / 2);
  };
  EXPECT_GT(mean_of(true, false), 0.05) << "class weights lift every answer";
  EXPECT_NEAR(mean_of(false, false), 0, 0.015);
  EXPECT_NEAR(mean_of(true, true), 0, 0.01);
}

TEST(Trees, a_damaged_model_text_is_refused_by_name) {
  const auto text = *train_trees(questions(3'000, 8), small(), {});
  EXPECT_FALSE(forecast::Trees::parse("").has_value());
  EXPECT_FALSE(forecast::Trees::parse(text.substr(0, text.size() / 2)).has_value());
  auto broken = text;
  const auto at = broken.find("left_child=") + 11;
  broken.replace(at, 1, "9999");
  const auto refused = forecast::Trees::parse(broken);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("tree 0"));
}

}  // namespace
}  // namespace voltage::model
