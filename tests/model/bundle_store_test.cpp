// The store: bundles come in whole, the link is swapped, the way back is one step, and who may trade is decided here.
#include "model/bundle_store.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "features/paths.hpp"
#include "features/schema.hpp"
#include "model/admission.hpp"
#include "model/bundle_files.hpp"
#include "model/train.hpp"
#include "support/temp_folder.hpp"

namespace voltage::model {
namespace {

using namespace literals;
using ::testing::HasSubstr;

class Store : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    TrainOptions o;
    o.held_out = 24_h * 12;
    o.trees.rounds = 5;
    o.trees.threads = 1;
    o.trees.leaf_rows_min = 200;
    o.questions.stride = 20;
    o.questions.each = 1;
    o.patchtst.wanted = false;
    io::Candles c;
    c.fine = testing::walk(74 * 1440, 5, 5e-4, 4);
    auto trained = train(c, o, [](const std::string&, double) {});
    ASSERT_TRUE(trained.has_value()) << trained.error().message;
    bundle_ = new forecast::Bundle{std::move(*trained)};
  }
  static void TearDownTestSuite() { delete bundle_; }

  // Another bundle each time: its seed is part of it.
  std::string fresh(std::uint64_t seed) const {
    auto b = *bundle_;
    b.facts.seed = seed;
    const auto path = folder_.path("bundle" + std::to_string(seed));
    EXPECT_TRUE(save_bundle(b, path, ""));
    return path;
  }
  static Time at(int day) { return Time{} + 24_h * day; }

  static forecast::Bundle* bundle_;
  testing::TempFolder folder_;
};
forecast::Bundle* Store::bundle_ = nullptr;

TEST_F(Store, one_rollback_goes_back_to_the_bundle_before_and_the_next_one_further) {
  auto store = BundleStore::open(folder_.path("store"));
  ASSERT_TRUE(store) << store.error().message;
  std::vector<std::string> hashes;
  for (int k = 1; k <= 3; ++k) {
    const auto hash = store->add(fresh(static_cast<std::uint64_t>(k)));
    ASSERT_TRUE(hash) << hash.error().message;
    ASSERT_TRUE(store->promote(*hash, at(k), "test"));
    hashes.push_back(*hash);
  }
  EXPECT_EQ(load_bundle(folder_.path("store"))->facts.seed, 3U);
  EXPECT_EQ(*store->roll_back(at(4), "bad"), hashes[1]);
  EXPECT_EQ(store->current(), hashes[1]);
  EXPECT_EQ(load_bundle(folder_.path("store"))->facts.seed, 2U) << "a reader of the store gets the one in use";
  EXPECT_EQ(*store->roll_back(at(5), "worse"), hashes[0]);
  EXPECT_FALSE(store->roll_back(at(6), "")) << "there is nothing before the first";
  ASSERT_TRUE(store->promote(hashes[2], at(7), "again"));
  EXPECT_EQ(*store->roll_back(at(8), ""), hashes[0]) << "before it came the one that was gone back to";
  const auto history = store->history();
  ASSERT_TRUE(history);
  EXPECT_EQ(history->size(), 7U);
  EXPECT_EQ(history->at(3).action, StoreAction::rolled_back);
  EXPECT_EQ(history->at(3).before, hashes[2]);
  EXPECT_EQ(history->at(3).why, "bad");
}

TEST_F(Store, a_damaged_or_foreign_bundle_does_not_come_in) {
  auto store = BundleStore::open(folder_.path("store"));
  ASSERT_TRUE(store);
  const auto damaged = fresh(1);
  std::ofstream{damaged + "/weights.json", std::ios::app} << " ";
  EXPECT_THAT(store->add(damaged).error().message, HasSubstr("weights.json"));
  auto strange = *bundle_;
  strange.facts.schema_hash = std::string(64, 'b');
  ASSERT_TRUE(save_bundle(strange, folder_.path("strange"), ""));
  EXPECT_THAT(store->add(folder_.path("strange")).error().message, HasSubstr("schema_hash"));
  EXPECT_TRUE(store->list().empty());
  EXPECT_FALSE(store->promote("0123456789abcdef", at(1), "")) << "what is not there can't be used";
  EXPECT_FALSE(BundleStore::open(fresh(2))) << "a bundle is no store";
}

TEST_F(Store, a_crash_between_the_history_and_the_link_leaves_the_old_bundle_and_a_sound_way_back) {
  auto store = BundleStore::open(folder_.path("store"));
  ASSERT_TRUE(store);
  const auto a = *store->add(fresh(1)), b = *store->add(fresh(2)), c = *store->add(fresh(3));
  ASSERT_TRUE(store->promote(a, at(1), ""));
  ASSERT_TRUE(store->promote(b, at(2), ""));
  // What a kill leaves: the promotion of c written down, the link still at b.
  std::ofstream{folder_.path("store/history.jsonl"), std::ios::app}
      << R"({"action":"promoted","at":"1970-01-04T00:00:00Z","before":")" << b << R"(","hash":")" << c
      << R"(","why":""})" << "\n";
  EXPECT_EQ(store->current(), b);
  EXPECT_EQ(*store->roll_back(at(5), ""), a);
}

TEST_F(Store, an_expired_bundle_may_not_trade_and_research_is_warned) {
  auto b = *bundle_;
  const Time inside = b.facts.trained_to + 1_min, after = b.facts.expires;
  EXPECT_EQ(admit(b, inside, Use::trading).value(), "");
  EXPECT_EQ(admit(b, inside, Use::research).value(), "");
  EXPECT_THAT(admit(b, after, Use::trading).error().message, HasSubstr("expiry"));
  EXPECT_THAT(admit(b, after, Use::research).value(), HasSubstr("expiry"));
}

TEST_F(Store, a_bundle_of_other_features_of_the_future_or_unsound_is_refused) {
  auto strange = *bundle_;
  strange.facts.schema_hash = std::string(64, 'c');
  for (const Use use : {Use::research, Use::trading}) {
    EXPECT_THAT(admit(strange, strange.facts.trained_to, use).error().message, HasSubstr(features::schema_hash()));
  }
  EXPECT_THAT(admit(*bundle_, bundle_->facts.trained_to - 1_min, Use::trading).error().message, HasSubstr("clock"));
  auto broken = *bundle_;
  broken.weights[3] = {0.9, 0.9, 0, 0};
  EXPECT_THAT(admit(broken, broken.facts.trained_to, Use::research).error().message, HasSubstr("weights"));
}

}  // namespace
}  // namespace voltage::model
