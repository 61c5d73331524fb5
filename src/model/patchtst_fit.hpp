#pragma once
// PatchTST's part of a training: windows and questions drawn from the past, and the network that they teach.
#include <functional>
#include <memory>
#include <string>

#include "forecast/forecaster.hpp"
#include "model/patchtst_train.hpp"
#include "model/scale_fit.hpp"

namespace voltage::model {

struct PatchTstOptions {
  bool wanted{true};
  double passes{1.2};       // over all windows
  double max_seconds{300};  // a slow machine gets a shorter training; 0 = no bound
  std::size_t stride{5};    // minutes from one window to the next
  std::size_t each{6};      // questions a window
  std::uint64_t seed{1};
  std::size_t networks{3};  // of other seeds, whose answers are averaged
  bool revin{false};        // normalise each window by itself: erases the level of volatility (for the ablation)
  std::string checkpoint;   // file to resume from after a kill; empty = none
};

struct TrainedNetworks {
  std::vector<forecast::PatchTst> networks;
  std::vector<PatchTstLossPoint> curve;  // of the first
  bool time_bound{};                     // of any
};

// The scales of the bundle must be fitted. done: 0 to 1; false = stop.
Result<TrainedNetworks> fit_patchtst(const forecast::Bundle& bundle, const forecast::Past& past, SlotSpan span,
                                     const PatchTstOptions& options, const std::function<bool(double done)>& progress);

}  // namespace voltage::model
