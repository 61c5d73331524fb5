// Goal: the kernel keeps its promises for any weights: monotone in the move, blind to nothing it should see,
// silent where it lacks the price, and never served from a damaged file.
#include "forecast/patchtst.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "forecast/patchtst_fixture.hpp"

namespace voltage::forecast {
namespace {

using testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
const std::vector<float> kContext{0.1F, -0.7F, 1.2F, 0.0F, 0.4F};

TEST(PatchTst, probability_never_rises_with_the_move) {
  Rng rng{7};
  int questions = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    PatchTstShape shape;
    shape.flattened = seed % 5 == 0 ? 1 : 0;
    shape.layers = 1;
    shape.model = 16;
    const PatchTst network = random_patchtst(shape, seed);
    for (int w = 0; w < 10; ++w) {
      const auto embedding = network.embed(random_rows(60, rng.next()));
      ASSERT_TRUE(embedding);
      std::vector<float> context(5);
      for (auto& c : context) c = static_cast<float>(3 * rng.normal());
      const PatchTstCurve curve = network.head(*embedding, context);
      for (int i = 0; i < 200; ++i, ++questions) {
        const double low = rng.uniform(-6, 4);
        const double high = low + (i % 2 == 0 ? rng.uniform(0, 1e-6) : rng.uniform(0, 3));
        const double p_low = curve.probability(low);
        const double p_high = curve.probability(high);
        ASSERT_GE(p_low, p_high) << "seed " << seed << " lz " << low << " and " << high;
        ASSERT_GE(curve.logit(low), curve.logit(high));
        ASSERT_GE(p_high, 0);
        ASSERT_LE(p_low, 1);
      }
    }
  }
  EXPECT_EQ(questions, 100'000);
}

TEST(PatchTst, logit_and_probability_are_one_function) {
  const PatchTst network = random_patchtst({}, 3);
  const PatchTstCurve curve = network.head(*network.embed(random_rows(60, 1)), kContext);
  for (double lz = -5; lz < 4; lz += 0.1) {
    EXPECT_NEAR(1 / (1 + std::exp(-curve.logit(lz))), curve.probability(lz), 1e-12);
  }
}

TEST(PatchTst, per_window_normalisation_blinds_it_to_the_level_and_training_statistics_do_not) {
  for (const int revin : {0, 1}) {
    PatchTstShape shape;
    shape.revin = revin;
    const PatchTst network = random_patchtst(shape, 11);
    std::vector<float> calm = random_rows(60, 5);
    std::vector<float> wild = calm;
    for (auto& v : wild) v *= 3;
    const double p = network.head(*network.embed(calm), kContext).logit(0.3);
    const double q = network.head(*network.embed(wild), kContext).logit(0.3);
    if (revin == 1) {
      EXPECT_NEAR(p, q, 1e-3);
    } else {
      EXPECT_GT(std::abs(p - q), 0.1);
    }
  }
}

TEST(PatchTst, context_beyond_what_training_saw_counts_as_the_bound) {
  for (const int bound : {0, 2}) {
    PatchTstShape shape;
    shape.context_bound = bound;
    const PatchTst network = random_patchtst(shape, 17);
    const auto embedding = *network.embed(random_rows(60, 3));
    const auto at = [&](float level) {
      auto context = kContext;
      context[0] = level;  // the fixture's deviations are 0.5 to 1.5 and its means near 0
      return network.head(embedding, context).logit(0.3);
    };
    for (const float side : {-1.0F, 1.0F}) {
      EXPECT_NE(at(side * 0.2F), at(side * 0.4F));
      if (bound == 0) {
        EXPECT_NE(at(side * 8), at(side * 80));
      } else {
        EXPECT_EQ(at(side * 8), at(side * 80));
      }
    }
  }
}

TEST(PatchTst, a_file_from_before_the_bound_is_read_without_one) {
  PatchTstShape shape;
  EXPECT_THAT(random_patchtst(shape, 4).serialize(), HasSubstr("\ncontext_bound 2\n"));
  shape.context_bound = 0;
  const PatchTst old = random_patchtst(shape, 4);
  EXPECT_EQ(old.serialize().find("context_bound"), std::string::npos);
  const auto read = PatchTst::parse(old.serialize());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->shape().context_bound, 0);
  EXPECT_EQ(PatchTst::parse(random_patchtst({}, 4).serialize())->shape().context_bound, 2);
}

TEST(PatchTst, reads_the_last_56_bars_and_drops_the_oldest_four) {
  const PatchTst network = random_patchtst({}, 2);
  EXPECT_EQ(network.shape().patches(), 6);
  EXPECT_EQ(network.shape().first_bar(), 4);
  std::vector<float> rows = random_rows(60, 9);
  const double before = network.head(*network.embed(rows), kContext).probability(0);
  for (std::size_t i = 0; i < 4 * 4; ++i) rows[i] = kMissing;
  EXPECT_EQ(network.head(*network.embed(rows), kContext).probability(0), before);
  rows[4 * 4] += 1;
  EXPECT_NE(network.head(*network.embed(rows), kContext).probability(0), before);
  PatchTstShape apart;
  apart.stride = 16;
  EXPECT_EQ(apart.patches(), 3);
}

TEST(PatchTst, a_missing_channel_is_left_out_and_a_missing_price_gives_no_answer) {
  for (const int flattened : {0, 1}) {
    PatchTstShape shape;
    shape.flattened = flattened;
    const PatchTst network = random_patchtst(shape, 21);
    std::vector<float> rows = random_rows(60, 4);
    const double whole = network.head(*network.embed(rows), kContext).probability(0);
    rows[30 * 4 + 3] = kMissing;  // one minute's order flow
    const auto without_flow = network.embed(rows);
    ASSERT_TRUE(without_flow);
    const double p = network.head(*without_flow, kContext).probability(0);
    EXPECT_NE(p, whole);
    rows[31 * 4 + 3] = 5;  // what is left of a channel that is out has no say
    EXPECT_EQ(network.head(*network.embed(rows), kContext).probability(0), p);
    rows[30 * 4 + 2] = kMissing;
    EXPECT_TRUE(network.embed(rows));
    rows[30 * 4] = kMissing;
    EXPECT_FALSE(network.embed(rows));
  }
}

TEST(PatchTst, an_unknown_context_number_stands_for_the_training_mean) {
  const PatchTst network = random_patchtst({}, 8);
  const auto embedding = network.embed(random_rows(60, 1)).value();
  std::vector<float> unknown = kContext;
  unknown[2] = kMissing;
  std::vector<float> mean = kContext;
  mean[2] = network.values()[4 + 4 + 2];  // context.mean follows the series' statistics
  EXPECT_EQ(network.head(embedding, unknown).probability(0), network.head(embedding, mean).probability(0));
}

TEST(PatchTst, a_weights_file_comes_back_byte_for_byte) {
  for (const int flattened : {0, 1}) {
    PatchTstShape shape;
    shape.flattened = flattened;
    shape.stride = 16;
    const PatchTst network = random_patchtst(shape, 5);
    const std::string bytes = network.serialize();
    const auto again = PatchTst::parse(bytes);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->values(), network.values());
    EXPECT_EQ(again->card().context, network.card().context);
    EXPECT_EQ(again->serialize(), bytes);
    const auto rows = random_rows(60, 2);
    EXPECT_EQ(again->head(*again->embed(rows), kContext).logit(0.2),
              network.head(*network.embed(rows), kContext).logit(0.2));
  }
}

