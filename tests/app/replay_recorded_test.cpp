// Goal: the recorded sessions, played through the whole core and journaled, replay to the last byte.
#include <gtest/gtest.h>

#include <filesystem>

#include "app/backtest/backtest.hpp"
#include "app/journal/explain.hpp"
#include "app/run/baseline_edge.hpp"
#include "support/recordings.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app {
namespace {

TEST(ReplayRecorded, of_all_recorded_sessions_is_equal_to_the_last_byte) {
  NEEDS_RECORDINGS(data);
  const std::string folder = data + "/kalshi_kxbtc15m";
  const voltage::testing::TempFolder temp;
  backtest::Options options;
  options.tape = folder + "/tape";
  options.spot = folder + "/coinbase_spot_ticks.csv.gz";
  options.history = folder + "/binance_btcusdt_5m_2026-03_05.csv.gz";
  options.results = folder + "/results.csv";
  options.out = temp.path("out");
  options.journal = temp.path("run");
  // Some orders, whatever they earn.
  options.strategy.edge_min = 0;
  options.strategy.belief.mean = {0, 1, 0, 0};
  options.forecasts = []() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BaselineEdge>(); };
  const auto ran = backtest::run(options);
  ASSERT_TRUE(ran) << ran.error().message;
  const auto report = journal::replay(options.journal);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->difference) << report->difference->seq << " " << report->difference->what;
  EXPECT_TRUE(report->ended_in_order);
  EXPECT_GT(report->events, static_cast<std::uint64_t>(ran->deltas));
  const auto check = journal::check_explanations(options.journal, 200, 1);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_GT(check->orders, 0);
  EXPECT_EQ(check->orders_explained, check->orders);
  for (const auto& line : check->failures) ADD_FAILURE() << line;
  std::printf("%lu events, %lu effects, %ld orders explained\n", report->events, report->effects, check->orders);
}

}  // namespace
}  // namespace voltage::app
