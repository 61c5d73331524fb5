#include "torch_trainer/attention.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace voltage::torch_trainer {
namespace {

constexpr std::int64_t kLanes = 8;

float dot(const float* a, const float* b, std::int64_t n) {
  float lane[kLanes] = {};
  std::int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    for (std::int64_t l = 0; l < kLanes; ++l) lane[l] += a[j + l] * b[j + l];
  }
  float rest = 0;
  for (; j < n; ++j) rest += a[j] * b[j];
  for (const float v : lane) rest += v;
  return rest;
}

void add_scaled(float* y, float by, const float* x, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) y[j] += by * x[j];
}

}  // namespace

void attention_forward(const AttentionShape& shape, const float* qkv, float* out, float* share) {
  const auto [sequences, tokens, model, heads] = shape;
  const std::int64_t width = model / heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  std::fill_n(out, sequences * tokens * model, 0.0F);
  for (std::int64_t n = 0; n < sequences; ++n, qkv += tokens * 3 * model, out += tokens * model) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t t = 0; t < tokens; ++t, share += tokens) {
        const float* q = qkv + t * 3 * model + h * width;
        float top = -1e30F;
        for (std::int64_t s = 0; s < tokens; ++s) {
          share[s] = dot(q, qkv + s * 3 * model + model + h * width, width) * scale;
          top = std::max(top, share[s]);
        }
        float sum = 0;
        for (std::int64_t s = 0; s < tokens; ++s) sum += (share[s] = std::exp(share[s] - top));
        for (std::int64_t s = 0; s < tokens; ++s) {
          share[s] /= sum;
          add_scaled(out + t * model + h * width, share[s], qkv + s * 3 * model + 2 * model + h * width, width);
        }
      }
    }
  }
}

void attention_backward(const AttentionShape& shape, const float* qkv, const float* share, const float* out_gradient,
                        float* qkv_gradient) {
  const auto [sequences, tokens, model, heads] = shape;
  const std::int64_t width = model / heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  std::fill_n(qkv_gradient, sequences * tokens * 3 * model, 0.0F);
  std::vector<float> by_share(static_cast<std::size_t>(tokens));
  for (std::int64_t n = 0; n < sequences; ++n) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t t = 0; t < tokens; ++t, share += tokens) {
        const float* g = out_gradient + t * model + h * width;
        float mean = 0;
        for (std::int64_t s = 0; s < tokens; ++s) {
          const std::int64_t at = s * 3 * model + 2 * model + h * width;
          add_scaled(qkv_gradient + at, share[s], g, width);
          by_share[static_cast<std::size_t>(s)] = dot(g, qkv + at, width);
          mean += share[s] * by_share[static_cast<std::size_t>(s)];
        }
        const std::int64_t q = t * 3 * model + h * width;
        for (std::int64_t s = 0; s < tokens; ++s) {
          const float by_score = share[s] * (by_share[static_cast<std::size_t>(s)] - mean) * scale;
          const std::int64_t k = s * 3 * model + model + h * width;
          add_scaled(qkv_gradient + q, by_score, qkv + k, width);
          add_scaled(qkv_gradient + k, by_score, qkv + q, width);
        }
      }
    }
    qkv += tokens * 3 * model;
    qkv_gradient += tokens * 3 * model;
    out_gradient += tokens * model;
  }
}

}  // namespace voltage::torch_trainer
