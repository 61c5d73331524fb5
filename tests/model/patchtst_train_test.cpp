// Goal: the trainer learns, repeats itself to the byte, survives a kill, and agrees with the kernel that serves.
#include "model/patchtst_train.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "forecast/patchtst_fixture.hpp"
#include "torch_trainer/pace.hpp"

namespace voltage::model {
namespace {

using forecast::PatchTst;
using forecast::PatchTstShape;
using testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// Built with libtorch, the module must load; built without, there is nothing to test.
#ifdef VOLTAGE_HAS_TRAINER
#define NEEDS_TRAINER() ASSERT_EQ(patchtst_trainer_fault(), "")
#else
#define NEEDS_TRAINER() GTEST_SKIP() << patchtst_trainer_fault()
#endif

// The module lies beside the product's binary, not beside this program.
class ModuleBesideTheBinary : public testing::Environment {
  void SetUp() override {
    const auto module = std::filesystem::path(VOLTAGE_BINARY).parent_path() / "libvoltage_torch.so";
    setenv("VOLTAGE_TORCH_MODULE", module.c_str(), 0);
  }
};
const auto* const kEnvironment = testing::AddGlobalTestEnvironment(new ModuleBesideTheBinary);

PatchTstExamples random_examples(std::size_t bars, std::size_t windows, std::size_t queries, std::uint64_t seed) {
  Rng rng{seed};
  PatchTstExamples out;
  out.queries = queries;
  for (std::size_t i = 0; i < windows; ++i) {
    out.end_bar.push_back(static_cast<std::uint32_t>(59 + rng.below(bars - 59)));
    for (std::size_t q = 0; q < queries; ++q) {
      for (int c = 0; c < 5; ++c) out.context.push_back(static_cast<float>(rng.normal()));
      out.outcome.push_back(static_cast<float>(std::log(std::abs(rng.normal()) + 1e-12)));
    }
  }
  return out;
}

// A series whose volatility wanders: the outcome's size follows the size of the window's log range.
struct Toy {
  std::vector<float> rows;
  PatchTstExamples train;
  PatchTstExamples valid;
};

Toy toy() {
  Toy out;
  Rng rng{3};
  constexpr std::size_t kBars = 6'000;
  std::vector<double> level(kBars);
  for (std::size_t i = 0; i < kBars; ++i) {
    level[i] = i == 0 ? 0 : 0.98 * level[i - 1] + 0.15 * rng.normal();
    out.rows.push_back(static_cast<float>(std::exp(level[i]) * rng.normal()));
    for (int s = 1; s < 4; ++s) out.rows.push_back(static_cast<float>((s == 1 ? level[i] : 0) + 0.5 * rng.normal()));
  }
  for (std::uint32_t end = 59; end < kBars; end += 3) {
    PatchTstExamples& set = end < kBars * 3 / 4 ? out.train : out.valid;
    set.queries = 2;
    set.shared = 2;
    set.shared_context.insert(set.shared_context.end(), {1.0F, static_cast<float>(rng.normal())});
    set.end_bar.push_back(end);
    for (int q = 0; q < 2; ++q) {
      for (int c = 2; c < 5; ++c) set.context.push_back(c == 2 ? static_cast<float>(q) : 0.0F);
      set.outcome.push_back(static_cast<float>(std::log(std::abs(std::exp(level[end]) * rng.normal()) + 1e-12)));
    }
  }
  return out;
}

PatchTstTraining small_training() {
  PatchTstTraining o;
  o.shape.model = 16;
  o.shape.hidden = 16;
  o.shape.head = 16;
  o.shape.layers = 1;
  o.context_names = {"a", "b", "c", "d", "e"};
  o.steps = 120;
  o.batch = 64;
  o.valid_every = 30;
  o.learning_rate = 5e-3;
  return o;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::path(testing::TempDir()) / name).string();
}

TEST(PatchTstKernel, agrees_with_libtorch_on_random_weights_and_windows) {
  NEEDS_TRAINER();
  constexpr std::size_t kBars = 300;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    PatchTstShape shape;
    shape.flattened = seed % 2 == 0 ? 1 : 0;
    shape.revin = seed % 4 == 3 ? 1 : 0;
    shape.context_bound = seed == 6 ? 0 : 1;  // of contexts with deviations near 1: it binds often
    shape.stride = seed % 3 == 0 ? 16 : 8;
    shape.model = seed == 5 ? 20 : 32;
    shape.layers = 1 + static_cast<std::int32_t>(seed % 3);
    const PatchTst network = forecast::random_patchtst(shape, seed);
    auto rows = forecast::random_rows(kBars, seed);
    rows[100 * 4 + 3] = kMissing;
    rows[200 * 4 + 2] = kMissing;
    rows[250 * 4] = kMissing;
    auto examples = random_examples(kBars, 64, 3, seed);
    examples.context[7] = kMissing;
    const std::vector<float> lz{-3, -1, -0.3F, 0, 0.4F, 1, 2.5F};
    const auto torch = torch_probabilities(network, rows, examples, lz);
    ASSERT_TRUE(torch) << torch.error().message;
    std::size_t at = 0;
    std::size_t answered = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) {
      const auto window = std::span{rows}.subspan((examples.end_bar[i] - 59) * 4, 240);
      const auto embedding = network.embed(window);
      for (std::size_t q = 0; q < 3; ++q) {
        const auto context = std::span{examples.context}.subspan((i * 3 + q) * 5, 5);
        for (const float z : lz) {
          const double expected = (*torch)[at++];
          ASSERT_EQ(embedding.has_value(), std::isfinite(expected));
          if (!embedding) continue;
          ++answered;
          ASSERT_NEAR(network.head(*embedding, context).probability(static_cast<double>(z)), expected, 3e-6);
        }
      }
    }
    EXPECT_GT(answered, 500U);
  }
}

