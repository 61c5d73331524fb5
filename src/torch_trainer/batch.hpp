#pragma once
// Windows and questions of one step, cut from the rows on the fly: what the network reads, ready for it.
#include <cstdint>
#include <vector>

#include "model/patchtst_abi.h"

namespace voltage::torch_trainer {

// Stateless randomness: a number for each (seed, step, place, use), so that a resumed run draws what the
// uninterrupted one would have drawn.
std::uint64_t draw(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c);
double draw_uniform(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c);

struct Batch {
  std::int64_t windows{};
  std::int64_t queries{};
  std::int64_t moves{};
  std::vector<std::vector<float>> tokens;  // a unit: [windows][patches][token_inputs]
  std::vector<float> present;              // [windows][units], 1 or 0
  std::vector<float> context;              // [windows·queries][context], standardised
  std::vector<float> lz;                   // [windows·queries][moves]
  std::vector<float> label;                // the same
  std::vector<float> weight;               // [windows·queries]
};

struct Source {
  const forecast::PatchTstShape* shape{};
  const float* rows{};
  const float* statistics{};
};

// Where the moves of a question lie: stratified at random in training, fixed in validation.
struct Moves {
  std::int64_t count{};
  bool random{};
  const float* fixed{};  // overrides both: [count]
};

// The windows `members[from…to)` of the set. blank: how often a channel but the first is blanked.
Batch make_batch(const Source& source, const VoltagePatchTstSet& set, const std::uint32_t* members, std::int64_t count,
                 const Moves& moves, double blank, std::uint64_t seed, std::uint64_t step);

// Has the window every value of its first channel?
bool complete(const forecast::PatchTstShape& shape, const float* rows, std::int64_t bars, std::uint32_t end_bar);

}  // namespace voltage::torch_trainer
