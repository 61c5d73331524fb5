#pragma once
// PatchTST at work: the last 60 one-minute bars to P(|r_h| > x) for every h and x. Written out by hand, so
// that serving needs no libtorch and g++ and clang give the same bytes. Pure: no file, clock or thread.
//
//   embed: once a window.  head: once a (window, horizon).  curve: as many moves as wanted, for almost nothing.
//
// The curve cannot rise with the move: it is a sum of non-negative slopes times increasing functions of
// lz = ln(x / scale), where the caller picks the scale (a quick volatility times √h) as it did in training.
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "forecast/patchtst_shape.hpp"

namespace voltage::forecast {

// What the weights file says beside the numbers.
struct PatchTstCard {
  PatchTstShape shape;
  std::vector<std::string> series;   // names, in column order
  std::vector<std::string> context;  // names, in the order in which `head` wants them
};

// One window's summary. Valid only with the network that made it.
struct PatchTstEmbedding {
  struct Unit {
    std::vector<float> sums;  // first layer of the head, without the context
  };
  std::vector<std::optional<Unit>> units;  // empty: this channel had no input
};

// P(|r| > x) as a function of lz = ln(x / scale), for one window and one context.
class PatchTstCurve {
 public:
  double logit(double lz) const;
  double probability(double lz) const;

  struct Unit {
    double weight{};  // of this channel's probability in the average; they sum to one
    double offset{};
    double slope{};                                // >= 0
    std::array<double, kPatchTstHinges> slopes{};  // >= 0
  };
  std::vector<Unit> units;
};

class PatchTst {
 public:
  // Moves, and does not copy: it holds views of its own numbers.
  PatchTst(PatchTst&&) = default;
  PatchTst& operator=(PatchTst&&) = default;
  PatchTst(const PatchTst&) = delete;
  PatchTst& operator=(const PatchTst&) = delete;

  // The bytes of a weights file (docs/PATCHTST.md). Fails with what is wrong with them.
  static Result<PatchTst> parse(std::string_view bytes);
  // `values` in the order of patchtst_layout. Fails on a wrong shape, count or a value that is not finite.
  static Result<PatchTst> make(PatchTstCard card, std::vector<float> values);
  std::string serialize() const;

  const PatchTstCard& card() const { return card_; }
  const PatchTstShape& shape() const { return card_.shape; }
  const std::vector<float>& values() const { return values_; }

  // window: shape().window rows of shape().series() values, oldest first; NaN = missing. A channel with a
  // missing value in it is left out; without the first channel (price) there is no answer.
  std::optional<PatchTstEmbedding> embed(std::span<const float> window) const;
  // context: shape().context numbers; NaN = unknown, which stands for the training set's mean.
  PatchTstCurve head(const PatchTstEmbedding& embedding, std::span<const float> context) const;

 private:
  struct Linear {
    const float* weight{};
    const float* bias{};
    std::size_t in{};
    std::size_t out{};
  };
  struct Layer {
    const float *norm1_scale{}, *norm1_shift{}, *norm2_scale{}, *norm2_shift{};
    Linear qkv, out, up, down;
  };
  struct HeadUnit {
    Linear window, context, second, third;
  };
  PatchTst() = default;
  void bind();
  std::vector<float> tokens(std::span<const float> window, const std::vector<bool>& present,
                            std::vector<std::size_t>& units) const;
  void encode(std::vector<float>& x, std::size_t sequences) const;

  PatchTstCard card_;
  std::vector<float> values_;  // stays where it is on the heap when the object moves, so the views below hold
  const float *series_mean_{}, *series_sd_{}, *context_mean_{}, *context_sd_{};
  const float *position_{}, *norm_scale_{}, *norm_shift_{};
  std::vector<Linear> token_;
  std::vector<Layer> layers_;
  std::vector<HeadUnit> heads_;
};

}  // namespace voltage::forecast
