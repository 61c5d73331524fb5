#pragma once
// The shape of a PatchTST and the order of its numbers: what the kernel, the trainer and the weights
// file agree on. Plain C++17 without dependencies, because the trainer is compiled with libtorch's headers.
//
// All numbers of a network lie in one vector of floats, tensor after tensor as in `patchtst_layout`, each
// row-major [rows][columns]. Matrices are [input][output]: y = x·W + b.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace voltage::forecast {

inline constexpr std::int32_t kPatchTstGroupsMax = 8;

// The head's curve: logit P(|r| > x) = offset − slope_0·lz − Σ slope_k·hinge(lz − knot_k), all slopes >= 0,
// where lz = ln(x / scale). hinge is max(0, u) with its corner rounded by a parabola over ±kPatchTstCorner.
inline constexpr double kPatchTstKnots[] = {-2.4, -1.7, -1.1, -0.6, -0.2, 0.15, 0.5, 0.85, 1.2, 1.6, 2.0};
inline constexpr std::int32_t kPatchTstHinges = static_cast<std::int32_t>(sizeof(kPatchTstKnots) / sizeof(double));
inline constexpr double kPatchTstCorner = 0.25;
// What a unit of the head puts out: the offset, slope_0, one slope a knot, and its say in the average.
inline constexpr std::int32_t kPatchTstOutputs = kPatchTstHinges + 3;

struct PatchTstShape {
  std::int32_t window{60};  // one-minute bars
  std::int32_t patch{16};
  std::int32_t stride{8};
  std::int32_t groups{3};                                  // channels: price, volume, order flow
  std::int32_t group_series[kPatchTstGroupsMax]{2, 1, 1};  // series in each
  std::int32_t model{32};                                  // width of a token
  std::int32_t heads{4};
  std::int32_t layers{2};
  std::int32_t hidden{64};    // width inside a layer's feed-forward part
  std::int32_t head{64};      // width inside the head
  std::int32_t context{0};    // numbers that the caller adds to a question (horizon, level, season, …)
  std::int32_t flattened{0};  // 1: one token holds the patch of all series; 0: channels are independent
  std::int32_t revin{0};      // 1: each window is normalised by itself (for the ablation: it blinds the network)
  // Context beyond so many standard deviations of training's counts as that many; 0: as it is. In a calm or a storm
  // that training has not seen, a network goes on along straight lines that nothing supports.
  std::int32_t context_bound{2};

  std::int32_t patches() const { return (window - patch) / stride + 1; }
  // The oldest bars that fill no patch are dropped.
  std::int32_t first_bar() const { return window - ((patches() - 1) * stride + patch); }
  std::int32_t series() const {
    std::int32_t sum = 0;
    for (std::int32_t g = 0; g < groups; ++g) sum += group_series[g];
    return sum;
  }
  // Sequences that pass through the encoder, and units of the head.
  std::int32_t units() const { return flattened != 0 ? 1 : groups; }
  std::int32_t token_inputs(std::int32_t unit) const {
    return flattened != 0 ? patch * series() + groups : patch * group_series[unit];
  }
};

// A number of the context as the network reads it: standardised, bounded, 0 (training's mean) where it is unknown.
inline float patchtst_context_input(const PatchTstShape& s, float value, float mean, float sd) {
  if (!std::isfinite(value)) return 0.0F;
  const float scaled = (value - mean) / sd;
  const auto bound = static_cast<float>(s.context_bound);
  return s.context_bound == 0 ? scaled : std::min(std::max(scaled, -bound), bound);
}

