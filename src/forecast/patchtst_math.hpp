#pragma once
// The arithmetic of the PatchTST kernel. Every sum has one fixed order whatever the compiler does with it:
// vectors run over outputs, never over the terms of a sum.
#include <cstddef>

namespace voltage::forecast {

// y[rows][out] = x[rows][in]·weight[in][out] + bias[out]
void affine(const float* x, std::size_t rows, std::size_t in, const float* weight, const float* bias, std::size_t out,
            float* y);
void layer_norm(const float* x, std::size_t rows, std::size_t width, const float* scale, const float* shift,
                float epsilon, float* y);
// x·Φ(x), exact
void gelu(float* x, std::size_t n);
// To mean 0 and standard deviation 1 (a constant row becomes 0).
void normalise_window(float* x, std::size_t n);

}  // namespace voltage::forecast
