#pragma once
// The whole training: season, scales, trees, calibration, weights. Deterministic by seed.
//
// Time is split once: members learn on what lies before `held_out_from` (less a day's embargo, so that no
// outcome reaches over), calibrators and weights on what lies after. Then the trees are grown again on all.
#include <functional>
#include <string>
#include <vector>

#include "forecast/bundle.hpp"
#include "io/candle_file.hpp"
#include "model/lightgbm.hpp"
#include "model/patchtst_fit.hpp"
#include "model/questions.hpp"

namespace voltage::model {

struct TrainOptions {
  Duration held_out{std::int64_t{180} * 24 * 60 * 60'000'000'000};
  bool refit{true};  // grow the trees again on all data once calibrators and weights are fixed
  TreeOptions trees;
  QuestionOptions questions;
  PatchTstOptions patchtst;
};

// By the wall clock, for people: never part of a bundle.
struct TrainSeconds {
  double lightgbm{}, patchtst{}, calibration{};
  double total{};  // the rest is features, season, scales and questions
};

// What there is to say about a training beside its bundle.
struct TrainReport {
  std::string patchtst_fault;  // why there is no PatchTST in the bundle; empty if there is, or none was wanted
  std::vector<PatchTstLossPoint> patchtst_curve;
  std::vector<TreeLossPoint> lightgbm_curve;  // of the trees that calibrators and weights were fitted for
  bool patchtst_time_bound{};                 // its time budget shortened it
  std::string metrics;                        // of the held-out days, one JSON object
  TrainSeconds seconds;
};

// metrics.json of the bundle: the scores on the held-out days and the loss curves.
std::string metrics_json(const TrainReport& report);

// What is going on and how far it is, 0 to 1.
using Progress = std::function<void(const std::string& what, double done)>;

// Without a libtorch the bundle is made without PatchTST, and the report says so.
Result<forecast::Bundle> train(const io::Candles& candles, const TrainOptions& options, const Progress& progress,
                               TrainReport* report = nullptr);

}  // namespace voltage::model