// Empty if a network of this shape can exist; else what is wrong with it.
inline std::string patchtst_shape_fault(const PatchTstShape& s) {
  auto in = [](std::int32_t v, std::int32_t low, std::int32_t high) { return v >= low && v <= high; };
  if (!in(s.window, 2, 1440)) return "window must be 2 to 1440 bars";
  if (!in(s.patch, 1, s.window)) return "patch must be 1 bar to the window";
  if (!in(s.stride, 1, s.window)) return "stride must be 1 bar to the window";
  if (!in(s.groups, 1, kPatchTstGroupsMax)) return "groups must be 1 to 8";
  for (std::int32_t g = 0; g < s.groups; ++g) {
    if (!in(s.group_series[g], 1, 16)) return "a group has 1 to 16 series";
  }
  if (!in(s.model, 1, 512)) return "model must be 1 to 512";
  if (!in(s.heads, 1, s.model) || s.model % s.heads != 0) return "heads must divide model";
  if (!in(s.layers, 1, 12)) return "layers must be 1 to 12";
  if (!in(s.hidden, 1, 2048)) return "hidden must be 1 to 2048";
  if (!in(s.head, 1, 512)) return "head must be 1 to 512";
  if (!in(s.context, 0, 256)) return "context must be 0 to 256 numbers";
  if (!in(s.flattened, 0, 1) || !in(s.revin, 0, 1)) return "flattened and revin are 0 or 1";
  if (!in(s.context_bound, 0, 100)) return "context_bound must be 0 to 100 standard deviations";
  if (s.patches() > 64) return "more than 64 patches: use a longer stride";
  return {};
}

struct PatchTstTensor {
  std::string name;
  std::size_t rows{};
  std::size_t columns{};
  bool trained{true};  // false: statistics of the training set
  std::size_t size() const { return rows * columns; }
};

inline std::vector<PatchTstTensor> patchtst_layout(const PatchTstShape& s) {
  std::vector<PatchTstTensor> out;
  auto add = [&out](const std::string& name, std::int32_t rows, std::int32_t columns, bool trained = true) {
    out.push_back({name, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), trained});
  };
  add("series.mean", 1, s.series(), false);
  add("series.sd", 1, s.series(), false);
  add("context.mean", 1, s.context, false);
  add("context.sd", 1, s.context, false);
  for (std::int32_t u = 0; u < s.units(); ++u) {
    const std::string p = "token." + std::to_string(u) + ".";
    add(p + "weight", s.token_inputs(u), s.model);
    add(p + "bias", 1, s.model);
  }
  add("position", s.patches(), s.model);
  for (std::int32_t l = 0; l < s.layers; ++l) {
    const std::string p = "layer." + std::to_string(l) + ".";
    add(p + "norm1.scale", 1, s.model);
    add(p + "norm1.shift", 1, s.model);
    add(p + "qkv.weight", s.model, 3 * s.model);
    add(p + "qkv.bias", 1, 3 * s.model);
    add(p + "out.weight", s.model, s.model);
    add(p + "out.bias", 1, s.model);
    add(p + "norm2.scale", 1, s.model);
    add(p + "norm2.shift", 1, s.model);
    add(p + "up.weight", s.model, s.hidden);
    add(p + "up.bias", 1, s.hidden);
    add(p + "down.weight", s.hidden, s.model);
    add(p + "down.bias", 1, s.model);
  }
  add("norm.scale", 1, s.model);
  add("norm.shift", 1, s.model);
  for (std::int32_t u = 0; u < s.units(); ++u) {
    const std::string p = "head." + std::to_string(u) + ".";
    add(p + "window.weight", s.patches() * s.model, s.head);
    add(p + "context.weight", s.context, s.head);
    add(p + "bias1", 1, s.head);
    add(p + "weight2", s.head, s.head);
    add(p + "bias2", 1, s.head);
    add(p + "weight3", s.head, kPatchTstOutputs);
    add(p + "bias3", 1, kPatchTstOutputs);
  }
  return out;
}

inline std::size_t patchtst_size(const PatchTstShape& s) {
  std::size_t n = 0;
  for (const auto& t : patchtst_layout(s)) n += t.size();
  return n;
}

}  // namespace voltage::forecast
