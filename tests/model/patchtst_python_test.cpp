// Goal: whoever has a weights file and PyTorch has the network: the reader that we ship agrees with the kernel.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "forecast/patchtst_fixture.hpp"
#include "model/patchtst_train.hpp"

namespace voltage::model {
namespace {

// Debian's PyTorch belongs to Debian's Python, whichever python3 comes first.
constexpr const char* kPython = "/usr/bin/python3";

std::vector<double> lines_of(const std::string& command) {
  std::vector<double> out;
  FILE* pipe = popen(command.c_str(), "r");
  char line[64];
  while (std::fgets(line, sizeof line, pipe) != nullptr) out.push_back(std::strtod(line, nullptr));
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

TEST(PatchTstInPyTorch, agrees_with_the_kernel) {
  if (std::system((std::string{kPython} + " -c 'import torch' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "no PyTorch for " << kPython << " (tools/setup.sh test installs it)";
  }
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    forecast::PatchTstShape shape;
    shape.flattened = seed == 2 ? 1 : 0;
    shape.revin = seed == 3 ? 1 : 0;
    shape.context_bound = seed == 2 ? 0 : 1;
    shape.stride = seed == 2 ? 16 : 8;
    const auto network = forecast::random_patchtst(shape, seed);
    const auto folder = std::filesystem::path(testing::TempDir());
    ASSERT_TRUE(save_patchtst(network, (folder / "open-me.weights").string()));
    std::vector<double> expected;
    std::ofstream questions(folder / "open-me.csv");
    questions.precision(9);
    Rng rng{seed};
    for (int i = 0; i < 60; ++i) {
      auto window = forecast::random_rows(60, rng.next());
      if (i % 10 == 3) window[100 * 2 + 3] = std::numeric_limits<float>::quiet_NaN();
      if (i % 10 == 7) window[100 * 2] = std::numeric_limits<float>::quiet_NaN();
      std::vector<float> context(5);
      for (auto& c : context) c = static_cast<float>(rng.normal());
      if (i % 10 == 5) context[1] = std::numeric_limits<float>::quiet_NaN();
      const auto lz = static_cast<float>(rng.uniform(-2, 2));
      for (const float v : window) questions << v << ',';
      for (const float v : context) questions << v << ',';
      questions << lz << '\n';
      const auto embedding = network.embed(window);
      expected.push_back(embedding ? network.head(*embedding, context).probability(static_cast<double>(lz))
                                   : std::numeric_limits<double>::quiet_NaN());
    }
    questions.close();
    const auto answers =
        lines_of(std::string{kPython} + " " VOLTAGE_SOURCE_DIR "/tools/patchtst_to_torch.py " +
                 (folder / "open-me.weights").string() + " --ask " + (folder / "open-me.csv").string());
    ASSERT_EQ(answers.size(), expected.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_EQ(std::isnan(answers[i]), std::isnan(expected[i])) << i;
      if (std::isnan(expected[i])) continue;
      ASSERT_NEAR(answers[i], expected[i], 1e-5);
    }
  }
}

}  // namespace
}  // namespace voltage::model