TEST(PatchTst, a_moved_network_answers_as_before) {
  PatchTst network = random_patchtst({}, 6);
  const auto rows = random_rows(60, 3);
  const double before = network.head(*network.embed(rows), kContext).logit(0);
  const PatchTst moved = std::move(network);
  EXPECT_EQ(moved.head(*moved.embed(rows), kContext).logit(0), before);
}

TEST(PatchTst, a_damaged_or_truncated_file_is_refused) {
  PatchTstShape shape;
  shape.model = 8;
  shape.hidden = 8;
  shape.head = 8;
  shape.layers = 1;
  const std::string bytes = random_patchtst(shape, 5).serialize();
  Rng rng{1};
  for (int i = 0; i < 300; ++i) {
    std::string damaged = bytes;
    damaged[rng.below(damaged.size())] ^= static_cast<char>(1U << rng.below(8));
    EXPECT_FALSE(PatchTst::parse(damaged));
    EXPECT_FALSE(PatchTst::parse(std::string_view{bytes}.substr(0, rng.below(bytes.size()))));
  }
  EXPECT_FALSE(PatchTst::parse(""));
  EXPECT_THAT(PatchTst::parse("lightgbm\n").error().message, HasSubstr("not a PatchTST weights file"));
  EXPECT_THAT(PatchTst::parse(bytes.substr(0, bytes.size() / 2) + "\n").error().message, HasSubstr("cut short"));
}

TEST(PatchTst, a_weight_that_is_no_number_is_refused_by_name) {
  const PatchTst network = random_patchtst({}, 5);
  std::vector<float> values = network.values();
  values.back() = kMissing;
  const auto made = PatchTst::make(network.card(), values);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("head.2.bias3"));
}

}  // namespace
}  // namespace voltage::forecast
