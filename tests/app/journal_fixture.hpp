#pragma once
// A short demo that trades, and its journal.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "app/demo/demo.hpp"
#include "app/run/baseline_edge.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app::testing {

using voltage::testing::TempFolder;

// Makers who are wrong enough that the strategy trades.
inline std::string journaled_demo(const TempFolder& temp, std::uint64_t seed,
                                  Duration wall = Duration{2'000'000'000}) {
  demo::Options options;
  options.wall = wall;
  options.speed = 0;
  options.seed = seed;
  options.volatility_error = 2;
  options.history = Duration{86'400'000'000'000};
  options.say = [](const std::string&) {};
  options.forecasts = []() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BaselineEdge>(); };
  options.journal = temp.path("run");
  const auto outcome = demo::run(options);
  EXPECT_TRUE(outcome);
  EXPECT_GT(outcome->orders, 0) << "a run without an order proves little";
  return options.journal;
}

}  // namespace voltage::app::testing
