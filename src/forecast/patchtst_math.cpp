#include "forecast/patchtst_math.hpp"

#include <cmath>

namespace voltage::forecast {
namespace {

constexpr std::size_t kRows = 3;
constexpr std::size_t kColumns = 16;
constexpr float kWindowEpsilon = 1e-6F;

// A block of at most kRows x kColumns outputs, its sums kept in registers when it is a full one.
template <std::size_t rows>
void block(const float* x, std::size_t in, const float* weight, const float* bias, std::size_t out, std::size_t columns,
           float* y) {
  float sum[rows][kColumns];
  if (columns == kColumns) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < kColumns; ++j) sum[r][j] = bias[j];
    }
    for (std::size_t k = 0; k < in; ++k) {
      const float* w = weight + k * out;
      for (std::size_t r = 0; r < rows; ++r) {
        const float v = x[r * in + k];
        for (std::size_t j = 0; j < kColumns; ++j) sum[r][j] += v * w[j];
      }
    }
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < kColumns; ++j) y[r * out + j] = sum[r][j];
    }
    return;
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < columns; ++j) {
      float s = bias[j];
      for (std::size_t k = 0; k < in; ++k) s += x[r * in + k] * weight[k * out + j];
      y[r * out + j] = s;
    }
  }
}

}  // namespace

void affine(const float* x, std::size_t rows, std::size_t in, const float* weight, const float* bias, std::size_t out,
            float* y) {
  for (std::size_t j = 0; j < out; j += kColumns) {
    const std::size_t columns = out - j < kColumns ? out - j : kColumns;
    std::size_t r = 0;
    for (; r + kRows <= rows; r += kRows) {
      block<kRows>(x + r * in, in, weight + j, bias + j, out, columns, y + r * out + j);
    }
    for (; r < rows; ++r) block<1>(x + r * in, in, weight + j, bias + j, out, columns, y + r * out + j);
  }
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