TEST(PatchTstTraining, learns_the_level_and_does_not_with_per_window_normalisation) {
  NEEDS_TRAINER();
  const Toy data = toy();
  auto options = small_training();
  options.steps = 250;
  const auto plain = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_TRUE(plain) << plain.error().message;
  options.shape.revin = 1;
  const auto blind = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_TRUE(blind) << blind.error().message;
  EXPECT_LT(plain->best_valid_loss, blind->best_valid_loss - 0.02);
}

TEST(PatchTstTraining, the_same_seed_gives_the_same_bytes_and_another_one_does_not) {
  NEEDS_TRAINER();
  const Toy data = toy();
  auto options = small_training();
  const auto one = train_patchtst(data.rows, data.train, data.valid, options);
  const auto two = train_patchtst(data.rows, data.train, data.valid, options);
  options.seed = 2;
  const auto other = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_TRUE(one && two && other);
  EXPECT_EQ(one->network.serialize(), two->network.serialize());
  EXPECT_NE(one->network.serialize(), other->network.serialize());
  EXPECT_EQ(one->curve.size(), 4U);
}

TEST(PatchTstTraining, a_killed_run_resumes_to_the_same_bytes) {
  NEEDS_TRAINER();
  const Toy data = toy();
  auto options = small_training();
  const auto whole = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_TRUE(whole);
  options.checkpoint = temporary("patchtst.checkpoint");
  std::filesystem::remove(options.checkpoint);
  options.progress = [](const PatchTstProgress& p) { return p.step < 80; };
  const auto killed = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_FALSE(killed);
  EXPECT_THAT(killed.error().message, HasSubstr("stopped"));
  ASSERT_TRUE(std::filesystem::exists(options.checkpoint));
  std::int64_t first = -1;
  options.progress = [&first](const PatchTstProgress& p) {
    if (first < 0) first = p.step;
    return true;
  };
  const auto resumed = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_GT(first, 60);
  EXPECT_EQ(resumed->network.serialize(), whole->network.serialize());
  EXPECT_EQ(resumed->curve.size(), whole->curve.size());
  EXPECT_FALSE(std::filesystem::exists(options.checkpoint));
}

TEST(PatchTstTraining, a_damaged_or_foreign_checkpoint_is_refused) {
  NEEDS_TRAINER();
  const Toy data = toy();
  auto options = small_training();
  options.checkpoint = temporary("patchtst-foreign.checkpoint");
  std::filesystem::remove(options.checkpoint);
  options.progress = [](const PatchTstProgress& p) { return p.step < 60; };
  ASSERT_FALSE(train_patchtst(data.rows, data.train, data.valid, options));
  options.progress = nullptr;
  options.seed = 9;
  const auto foreign = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().message, HasSubstr("another training"));
  {
    std::fstream file(options.checkpoint, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5'000);
    file.put('x');
  }
  options.seed = 1;
  const auto damaged = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_FALSE(damaged);
  EXPECT_THAT(damaged.error().message, HasSubstr("damaged"));
}

TEST(PatchTstTraining, a_time_budget_shortens_the_run_and_says_so) {
  NEEDS_TRAINER();
  const Toy data = toy();
  auto options = small_training();
  options.steps = 1'000'000;
  options.max_seconds = 1.5;
  const auto out = train_patchtst(data.rows, data.train, data.valid, options);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_TRUE(out->time_bound || out->stopped_early);
}

TEST(PatchTstTraining, a_slow_start_within_the_budget_changes_nothing) {
  using torch_trainer::pace;
  EXPECT_EQ(pace(1.0 / 800, 2.0 / 800).done, 1.0 / 800);
  EXPECT_FALSE(pace(1.0 / 800, 0.3).time_bound);
  EXPECT_TRUE(pace(0.2, 0.6).time_bound) << "half of the budget is gone for a fifth of the steps";
  EXPECT_EQ(pace(0.2, 0.6).done, 0.6);
  EXPECT_FALSE(pace(0.7, 0.6).time_bound);
  EXPECT_EQ(pace(0.999, 1.2).done, 1);
  EXPECT_EQ(pace(1, 0).done, 1);
}

TEST(PatchTstTraining, examples_that_do_not_fit_are_refused) {
  NEEDS_TRAINER();
  Toy data = toy();
  data.train.context.pop_back();
  const auto out = train_patchtst(data.rows, data.train, data.valid, small_training());
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().message, HasSubstr("context has a wrong size"));
}

TEST(PatchTstFile, names_the_file_that_cannot_be_read) {
  const auto absent = load_patchtst(temporary("no-such-weights"));
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, HasSubstr("no-such-weights"));
  const std::string path = temporary("weights");
  const PatchTst network = forecast::random_patchtst({}, 4);
  ASSERT_TRUE(save_patchtst(network, path));
  EXPECT_EQ(load_patchtst(path).value().serialize(), network.serialize());
  std::filesystem::resize_file(path, 10'000);
  const auto cut = load_patchtst(path);
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("cut short"));
}

}  // namespace
}  // namespace voltage::model
