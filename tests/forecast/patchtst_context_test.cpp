// Goal: what PatchTST is told beside its window exists in the schema and comes in the order that it was taught.
#include "forecast/patchtst_context.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "features/schema.hpp"

namespace voltage::forecast {
namespace {

TEST(PatchTstContext, takes_each_number_from_the_feature_of_its_name) {
  const auto& schema = features::schema();
  std::vector<float> row(schema.size());
  std::iota(row.begin(), row.end(), 0.0F);
  const auto& names = patchtst_context_names();
  std::vector<float> context(names.size());
  patchtst_context(row, context);
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(schema[static_cast<std::size_t>(context[i])].name, names[i]);
    EXPECT_EQ(static_cast<std::size_t>(context[i]) >= features::moment_feature_count(), i >= patchtst_moment_context());
  }
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(PatchTstContext, holds_nothing_that_goes_missing_with_volume_or_order_flow) {
  const auto& names = patchtst_context_names();
  for (const auto& f : features::schema()) {
    if (std::find(names.begin(), names.end(), f.name) == names.end()) continue;
    EXPECT_TRUE(f.group != features::Group::volume && f.group != features::Group::trades &&
                f.group != features::Group::taker)
        << f.name;
    EXPECT_NE(f.name, "log_move");
  }
}

}  // namespace
}  // namespace voltage::forecast
