#include "forecast/training_range.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "features/schema.hpp"

namespace voltage::forecast {
namespace {

// One tree of one split, as LightGBM writes it.
std::string model(const std::string& infos, const std::string& last = "flat") {
  return "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=2\n"
         "objective=binary sigmoid:1\nfeature_names=calm wild " +
         last + "\nfeature_infos=" + infos +
         "\ntree_sizes=300\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\nthreshold=0.5\n"
         "decision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=-0.1 0.1\nleaf_weight=1 1\nleaf_count=1 1\n"
         "internal_value=0\ninternal_weight=2\ninternal_count=2\nis_linear=0\nshrinkage=1\n\n\nend of trees\n";
}

TEST(TrainingRange, names_the_feature_that_is_furthest_outside_what_training_saw) {
  const auto trees = Trees::parse(model("[-1:1] [0:100] none"));
  ASSERT_TRUE(trees) << trees.error().message;
  const auto range = TrainingRange::of(*trees);
  ASSERT_TRUE(range) << range.error().message;
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(range->outside(std::array{0.5F, 50.F, 9e9F}, 3), "");
  EXPECT_EQ(range->outside(std::array{1.9F, 149.F, 0.F}, 3), "") << "within half the width";
  EXPECT_EQ(range->outside(std::array{2.1F, 50.F, 0.F}, 3), "calm");
  EXPECT_EQ(range->outside(std::array{2.1F, -500.F, 0.F}, 3), "wild");
  EXPECT_EQ(range->outside(std::array{2.1F, -500.F, 0.F}, 1), "calm") << "only the first are asked";
  EXPECT_EQ(range->outside(std::array{kNaN, kNaN, kNaN}, 3), "");
}

TEST(TrainingRange, a_slow_average_may_go_on_where_training_met_few_values_of_it) {
  for (const std::string name : {"small_moves_20160m", "peak_20160m"}) {
    const auto& schema = features::schema();
    ASSERT_TRUE(std::any_of(schema.begin(), schema.end(), [&](const auto& f) { return f.name == name; })) << name;
    const auto trees = Trees::parse(model("[-1:1] [0:100] [0.24:0.25]", name));
    ASSERT_TRUE(trees) << trees.error().message;
    EXPECT_EQ(TrainingRange::of(*trees)->outside(std::array{0.F, 0.F, 0.3F}, 3), "");
  }
}

TEST(TrainingRange, is_refused_where_the_model_does_not_tell_it) {
  const auto trees = Trees::parse(model("[-1:1] [0:100]"));
  ASSERT_TRUE(trees);
  EXPECT_FALSE(TrainingRange::of(*trees));
}

}  // namespace
}  // namespace voltage::forecast
