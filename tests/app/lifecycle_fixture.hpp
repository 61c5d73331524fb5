#pragma once
// A bundle trained on a simulated market, and weeks of that market that it never saw.
#include <gtest/gtest.h>

#include "app/lifecycle/contender.hpp"
#include "model/train.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::lifecycle {

struct TrainedMarket {
  io::Candles candles;  // all
  io::Candles seen;     // what training saw
  forecast::Bundle bundle;
};

inline TrainedMarket train_market(std::uint64_t seed, std::int64_t days, std::int64_t sealed_days) {
  using namespace literals;
  venue::sim::SimMarketOptions options;
  options.seed = seed;
  options.history = 24_h * days;
  TrainedMarket out;
  out.candles.fine = venue::sim::SimMarket{options}.history();
  out.candles.hash = "simulated " + std::to_string(seed);
  const auto& bars = out.candles.fine.bars;
  out.seen = bars_between(out.candles, bars.front().begin, bars.back().begin - 24_h * sealed_days);
  model::TrainOptions train;
  train.held_out = 24_h * 25;
  train.trees.rounds = 40;
  train.trees.leaf_rows_min = 300;
  train.questions.stride = 6;
  train.patchtst.wanted = false;
  auto bundle = model::train(out.seen, train, [](const std::string&, double) {});
  CHECK(bundle.has_value());
  out.bundle = std::move(*bundle);
  out.bundle.facts.expires = bars.back().begin + 24_h * 30;
  return out;
}

}  // namespace voltage::app::lifecycle
