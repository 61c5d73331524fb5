#include "forecast/patchtst.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.hpp"
#include "forecast/patchtst_math.hpp"

namespace voltage::forecast {
namespace {

constexpr float kNormEpsilon = 1e-5F;

// Attention of one sequence: qkv is [tokens][3·model], out is [tokens][model].
void attend(const float* qkv, std::size_t tokens, std::size_t model, std::size_t heads, float* out) {
  const std::size_t width = model / heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  std::vector<float> score(tokens);
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t t = 0; t < tokens; ++t) {
      const float* q = qkv + t * 3 * model + h * width;
      float top = -std::numeric_limits<float>::infinity();
      for (std::size_t s = 0; s < tokens; ++s) {
        const float* k = qkv + s * 3 * model + model + h * width;
        float dot = 0;
        for (std::size_t j = 0; j < width; ++j) dot += q[j] * k[j];
        score[s] = dot * scale;
        top = std::max(top, score[s]);
      }
      float sum = 0;
      for (float& v : score) sum += (v = std::exp(v - top));
      float* y = out + t * model + h * width;
      std::fill_n(y, width, 0.0F);
      for (std::size_t s = 0; s < tokens; ++s) {
        const float share = score[s] / sum;
        const float* v = qkv + s * 3 * model + 2 * model + h * width;
        for (std::size_t j = 0; j < width; ++j) y[j] += share * v[j];
      }
    }
  }
}

double softplus(double x) {
  return x > 30 ? x : std::log1p(std::exp(x));
}

// max(0, u) with its corner rounded by a parabola. Each step rises with u also after rounding.
double hinge(double u) {
  if (u <= -kPatchTstCorner) return 0;
  if (u >= kPatchTstCorner) return u;
  const double v = u + kPatchTstCorner;
  return v * v / (4 * kPatchTstCorner);
}

}  // namespace

std::vector<float> PatchTst::tokens(std::span<const float> window, const std::vector<bool>& present,
                                    std::vector<std::size_t>& units) const {
  const PatchTstShape& s = card_.shape;
  const auto series = static_cast<std::size_t>(s.series());
  const auto bars = static_cast<std::size_t>(s.window);
  const auto first = static_cast<std::size_t>(s.first_bar());
  // Series by series, so that a patch is a contiguous piece.
  std::vector<float> clean(series * bars, 0.0F);
  std::size_t column = 0;
  for (std::size_t g = 0; g < static_cast<std::size_t>(s.groups); ++g) {
    for (std::size_t end = column + static_cast<std::size_t>(s.group_series[g]); column < end; ++column) {
      if (!present[g]) continue;
      float* row = clean.data() + column * bars;
      for (std::size_t i = first; i < bars; ++i) {
        row[i] = (window[i * series + column] - series_mean_[column]) / series_sd_[column];
      }
      if (s.revin != 0) normalise_window(row + first, bars - first);
    }
  }
  const auto patches = static_cast<std::size_t>(s.patches());
  const auto patch = static_cast<std::size_t>(s.patch);
  const auto stride = static_cast<std::size_t>(s.stride);
  const auto model = static_cast<std::size_t>(s.model);
  std::vector<float> x;
  std::vector<float> input;
  std::size_t from = 0;
  for (std::size_t u = 0; u < static_cast<std::size_t>(s.units()); ++u) {
    const std::size_t count = s.flattened != 0 ? series : static_cast<std::size_t>(s.group_series[u]);
    if (s.flattened != 0 || present[u]) {
      units.push_back(u);
      for (std::size_t p = 0; p < patches; ++p) {
        input.clear();
        for (std::size_t c = 0; c < count; ++c) {
          const float* piece = clean.data() + (from + c) * bars + first + p * stride;
          input.insert(input.end(), piece, piece + patch);
        }
        if (s.flattened != 0) {
          for (const bool there : present) input.push_back(there ? 0.0F : 1.0F);
        }
        const std::size_t at = x.size();
        x.resize(at + model);
        const float* place = position_ + p * model;
        affine(input.data(), 1, token_[u].in, token_[u].weight, token_[u].bias, model, x.data() + at);
        for (std::size_t j = 0; j < model; ++j) x[at + j] += place[j];
      }
    }
    from += count;
  }
  return x;
}

void PatchTst::encode(std::vector<float>& x, std::size_t sequences) const {
  const auto patches = static_cast<std::size_t>(card_.shape.patches());
  const auto model = static_cast<std::size_t>(card_.shape.model);
  const auto heads = static_cast<std::size_t>(card_.shape.heads);
  const auto hidden = static_cast<std::size_t>(card_.shape.hidden);
  const std::size_t rows = sequences * patches;
  std::vector<float> normal(rows * model);
  std::vector<float> wide(rows * std::max(3 * model, hidden));
  std::vector<float> update(rows * model);
  auto add = [&] {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += update[i];
  };
  auto apply = [rows](const Linear& l, const std::vector<float>& from, std::vector<float>& to) {
    affine(from.data(), rows, l.in, l.weight, l.bias, l.out, to.data());
  };
  for (const Layer& layer : layers_) {
    layer_norm(x.data(), rows, model, layer.norm1_scale, layer.norm1_shift, kNormEpsilon, normal.data());
    apply(layer.qkv, normal, wide);
    for (std::size_t q = 0; q < sequences; ++q) {
      attend(wide.data() + q * patches * 3 * model, patches, model, heads, normal.data() + q * patches * model);
    }
    apply(layer.out, normal, update);
    add();
    layer_norm(x.data(), rows, model, layer.norm2_scale, layer.norm2_shift, kNormEpsilon, normal.data());
    apply(layer.up, normal, wide);
    gelu(wide.data(), rows * hidden);
    apply(layer.down, wide, update);
    add();
  }
  layer_norm(x.data(), rows, model, norm_scale_, norm_shift_, kNormEpsilon, normal.data());
  x.swap(normal);
}

