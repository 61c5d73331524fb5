// Forecasts for trading: an expired bundle gives way to the baseline, and a store is followed without a restart.
#include "app/run/trading_edge.hpp"

#include <gmock/gmock.h>

#include "app/lifecycle_fixture.hpp"
#include "model/bundle_files.hpp"
#include "model/bundle_store.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using ::testing::HasSubstr;

TEST(TradingEdge, follows_the_store_and_lets_the_baseline_stand_in_for_an_expired_bundle) {
  const auto market = lifecycle::train_market(11, 96, 6);
  const testing::TempFolder folder;
  auto store = model::BundleStore::open(folder.path("store"));
  ASSERT_TRUE(store);
  auto bundle = market.bundle;
  const auto& bars = market.candles.fine.bars;
  const Time end = bars.back().begin;
  bundle.facts.expires = end - 24_h;
  ASSERT_TRUE(model::save_bundle(bundle, folder.path("a"), ""));
  bundle.facts.expires = end + 24_h;
  ASSERT_TRUE(model::save_bundle(bundle, folder.path("b"), ""));
  const auto a = *store->add(folder.path("a")), b = *store->add(folder.path("b"));
  ASSERT_TRUE(store->promote(a, end, "first"));

  std::vector<std::string> said;
  auto edge = forecasts_for_trading(folder.path("store"), [&](const std::string& what) { said.push_back(what); });
  ASSERT_TRUE(edge) << edge.error().message;
  std::string hash_before, hash_after;
  for (std::size_t i = bars.size() - 9 * 1440; i < bars.size(); ++i) {
    (*edge)->learn({event::SpotVenue::kraken, 1_min, bars[i]});
    const Time close = bars[i].begin + 1_min;
    if (close == end - 25_h) hash_before = (*edge)->forecast({1, close})->model_hash;
    if (close == end - 23_h) hash_after = (*edge)->forecast({2, close})->model_hash;
  }
  EXPECT_EQ(hash_before, a);
  EXPECT_EQ(hash_after, "baseline-ewma");
  EXPECT_THAT(said.back(), HasSubstr("baseline stands in"));
  ASSERT_TRUE(store->promote(b, end, "fresh"));
  const auto fresh = (*edge)->forecast({3, end + 1_min});
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->model_hash, b);
  BundleEdge alone{std::make_shared<const forecast::Bundle>(*model::load_bundle(folder.path("b"))), b};
  for (std::size_t i = bars.size() - 9 * 1440; i < bars.size(); ++i) {
    alone.learn({event::SpotVenue::kraken, 1_min, bars[i]});
  }
  EXPECT_EQ(fresh->nodes.at(4).components, alone.forecast({3, end + 1_min})->nodes.at(4).components)
      << "the new bundle was taught the bars that it missed";
  ASSERT_TRUE(store->roll_back(end, "no"));
  EXPECT_EQ((*edge)->forecast({4, end + 1_min})->model_hash, "baseline-ewma");
}

TEST(TradingEdge, fails_at_once_where_there_is_no_bundle) {
  const testing::TempFolder folder;
  const auto edge = forecasts_for_trading(folder.path("nothing"), {});
  ASSERT_FALSE(edge);
  EXPECT_THAT(edge.error().message, HasSubstr("no model bundle"));
}

}  // namespace
}  // namespace voltage::app
