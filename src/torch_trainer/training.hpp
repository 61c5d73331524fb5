#pragma once
// The training loop: AdamW with warm-up and a cosine, an exponential average of the weights, early stopping
// on validation, checkpoints. Each step's batch is cut into two fixed halves, a thread each, whose
// gradients are added in a fixed order: the same bytes on one core as on many.
#include <string>
#include <vector>

#include "model/patchtst_abi.h"

namespace voltage::torch_trainer {

// Throws std::runtime_error with one line for a person.
void train(const VoltagePatchTstJob& job);

// First weights: the curve of a normal law, everything else small and random.
std::vector<float> first_values(const forecast::PatchTstShape& shape, const float* statistics, std::uint64_t seed);

}  // namespace voltage::torch_trainer
