#pragma once
// The border between the product and its trainer module, libvoltage_torch.so: plain C, C++17, no exceptions.
// Pointers are owned by the caller and live as long as the call. A call that fails returns non-zero and
// writes one line to `error`.
#include <cstddef>
#include <cstdint>

#include "forecast/patchtst_shape.hpp"

// Both sides say which version they were built for; the caller refuses another one's module.
#define VOLTAGE_PATCHTST_ABI 4

extern "C" {

struct VoltagePatchTstSet {
  std::int64_t windows;
  std::int64_t queries;
  const std::uint32_t* end_bar;  // [windows]
  std::int64_t shared;
  const float* shared_context;  // [windows][shared], the first part of each question's context; NaN = unknown
  const float* context;         // [windows][queries][shape.context − shared]; NaN = unknown
  const float* outcome;         // [windows][queries], NaN = none
  const float* weight;          // [windows][queries] or null
};

struct VoltagePatchTstReport {
  std::int64_t step;
  std::int64_t steps;
  double train_loss;
  double valid_loss;  // NaN if none at this step
  double seconds;
};

struct VoltagePatchTstJob {
  voltage::forecast::PatchTstShape shape;
  const float* rows;  // [bars][series], NaN = missing
  std::int64_t bars;
  VoltagePatchTstSet train;
  VoltagePatchTstSet valid;
  const float* statistics;  // series mean, series sd, context mean, context sd
  std::uint64_t seed;
  std::int64_t steps;
  std::int64_t batch;
  double learning_rate;
  double weight_decay;
  double blank;
  double dropout;
  std::int64_t valid_every;
  std::int64_t patience;
  double max_seconds;
  const void* resume;  // a checkpoint of this very job, or null
  std::size_t resume_size;
  void* user;
  int (*progress)(void* user, const VoltagePatchTstReport* report);          // non-zero = stop now
  int (*checkpoint)(void* user, const void* bytes, std::size_t size);        // non-zero = could not be kept
  void (*point)(void* user, std::int64_t step, double train, double valid);  // the loss curve, at the end
  void (*result)(void* user, const float* values, std::size_t size, double best_valid, int time_bound, int early);
};

__attribute__((visibility("default"))) int voltage_patchtst_abi();
__attribute__((visibility("default"))) int voltage_patchtst_train(const VoltagePatchTstJob* job, char* error,
                                                                  std::size_t error_size);
// p: [windows][queries][moves]
__attribute__((visibility("default"))) int voltage_patchtst_forward(const voltage::forecast::PatchTstShape* shape,
                                                                    const float* values, const float* rows,
                                                                    std::int64_t bars, const VoltagePatchTstSet* set,
                                                                    const float* lz, std::int64_t moves, double* p,
                                                                    char* error, std::size_t error_size);
}
