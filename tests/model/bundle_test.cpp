// A small training, whole: the bundle survives the disk, a strange one is refused by name, forecasts know
// nothing of later bars or of where the asking began, and the surface makes sense.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/time.hpp"
#include "features/assemble.hpp"
#include "features/paths.hpp"
#include "features/schema.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/members.hpp"
#include "model/bundle_files.hpp"
#include "model/calibrate.hpp"
#include "model/train.hpp"
#include "support/full.hpp"
#include "support/temp_folder.hpp"

namespace voltage::model {
namespace {

using ::testing::HasSubstr;

io::Candles candles(std::size_t minutes) {
  io::Candles c;
  c.fine = testing::walk(minutes, 77, 5e-4, 4);
  c.hash = "of a walk";
  return c;
}

// Trained once: 80 days of a walk whose volatility wanders.
class Bundles : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    TrainOptions o;
    o.held_out = Duration{std::int64_t{15} * 1440 * 60'000'000'000};
    o.trees.rounds = 20;
    o.trees.threads = 1;
    o.trees.leaf_rows_min = 200;
    o.questions.stride = 10;
    o.questions.each = 1;
    o.patchtst.wanted = false;
    auto trained = train(candles(kMinutes), o, [](const std::string&, double) {});
    ASSERT_TRUE(trained.has_value()) << trained.error().message;
    bundle_ = new forecast::Bundle{std::move(*trained)};
  }
  static void TearDownTestSuite() { delete bundle_; }