std::optional<PatchTstEmbedding> PatchTst::embed(std::span<const float> window) const {
  const PatchTstShape& s = card_.shape;
  const auto series = static_cast<std::size_t>(s.series());
  CHECK(window.size() == static_cast<std::size_t>(s.window) * series);
  std::vector<bool> present;
  std::size_t column = 0;
  for (std::int32_t g = 0; g < s.groups; ++g) {
    const std::size_t end = column + static_cast<std::size_t>(s.group_series[g]);
    bool whole = true;
    for (auto i = static_cast<std::size_t>(s.first_bar()); i < static_cast<std::size_t>(s.window); ++i) {
      for (std::size_t c = column; c < end; ++c) whole = whole && std::isfinite(window[i * series + c]);
    }
    present.push_back(whole);
    column = end;
  }
  if (!present[0]) return std::nullopt;

  std::vector<std::size_t> units;
  std::vector<float> x = tokens(window, present, units);
  encode(x, units.size());
  PatchTstEmbedding out;
  out.units.resize(static_cast<std::size_t>(s.units()));
  const auto length = static_cast<std::size_t>(s.patches() * s.model);
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Linear& l = heads_[units[i]].window;
    PatchTstEmbedding::Unit unit{std::vector<float>(l.out)};
    affine(x.data() + i * length, 1, l.in, l.weight, l.bias, l.out, unit.sums.data());
    out.units[units[i]] = std::move(unit);
  }
  return out;
}

PatchTstCurve PatchTst::head(const PatchTstEmbedding& embedding, std::span<const float> context) const {
  CHECK(context.size() == static_cast<std::size_t>(card_.shape.context));
  CHECK(embedding.units.size() == heads_.size());
  std::vector<float> c(context.size());
  for (std::size_t i = 0; i < c.size(); ++i) {
    c[i] = patchtst_context_input(card_.shape, context[i], context_mean_[i], context_sd_[i]);
  }
  const auto width = static_cast<std::size_t>(card_.shape.head);
  std::vector<float> first(width);
  std::vector<float> second(width);
  std::array<float, kPatchTstOutputs> out{};
  PatchTstCurve curve;
  double top = -std::numeric_limits<double>::infinity();
  for (std::size_t u = 0; u < heads_.size(); ++u) {
    if (!embedding.units[u]) continue;
    const HeadUnit& h = heads_[u];
    affine(c.data(), 1, h.context.in, h.context.weight, embedding.units[u]->sums.data(), width, first.data());
    gelu(first.data(), width);
    affine(first.data(), 1, width, h.second.weight, h.second.bias, width, second.data());
    gelu(second.data(), width);
    affine(second.data(), 1, width, h.third.weight, h.third.bias, kPatchTstOutputs, out.data());
    PatchTstCurve::Unit unit;
    unit.offset = static_cast<double>(out[0]);
    unit.slope = softplus(static_cast<double>(out[1]));
    for (std::size_t k = 0; k < kPatchTstHinges; ++k) unit.slopes[k] = softplus(static_cast<double>(out[2 + k]));
    unit.weight = static_cast<double>(out[2 + kPatchTstHinges]);
    top = std::max(top, unit.weight);
    curve.units.push_back(unit);
  }
  double sum = 0;
  for (auto& unit : curve.units) sum += (unit.weight = std::exp(unit.weight - top));
  for (auto& unit : curve.units) unit.weight /= sum;
  return curve;
}

namespace {

double unit_logit(const PatchTstCurve::Unit& unit, double lz) {
  double fall = unit.slope * lz;
  for (std::size_t k = 0; k < kPatchTstHinges; ++k) fall += unit.slopes[k] * hinge(lz - kPatchTstKnots[k]);
  return unit.offset - fall;
}

}  // namespace

double PatchTstCurve::probability(double lz) const {
  double p = 0;
  for (const auto& unit : units) p += unit.weight / (1 + std::exp(-unit_logit(unit, lz)));
  return std::min(p, 1.0);
}

double PatchTstCurve::logit(double lz) const {
  if (units.size() == 1) return unit_logit(units[0], lz);
  double p = 0;
  double q = 0;
  for (const auto& unit : units) {
    // Kept within what a double's exp can hold; beyond it both sums would lose their smaller part anyway.
    const double l = std::clamp(unit_logit(unit, lz), -500.0, 500.0);
    p += unit.weight / (1 + std::exp(-l));
    q += unit.weight / (1 + std::exp(l));
  }
  return std::log(p) - std::log(q);
}

}  // namespace voltage::forecast
