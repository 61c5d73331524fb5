// What is believed before anything was learned, against the outcomes of recorded markets.
#include <cmath>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "io/line_reader.hpp"
#include "strategy/belief.hpp"
#include "support/recordings.hpp"

namespace voltage::app {
namespace {

struct Mid {
  double price{};
  bool yes{};
};

// ts_ms,market,yes_mid,strike,close_utc,result
std::vector<Mid> mids(const std::string& file) {
  std::vector<Mid> out;
  auto lines = io::LineReader::open(file);
  EXPECT_TRUE(lines);
  for (auto line = lines->next(); line && *line; line = lines->next()) {
    if (lines->line_number() == 1) continue;
    std::istringstream cells{std::string{**line}};
    std::string cell;
    Mid mid;
    for (int i = 0; std::getline(cells, cell, ','); ++i) {
      if (i == 2) mid.price = std::stod(cell);
      if (i == 5) mid.yes = cell == "yes";
    }
    out.push_back(mid);
  }
  return out;
}

TEST(BeliefRecorded, outcomes_bear_out_that_favourites_are_too_cheap) {
  NEEDS_RECORDINGS(data);
  const auto rows = mids(data + "/kalshi_kxbtc15m/mids_2026-07.csv.gz");
  ASSERT_GT(rows.size(), 1'000U);
  // Where nothing is known of the index the blend is the market's word alone.
  const strategy::Belief belief;
  double market = 0, ours = 0;
  for (const auto& row : rows) {
    const double p = belief.probability({0.5, row.price, 0, 1e9});
    market -= std::log(row.yes ? row.price : 1 - row.price);
    ours -= std::log(row.yes ? p : 1 - p);
  }
  EXPECT_LT(ours, market);
}

}  // namespace
}  // namespace voltage::app
