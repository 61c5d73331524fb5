#pragma once
// What is fitted on held-out data: each member's calibration, the weights of the blend, the calibration
// of the blend. All smooth over the horizon: a node borrows from its neighbours.
#include <vector>

#include "forecast/bundle.hpp"
#include "model/questions.hpp"

namespace voltage::model {

void calibrate(const std::vector<HeldOut>& answers, forecast::Bundle& bundle);

// Weights w >= 0, sum 1, that minimise the log loss of logistic(Σ w_m · logit_m), by exponentiated gradient.
// A member that is absent (NaN) in a fifth of the rows gets 0; other rows with an absent member are left out. A member
// whose weight ends below `least` gets 0 too.
struct BlendRow {
  std::array<double, forecast::kMembers> logit{};
  double weight{};
  bool moved{};
};
std::array<double, forecast::kMembers> blend_weights(const std::vector<BlendRow>& rows, double least = 0.02);

// Learnt weights, carried half way to what is believed before a record speaks: everything on the learned members. A
// member without a learnt weight stays without one; so do all as they are if no learned member is among them.
std::array<double, forecast::kMembers> steady_weights(std::array<double, forecast::kMembers> learnt,
                                                      double least = 0.02);

}  // namespace voltage::model
