// Candles without trade counts and taker volume: what a bundle that was trained with them loses on real ones.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "forecast/forecaster.hpp"
#include "forecast/scores.hpp"
#include "model/train.hpp"
#include "support/recordings.hpp"

namespace voltage::model {
namespace {

constexpr std::size_t kDay = 1440;

// Skill of the ensemble at one event, asked every 20 minutes from `from` on.
double skill(const forecast::Bundle& bundle, const market::CandleSeries& bars, std::size_t from, double minutes,
             double move) {
  const auto past = forecast::make_past(bars, {}, bundle.season);
  if (!past) return std::nan("");
  const forecast::Forecaster ask{bundle};
  std::vector<double> p;
  std::vector<std::uint8_t> y;
  const auto& history = past->history;
  for (std::size_t slot = from; slot + static_cast<std::size_t>(minutes) < history.size(); slot += 20) {
    const double outcome = log_outcome(history, slot, static_cast<std::size_t>(minutes), history.size());
    if (std::isnan(outcome) || std::isnan(history.point(slot).log_close)) continue;
    p.push_back(ask.answer(ask.ahead(ask.look(*past, slot), minutes), move).ensemble);
    y.push_back(outcome > std::log(move) ? 1 : 0);
  }
  return forecast::score_binary(p, y).skill;
}

TEST(BlankColumns, cost_at_most_a_tenth_of_the_skill) {
  NEEDS_RECORDINGS(folder);
  auto candles = io::read_candles({folder + "/btc_1m/binance_btcusdt_1m_2025h1.csv.gz"});
  ASSERT_TRUE(candles.has_value()) << candles.error().message;
  auto& bars = candles->fine.bars;
  ASSERT_GT(bars.size(), 145 * kDay);
  io::Candles early = *candles;
  early.fine.bars.resize(115 * kDay);
  TrainOptions o;
  o.held_out = Duration{std::int64_t{25} * 1440 * 60'000'000'000};
  o.trees.rounds = 60;
  o.trees.leaf_rows_min = 500;
  o.questions.stride = 10;
  o.patchtst.wanted = false;
  const auto bundle = train(early, o, [](const std::string&, double) {});
  ASSERT_TRUE(bundle.has_value()) << bundle.error().message;
  auto blank = candles->fine;
  for (auto& bar : blank.bars) bar.trades = bar.taker_buy = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [minutes, move] : {std::pair{15.0, 0.0015}, std::pair{15.0, 0.003}, std::pair{60.0, 0.006}}) {
    const double whole = skill(*bundle, candles->fine, 116 * kDay, minutes, move);
    const double without = skill(*bundle, blank, 116 * kDay, minutes, move);
    std::printf("%.0f minutes, %.2f %%: skill %.4f, without the columns %.4f\n", minutes, 100 * move, whole, without);
    EXPECT_GT(whole, 0.02) << "nothing to lose";
    EXPECT_GT(without, 0.9 * whole);
  }
}

}  // namespace
}  // namespace voltage::model
