#pragma once
// What a training run needs to go on as if it had not been killed.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "model/patchtst_abi.h"

namespace voltage::torch_trainer {

struct CurvePoint {
  std::int64_t step{};
  double train{};
  double valid{};
};

struct Progress {
  std::int64_t step{};
  double done{};  // 0 to 1
  double seconds{};
  double best_valid{std::numeric_limits<double>::infinity()};
  std::int64_t worse{};
  std::int32_t time_bound{};
  std::int32_t stopped_early{};
  std::vector<float> values, average, best, first_moment, second_moment;
  std::vector<CurvePoint> curve;
};

// A fingerprint of everything that decides the result: shape, options, examples, statistics.
std::uint64_t identity(const VoltagePatchTstJob& job);

std::vector<char> write_checkpoint(const Progress& progress, std::uint64_t identity);
// Throws std::runtime_error if the bytes are damaged or of another job.
Progress read_checkpoint(const void* bytes, std::size_t size, std::size_t values, std::uint64_t identity);

}  // namespace voltage::torch_trainer
