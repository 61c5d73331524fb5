// Goal: PatchTST is a member like the others: trained with them, kept in the bundle, asked by the forecaster,
// silent where its window has a gap, and no reason to fail where it is missing.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.hpp"
#include "model/bundle_files.hpp"
#include "model/train.hpp"
#include "support/temp_folder.hpp"

namespace voltage::model {
namespace {

using forecast::kPatchtst;

#ifdef VOLTAGE_HAS_TRAINER
#define NEEDS_TRAINER() ASSERT_EQ(patchtst_trainer_fault(), "")
#else
#define NEEDS_TRAINER() GTEST_SKIP() << patchtst_trainer_fault()
#endif

io::Candles wandering_volatility(std::size_t days) {
  Rng rng{41};
  io::Candles out;
  out.fine.interval = Duration{features::kMinuteNs};
  double price = 40'000;
  double level = 0;
  for (std::size_t i = 0; i < days * 1440; ++i) {
    level = 0.995 * level + 0.05 * rng.normal();
    market::Candle c;
    c.begin = Time{(28'000'000 + static_cast<std::int64_t>(i)) * features::kMinuteNs};
    c.open = price;
    const double sd = 6e-4 * std::exp(level);
    c.close = price *= std::exp(sd * rng.normal());
    c.high = std::max(c.open, c.close) * (1 + 0.3 * sd * rng.uniform());
    c.low = std::min(c.open, c.close) * (1 - 0.3 * sd * rng.uniform());
    c.volume = rng.exponential(10) * std::exp(level);
    c.taker_buy = c.volume * rng.uniform();
    c.trades = 1 + static_cast<double>(rng.below(500));
    out.fine.bars.push_back(c);
  }
  out.hash = "test";
  return out;
}

TrainOptions quick_options() {
  TrainOptions o;
  o.held_out = Duration{std::int64_t{8} * 1440 * features::kMinuteNs};
  o.trees.rounds = 5;
  o.patchtst.passes = 0.3;
  o.patchtst.max_seconds = 0;
  return o;
}

// p of every fifth minute of the last day, with the network's own in .first.
std::vector<std::pair<double, double>> answers(const forecast::Bundle& bundle, const io::Candles& candles,
                                               std::size_t bars) {
  market::CandleSeries fine{candles.fine.interval, {candles.fine.bars.begin(), candles.fine.bars.begin() + bars}};
  const auto past = forecast::make_past(fine, {}, bundle.season).value();
  const forecast::Forecaster ask{bundle};
  std::vector<std::pair<double, double>> out;
  for (std::size_t slot = past.history.size() - 1440; slot < past.history.size(); slot += 5) {
    const auto ahead = ask.ahead(ask.look(past, slot), 60);
    const auto answer = ask.answer(ahead, 0.004);
    out.emplace_back(answer.member[kPatchtst], answer.ensemble);
  }
  return out;
}

TEST(PatchTstMember, is_trained_kept_and_asked) {
  NEEDS_TRAINER();
  const auto candles = wandering_volatility(75);
  const std::size_t all = candles.fine.bars.size();
  TrainReport report;
  const auto bundle = train(candles, quick_options(), [](const std::string&, double) {}, &report);
  ASSERT_TRUE(bundle) << bundle.error().message;
  ASSERT_TRUE(bundle->patchtst) << report.patchtst_fault;
  EXPECT_FALSE(report.patchtst_curve.empty());
  for (const char* part : {"\"lightgbm\"", "\"patchtst\"", "loss_curve", "valid_log_loss"}) {
    EXPECT_NE(metrics_json(report).find(part), std::string::npos) << part;
  }
  const auto& took = report.seconds;
  EXPECT_GT(took.lightgbm, 0);
  EXPECT_GT(took.patchtst, 0);
  EXPECT_GE(took.total, took.lightgbm + took.patchtst + took.calibration);
  const auto expected = answers(*bundle, candles, all);
  for (const auto& [own, ensemble] : expected) {
    ASSERT_GT(own, 0);
    ASSERT_LT(own, 1);
    ASSERT_GE(ensemble, 0);
  }

  const testing::TempFolder folder;
  const std::string path = folder.path("bundle");
  ASSERT_TRUE(save_bundle(*bundle, path, ""));
  const auto loaded = load_bundle(path);
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(bundle->patchtst->networks().size(), 3U);
  ASSERT_EQ(loaded->patchtst->networks().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(loaded->patchtst->networks()[i].serialize(), bundle->patchtst->networks()[i].serialize());
  }
  EXPECT_NE(bundle->patchtst->networks()[0].values(), bundle->patchtst->networks()[1].values()) << "of other seeds";
  const auto again = answers(*loaded, candles, all);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(again[i].first, expected[i].first, 1e-12);
    ASSERT_NEAR(again[i].second, expected[i].second, 1e-12);
  }

  // A hole in the window: no answer of its own, and the others go on.
  auto holed = candles;
  holed.fine.bars.erase(holed.fine.bars.end() - 20);
  const auto rest = answers(*bundle, holed, all - 1);
  EXPECT_TRUE(std::isnan(rest.back().first));
  EXPECT_TRUE(std::isfinite(rest.back().second));
  EXPECT_TRUE(std::isfinite(rest.front().first));

  // No order flow: it answers without.
  auto silent = candles;
  for (auto& bar : silent.fine.bars) bar.taker_buy = bar.trades = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isfinite(answers(*bundle, silent, all).back().first));
}

TEST(PatchTstMember, a_training_without_it_makes_a_bundle_without_it) {
  const auto candles = wandering_volatility(70);
  auto options = quick_options();
  options.patchtst.wanted = false;
  const auto bundle = train(candles, options, [](const std::string&, double) {});
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_FALSE(bundle->patchtst);
  const auto some = answers(*bundle, candles, candles.fine.bars.size());
  EXPECT_TRUE(std::isnan(some.back().first));
  EXPECT_TRUE(std::isfinite(some.back().second));
}

}  // namespace
}  // namespace voltage::model
