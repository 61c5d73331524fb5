#pragma once
// The whole training: season, scales, trees, calibration, weights. Deterministic by seed.
//
// Time is split once: members learn on what lies before `held_out_from` (less a day's embargo, so that no
// outcome reaches over), calibrators and weights on what lies after.
#include <functional>
#include <string>

#include "forecast/bundle.hpp"
#include "io/candle_file.hpp"
#include "model/lightgbm.hpp"
#include "model/questions.hpp"

namespace voltage::model {

struct TrainOptions {
  Duration held_out{std::int64_t{180} * 24 * 60 * 60'000'000'000};
  TreeOptions trees;
  QuestionOptions questions;
};

// What is going on and how far it is, 0 to 1.
using Progress = std::function<void(const std::string& what, double done)>;

Result<forecast::Bundle> train(const io::Candles& candles, const TrainOptions& options, const Progress& progress);

}  // namespace voltage::model
