#include <algorithm>
#include <cmath>

#include "torch_trainer/batch.hpp"
#include "torch_trainer/training.hpp"

namespace voltage::torch_trainer {
namespace {

using forecast::kPatchTstHinges;
using forecast::kPatchTstKnots;

double normal_logit(double lz) {
  const double p = std::erfc(std::exp(lz) / std::sqrt(2.0));
  return std::log(p) - std::log1p(-p);
}

double inverse_softplus(double y) {
  return y > 30 ? y : std::log(std::expm1(std::max(y, 0.02)));
}

// Offset and slopes whose curve runs near a normal's.
void put_normal_curve(float* out) {
  constexpr double kStep = 0.05;
  auto slope = [](double lz) { return (normal_logit(lz - kStep) - normal_logit(lz + kStep)) / (2 * kStep); };
  const double first = slope(kPatchTstKnots[0] - 0.5);
  out[1] = static_cast<float>(inverse_softplus(first));
  double before = first;
  for (std::int32_t k = 0; k < kPatchTstHinges; ++k) {
    const double next = k + 1 < kPatchTstHinges ? (kPatchTstKnots[k] + kPatchTstKnots[k + 1]) / 2 : kPatchTstKnots[k];
    const double here = std::min(slope(next), 8.0);  // the tails of returns are fatter than a normal's
    out[2 + k] = static_cast<float>(inverse_softplus(here - before));
    before = std::max(here, before);
  }
  out[0] = static_cast<float>(normal_logit(kPatchTstKnots[0]) + first * kPatchTstKnots[0]);
  out[2 + kPatchTstHinges] = 0;
}

}  // namespace

std::vector<float> first_values(const forecast::PatchTstShape& shape, const float* statistics, std::uint64_t seed) {
  std::vector<float> out;
  out.reserve(forecast::patchtst_size(shape));
  std::uint64_t tensor = 0;
  for (const auto& t : forecast::patchtst_layout(shape)) {
    ++tensor;
    if (!t.trained) {
      out.insert(out.end(), statistics, statistics + t.size());
      statistics += t.size();
      continue;
    }
    auto ends = [&t](const char* suffix) {
      const std::string s(suffix);
      return t.name.size() >= s.size() && t.name.compare(t.name.size() - s.size(), s.size(), s) == 0;
    };
    double reach = 0;  // uniform in ± this
    if (t.rows > 1) reach = std::sqrt(3.0 / static_cast<double>(t.rows));
    if (ends("out.weight") || ends("down.weight")) reach /= std::sqrt(2.0 * shape.layers);
    if (ends("weight3")) reach *= 0.1;
    if (t.name == "position") reach = 0.1;
    const float base = ends(".scale") ? 1.0F : 0.0F;
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double u = 2 * draw_uniform(seed, 0xf157, tensor, i) - 1;
      out.push_back(base + static_cast<float>(reach * u));
    }
    if (ends("bias3")) put_normal_curve(out.data() + out.size() - t.size());
  }
  return out;
}

}  // namespace voltage::torch_trainer