  static forecast::Past past(const io::Candles& c) {
    return std::move(*forecast::make_past(c.fine, c.coarse, bundle_->season));
  }
  static constexpr std::size_t kMinutes = 80 * 1440;
  static forecast::Bundle* bundle_;
};
forecast::Bundle* Bundles::bundle_ = nullptr;

TEST_F(Bundles, answers_are_the_same_after_a_trip_to_the_disk) {
  const testing::TempFolder folder;
  ASSERT_TRUE(save_bundle(*bundle_, folder.path("m"), "").has_value());
  ASSERT_TRUE(save_bundle(*bundle_, folder.path("m"), "").has_value()) << "a bundle may replace a bundle";
  const auto back = load_bundle(folder.path("m"));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  const auto p = past(candles(12'000));
  const forecast::Forecaster a{*bundle_}, b{*back};
  const auto x = a.answer(a.ahead(a.look(p, 11'999), 37), 0.0022);
  const auto y = b.answer(b.ahead(b.look(p, 11'999), 37), 0.0022);
  EXPECT_EQ(x.ensemble, y.ensemble);
  EXPECT_EQ(x.member[forecast::kLightgbm], y.member[forecast::kLightgbm]);
}

TEST_F(Bundles, another_feature_schema_is_refused_naming_both_hashes) {
  const testing::TempFolder folder;
  auto strange = *bundle_;
  strange.facts.schema_hash = std::string(64, 'a');
  ASSERT_TRUE(save_bundle(strange, folder.path("m"), "").has_value());
  const auto refused = load_bundle(folder.path("m"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr(std::string(64, 'a')));
  EXPECT_THAT(refused.error().message, HasSubstr(features::schema_hash()));
}

TEST_F(Bundles, a_changed_file_is_refused_by_name_and_a_folder_of_something_else_is_not_replaced) {
  const testing::TempFolder folder;
  ASSERT_TRUE(save_bundle(*bundle_, folder.path("m"), "").has_value());
  std::ofstream{folder.path("m") + "/har.json", std::ios::app} << " ";
  const auto refused = load_bundle(folder.path("m"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("har.json"));
  std::filesystem::create_directories(folder.path("precious"));
  folder.write("precious/letter.txt", "keep me");
  EXPECT_FALSE(save_bundle(*bundle_, folder.path("precious"), "").has_value());
  EXPECT_TRUE(std::filesystem::exists(folder.path("precious/letter.txt")));
  EXPECT_FALSE(load_bundle(folder.path("nothing")).has_value());
}

TEST_F(Bundles, a_forecast_is_the_same_number_whether_or_not_later_bars_are_there) {
  const auto all = candles(20'000);
  const auto whole = past(all);
  const forecast::Forecaster ask{*bundle_};
  for (const std::size_t slot : {30U, 500U, 2'000U, 10'500U, 15'003U}) {
    auto cut = all;
    cut.fine.bars.resize(slot + 1);
    const auto early = past(cut);
    for (const double minutes : {1.0, 15.0, 37.0, 1440.0}) {
      const auto a = ask.answer(ask.ahead(ask.look(whole, slot), minutes), 0.002);
      const auto b = ask.answer(ask.ahead(ask.look(early, slot), minutes), 0.002);
      EXPECT_EQ(a.ensemble, b.ensemble) << slot;
      EXPECT_EQ(a.member[forecast::kHar], b.member[forecast::kHar]);
    }
  }
}

TEST_F(Bundles, every_question_is_answered_also_at_the_first_bars_and_from_five_minute_bars) {
  const auto all = candles(15'000);
  io::Candles five;
  five.coarse = features::coarsen(all.fine);
  const auto fine = past(all);
  const auto coarse = past(five);
  const forecast::Forecaster ask{*bundle_};
  const auto sound = [&](const forecast::Past& p, std::size_t slot) {
    for (const double minutes : {1.0, 7.0, 240.0, 1440.0}) {
      double before = 1;
      const auto ahead = ask.ahead(ask.look(p, slot), minutes);
      for (const double move : {1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 5e-2, 0.3}) {
        const auto a = ask.answer(ahead, move);
        EXPECT_TRUE(a.ensemble >= 0 && a.ensemble <= before) << slot << " " << minutes << " " << move;
        EXPECT_TRUE(std::isfinite(a.member[forecast::kLightgbm]));
        before = a.ensemble;
      }
    }
  };
  for (const std::size_t slot : {0U, 1U, 4U, 60U, 1'500U, 14'999U}) sound(fine, slot);
  for (const std::size_t slot : {4U, 9U, 64U, 1'504U, 14'999U}) sound(coarse, slot);
}

TEST_F(Bundles, the_surface_carries_the_ensemble_and_its_variance_never_falls) {
  const auto p = past(candles(15'000));
  const forecast::Forecaster ask{*bundle_};
  for (std::size_t slot = 11'000; slot < 15'000; slot += 400) {
    const auto moment = ask.look(p, slot);
    const auto surface = ask.surface(moment);
    double before = 0;
    for (std::int64_t s = 30; s <= 86'400; s += 213) {
      const double variance = surface.density(Duration{s * 1'000'000'000}).variance();
      EXPECT_GT(variance, before);
      before = variance;
    }
    for (const double minutes : {15.0, 60.0}) {
      const auto ahead = ask.ahead(moment, minutes);
      const auto density = surface.density(Duration{static_cast<std::int64_t>(minutes) * 60'000'000'000});
      for (const double z : {-0.5, 0.3}) {
        const double move = std::exp(ahead.scale.informed + z);
        EXPECT_NEAR(density.beyond(move), ask.answer(ahead, move).ensemble, 0.04);
      }
    }
  }
}

TEST_F(Bundles, a_million_random_questions_find_nothing_out_of_order) {
  const auto p = past(candles(15'000));
  const forecast::Forecaster ask{*bundle_};
  Rng rng{4};
  const std::int64_t moments = tests::cases(60, 5'000);
  for (std::int64_t i = 0; i < moments; ++i) {
    const auto moment = ask.look(p, 20 + rng.below(14'980));
    const auto surface = ask.surface(moment);
    for (int q = 0; q < 20; ++q) {
      const double minutes = std::exp(rng.uniform(0, std::log(1440.0)));
      const auto ahead = ask.ahead(moment, minutes);
      const auto density = surface.density(Duration{static_cast<std::int64_t>(minutes * 6e10)});
      double beyond = 1, above = 0;
      double move = std::exp(ahead.scale.informed - 3), r = 0.5;
      for (int k = 0; k < 10; ++k) {
        const double p_beyond = ask.answer(ahead, move).ensemble;
        ASSERT_TRUE(p_beyond >= 0 && p_beyond <= beyond) << minutes << " " << move;
        beyond = p_beyond;
        move *= std::exp(rng.uniform(0, 0.8));
        const double p_above = density.above(r);
        ASSERT_TRUE(p_above >= above && p_above <= 1) << minutes << " " << r;
        above = p_above;
        r -= rng.uniform(0, k < 5 ? 0.19 : 0.01);
      }
    }
  }
}

TEST_F(Bundles, a_longer_wait_is_no_smaller_risk) {
  const auto p = past(candles(15'000));
  const forecast::Forecaster ask{*bundle_};
  Rng rng{5};
  int falls = 0, pairs = 0;
  for (int i = 0; i < 60; ++i) {
    const auto moment = ask.look(p, 11'000 + rng.below(4'000));
    for (const double move : {5e-4, 1.5e-3, 4e-3, 1e-2}) {
      double before = 0, half = 0, quarter = 0;
      for (double minutes = 1; minutes <= 1440; minutes *= std::sqrt(2.0)) {
        const double now = ask.answer(ask.ahead(moment, minutes), move).ensemble;
        EXPECT_GE(now, quarter) << "twice the time: " << minutes << " " << move;
        EXPECT_GE(now, before - 0.01) << minutes << " " << move;
        falls += now < before ? 1 : 0;
        ++pairs;
        quarter = half;
        half = now;
        before = now;
      }
    }
  }
  EXPECT_LT(falls, pairs / 100);
}

TEST_F(Bundles, a_contract_that_closes_at_a_release_does_not_pay_for_it) {
  auto informed = *bundle_;
  auto profile = features::flat_profile();
  profile[static_cast<std::size_t>(features::ReleaseKind::jobs)][1] = 60;  // the first minute
  informed.season = features::Season{informed.season.factors(), profile};
  const auto p = past(candles(40'000));
  const auto release = parse_iso("2023-12-08T13:30:00Z")->ns / features::kMinuteNs;
  const forecast::Forecaster with{informed}, without{*bundle_};
  for (const std::int64_t left : {3, 7, 12, 44}) {
    const auto slot = static_cast<std::size_t>(p.history.slot_of(release - left - 1));
    const auto a = with.surface(with.look(p, slot)), b = without.surface(without.look(p, slot));
    const auto ratio = [&](std::int64_t minutes) {
      const Duration h{minutes * 60'000'000'000};
      return a.density(h).variance() / b.density(h).variance();
    };
    EXPECT_LT(ratio(left), 1.05) << left;
    EXPECT_GT(ratio(left + 1), 1.15) << left;  // of four members here one or two know the calendar
  }
}

TEST_F(Bundles, too_short_a_history_is_refused_with_what_is_needed) {
  const auto refused = train(candles(5'000), {}, [](const std::string&, double) {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("days"));
}

TEST(BlendWeights, a_member_that_adds_nothing_gets_nothing) {
  Rng rng{9};
  std::vector<BlendRow> rows;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 20'000; ++i) {
    const double truth = rng.uniform(-3, 1);
    const bool moved = rng.chance(forecast::logistic(truth));
    rows.push_back({{-1.0, truth + 0.8 * rng.normal(), truth + 0.1 * rng.normal(), nan}, 1, moved});
  }
  const auto w = blend_weights(rows);
  EXPECT_LT(w[forecast::kEwma], 0.05) << "says the same whatever comes";
  EXPECT_GT(w[forecast::kLightgbm], 0.85);
  EXPECT_EQ(w[forecast::kPatchtst], 0) << "was absent";
  EXPECT_NEAR(w[0] + w[1] + w[2] + w[3], 1, 1e-12);
}

TEST(BlendWeights, are_carried_half_way_to_the_learned_members) {
  using Weights = std::array<double, forecast::kMembers>;
  const auto near = [](const Weights& w, const Weights& expected) {
    for (std::size_t m = 0; m < w.size(); ++m) EXPECT_NEAR(w[m], expected[m], 1e-12) << forecast::kMemberNames[m];
  };
  near(steady_weights({0.1, 0.5, 0.3, 0.1}), {0.05, 0.25, 0.475, 0.225});
  near(steady_weights({0.1, 0.5, 0.4, 0}), {0.05, 0.25, 0.7, 0});
  near(steady_weights({0.4, 0.6, 0, 0}), {0.4, 0.6, 0, 0});
  const auto w = steady_weights({0.03, 0.03, 0.5, 0.44});
  EXPECT_EQ(w[forecast::kEwma], 0) << "half of three percent is less than is kept";
  EXPECT_NEAR(w[2] + w[3], 1, 1e-12);
}

TEST_F(Bundles, half_a_years_record_of_four_hours_hardly_moves_the_calibrated_blend) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr std::size_t four_hours = 8;  // the node
  Rng rng{12};
  std::vector<HeldOut> answers;
  for (int i = 0; i < 20'000; ++i) {
    const double said = rng.uniform(-4, 2);
    answers.push_back({four_hours, 0, 0, 0.2, {nan, said, nan, nan}, rng.chance(forecast::logistic(0.3 * said))});
  }
  auto bundle = *bundle_;
  calibrate(answers, bundle);
  const auto place = forecast::node_place(forecast::kNodeMinutes[four_hours]);
  EXPECT_NEAR(bundle.blend_calibration.at(place, -3), -3, 0.03);
}

TEST_F(Bundles, each_member_says_what_it_says_to_the_blend) {
  const auto c = candles(kMinutes);
  const auto p = past(c);
  const forecast::Forecaster forecaster{*bundle_};
  const auto moment = forecaster.look(p, p.history.size() - 1);
  const auto members = forecast::member_forecasts(*bundle_, forecaster, moment);
  ASSERT_EQ(members.size(), forecast::kMembers);
  for (std::size_t k = 0; k < forecast::kNodes; ++k) {
    const auto ahead = forecaster.ahead(moment, forecast::kNodeMinutes[k]);
    double weight = 0;
    for (std::size_t m = 0; m < forecast::kMembers; ++m) {
      const auto& node = members[m].nodes.at(k);
      weight += node.weight;
      for (const auto& [move, beyond] : node.beyond) {
        const double said = forecaster.answer(ahead, move).member[m];
        EXPECT_TRUE(said == beyond || (std::isnan(said) && std::isnan(beyond))) << members[m].name;
      }
    }
    EXPECT_NEAR(weight, 1, 1e-9);
  }
}

}  // namespace
}  // namespace voltage::model
