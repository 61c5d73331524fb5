#pragma once
// Attention over very short sequences, forward and backward. libtorch's batched products pay more for their
// calls than for the work when a sequence has six tokens; these loops are several times as fast.
#include <cstdint>

namespace voltage::torch_trainer {

struct AttentionShape {
  std::int64_t sequences;
  std::int64_t tokens;
  std::int64_t model;
  std::int64_t heads;
};

// qkv [sequences][tokens][3·model] -> out [sequences][tokens][model], share [sequences][heads][tokens][tokens]
void attention_forward(const AttentionShape& shape, const float* qkv, float* out, float* share);
// The gradient by qkv, from the one by out.
void attention_backward(const AttentionShape& shape, const float* qkv, const float* share, const float* out_gradient,
                        float* qkv_gradient);

}  // namespace voltage::torch_trainer
