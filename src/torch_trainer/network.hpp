#pragma once
// The network in libtorch: its loss on a batch, the gradient, its probabilities. The only translation unit
// that sees libtorch's headers is behind this one. Not thread-safe: one Network a thread.
#include <memory>
#include <vector>

#include "torch_trainer/batch.hpp"

namespace voltage::torch_trainer {

// Sums over a batch, so that parts of one can be added.
struct Loss {
  double sum{};
  double weight{};
};

class Network {
 public:
  // values: in the order of patchtst_layout; read in place at each call, so a step of the optimiser is seen.
  Network(const forecast::PatchTstShape& shape, float* values);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  Loss loss(const Batch& batch);
  // Also writes the gradient of the sum, in the order of patchtst_layout, to `gradient`. `dropout` is the share
  // of the window's summary and of the head's first layer that is left out, drawn by `seed`.
  Loss gradient(const Batch& batch, double dropout, std::uint64_t seed, float* gradient);
  std::vector<double> probabilities(const Batch& batch);

 private:
  struct Tensors;
  std::unique_ptr<Tensors> tensors_;
};

// libtorch works on the calling thread alone from here on.
void use_one_thread();

}  // namespace voltage::torch_trainer
