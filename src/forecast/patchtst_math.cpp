#include "forecast/patchtst_math.hpp"

#include <cmath>
#include <cstring>

namespace voltage::forecast {
namespace {

constexpr float kWindowEpsilon = 1e-6F;

// Four outputs at a time, said outright: left to itself, g++ 12 keeps the sums in memory and takes five
// times as long. Lanes never mix, so the width changes no result.
using Lanes = float __attribute__((vector_size(16)));
constexpr std::size_t kLanes = 4;
constexpr std::size_t kVectors = 4;
constexpr std::size_t kColumns = kLanes * kVectors;
constexpr std::size_t kRows = 3;

Lanes load(const float* from) {
  Lanes out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

// A block of rows x 16 outputs, its sums kept in registers.
template <std::size_t rows>
void block(const float* x, std::size_t in, const float* weight, const float* bias, std::size_t out, float* y) {
  Lanes sum[rows][kVectors];
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = load(bias + v * kLanes);
  }
  for (std::size_t k = 0; k < in; ++k) {
    const float* w = weight + k * out;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Lanes column = load(w + v * kLanes);
      for (std::size_t r = 0; r < rows; ++r) sum[r][v] += x[r * in + k] * column;
    }
  }
  for (std::size_t r = 0; r < rows; ++r) std::memcpy(y + r * out, sum[r], sizeof sum[r]);
}

// What is left over at the right edge.
void edge(const float* x, std::size_t rows, std::size_t in, const float* weight, const float* bias, std::size_t out,
          std::size_t columns, float* y) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < columns; ++j) {
      float sum = bias[j];
      for (std::size_t k = 0; k < in; ++k) sum += x[r * in + k] * weight[k * out + j];
      y[r * out + j] = sum;
    }
  }
}

}  // namespace

void affine(const float* x, std::size_t rows, std::size_t in, const float* weight, const float* bias, std::size_t out,
            float* y) {
  std::size_t j = 0;
  for (; j + kColumns <= out; j += kColumns) {
    std::size_t r = 0;
    for (; r + kRows <= rows; r += kRows) block<kRows>(x + r * in, in, weight + j, bias + j, out, y + r * out + j);
    for (; r < rows; ++r) block<1>(x + r * in, in, weight + j, bias + j, out, y + r * out + j);
  }
  if (j < out) edge(x, rows, in, weight + j, bias + j, out, out - j, y + j);
}

void layer_norm(const float* x, std::size_t rows, std::size_t width, const float* scale, const float* shift,
                float epsilon, float* y) {
  const auto n = static_cast<float>(width);
  for (std::size_t r = 0; r < rows; ++r, x += width, y += width) {
    float mean = 0;
    for (std::size_t j = 0; j < width; ++j) mean += x[j];
    mean /= n;
    float variance = 0;
    for (std::size_t j = 0; j < width; ++j) variance += (x[j] - mean) * (x[j] - mean);
    const float inverse = 1.0F / std::sqrt(variance / n + epsilon);
    for (std::size_t j = 0; j < width; ++j) y[j] = (x[j] - mean) * inverse * scale[j] + shift[j];
  }
}

void gelu(float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] = 0.5F * x[i] * (1.0F + std::erf(x[i] * 0.70710678F));
}

void normalise_window(float* x, std::size_t n) {
  float mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += x[i];
  mean /= static_cast<float>(n);
  float variance = 0;
  for (std::size_t i = 0; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean);
  variance /= static_cast<float>(n);
  const float inverse = variance > kWindowEpsilon ? 1.0F / std::sqrt(variance) : 0.0F;
  for (std::size_t i = 0; i < n; ++i) x[i] = (x[i] - mean) * inverse;
}

}  // namespace voltage::forecast
