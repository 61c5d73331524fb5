// The average of networks answers with the mean of their probabilities, and is silent where one of them is.
#include "forecast/patchtst_average.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "forecast/patchtst_fixture.hpp"

namespace voltage::forecast {
namespace {

TEST(PatchTstAverage, is_the_mean_of_its_networks_probabilities_at_every_move) {
  std::vector<PatchTst> networks;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) networks.push_back(random_patchtst({}, seed));
  std::vector<PatchTst> alone;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) alone.push_back(random_patchtst({}, seed));
  const PatchTstAverage average{std::move(networks)};
  Rng rng{5};
  for (int round = 0; round < 20; ++round) {
    auto window = random_rows(60, rng.next());
    // Without order flow, now and then: its channel drops out of each network.
    if (round % 4 == 3) window[30 * 4 + 3] = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> context(5);
    for (auto& c : context) c = static_cast<float>(rng.normal());
    const auto embedding = average.embed(window);
    ASSERT_TRUE(embedding);
    const PatchTstCurve curve = average.head(*embedding, context);
    double before = 1;
    for (double lz = -3; lz < 3; lz += 0.25) {
      double mean = 0;
      for (const auto& n : alone) mean += n.head(*n.embed(window), context).probability(lz) / 3;
      EXPECT_NEAR(curve.probability(lz), mean, 1e-12);
      EXPECT_LE(curve.probability(lz), before + 1e-15);
      before = curve.probability(lz);
    }
  }
}

TEST(PatchTstAverage, has_no_answer_without_a_price) {
  std::vector<PatchTst> networks;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) networks.push_back(random_patchtst({}, seed));
  const PatchTstAverage average{std::move(networks)};
  auto window = random_rows(60, 7);
  window[40 * 4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(average.embed(window));
}

}  // namespace
}  // namespace voltage::forecast
