#include "torch_trainer/batch.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::torch_trainer {
namespace {

// Moves asked for lie here, in lz = ln(move / scale): from a seventh of a standard deviation to six of them.
constexpr double kLowest = -2.0;
constexpr double kHighest = 1.8;
constexpr float kFarBack = -20.0F;  // stands for an outcome of exactly zero
constexpr double kWindowEpsilon = 1e-6;

struct Window {
  std::vector<float> values;  // [series][used bars], standardised
  std::vector<char> present;  // a group
};

void cut(const Source& source, std::uint32_t end_bar, Window& out) {
  const auto& s = *source.shape;
  const std::int64_t series = s.series();
  const std::int64_t bars = s.window - s.first_bar();
  const float* first = source.rows + (static_cast<std::int64_t>(end_bar) + 1 - bars) * series;
  out.values.assign(static_cast<std::size_t>(series * bars), 0.0F);
  out.present.assign(static_cast<std::size_t>(s.groups), 1);
  std::int64_t column = 0;
  for (std::int32_t g = 0; g < s.groups; ++g) {
    for (const std::int64_t end = column + s.group_series[g]; column < end; ++column) {
      float* row = out.values.data() + column * bars;
      double sum = 0;
      double squares = 0;
      for (std::int64_t i = 0; i < bars; ++i) {
        const float v = first[i * series + column];
        if (!std::isfinite(v)) out.present[static_cast<std::size_t>(g)] = 0;
        row[i] = (v - source.statistics[column]) / source.statistics[series + column];
        sum += row[i];
      }
      if (s.revin == 0) continue;
      const double mean = sum / static_cast<double>(bars);
      for (std::int64_t i = 0; i < bars; ++i) squares += (row[i] - mean) * (row[i] - mean);
      const double variance = squares / static_cast<double>(bars);
      const double inverse = variance > kWindowEpsilon ? 1 / std::sqrt(variance) : 0;
      for (std::int64_t i = 0; i < bars; ++i) row[i] = static_cast<float>((row[i] - mean) * inverse);
    }
  }
}

void blank_missing(const forecast::PatchTstShape& s, Window& w) {
  const std::int64_t bars = s.window - s.first_bar();
  std::int64_t column = 0;
  for (std::int32_t g = 0; g < s.groups; column += s.group_series[g], ++g) {
    if (w.present[static_cast<std::size_t>(g)] != 0) continue;
    std::fill_n(w.values.data() + column * bars, s.group_series[g] * bars, 0.0F);
  }
}

void put_tokens(const forecast::PatchTstShape& s, const Window& w, std::int64_t at, Batch& out) {
  const std::int64_t bars = s.window - s.first_bar();
  std::int64_t column = 0;
  for (std::int32_t u = 0; u < s.units(); ++u) {
    const std::int64_t count = s.flattened != 0 ? s.series() : s.group_series[u];
    float* to = out.tokens[static_cast<std::size_t>(u)].data() + at * s.patches() * s.token_inputs(u);
    for (std::int32_t p = 0; p < s.patches(); ++p) {
      for (std::int64_t c = 0; c < count; ++c) {
        to = std::copy_n(w.values.data() + (column + c) * bars + p * s.stride, s.patch, to);
      }
      if (s.flattened == 0) continue;
      for (const char there : w.present) *to++ = there != 0 ? 0.0F : 1.0F;
    }
    column += count;
    out.present[static_cast<std::size_t>(at * s.units() + u)] =
        s.flattened != 0 || w.present[static_cast<std::size_t>(u)] != 0 ? 1.0F : 0.0F;
  }
}

}  // namespace

std::uint64_t draw(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t z = seed;
  for (const std::uint64_t word : {a, b, c}) {
    z += 0x9e3779b97f4a7c15U + word;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    z ^= z >> 31;
  }
  return z;
}

double draw_uniform(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return static_cast<double>(draw(seed, a, b, c) >> 11) * 0x1.0p-53;
}

bool complete(const forecast::PatchTstShape& shape, const float* rows, std::int64_t bars, std::uint32_t end_bar) {
  const std::int64_t used = shape.window - shape.first_bar();
  const std::int64_t end = static_cast<std::int64_t>(end_bar) + 1;
  if (end > bars || end < shape.window) return false;
  for (std::int64_t i = end - used; i < end; ++i) {
    for (std::int32_t c = 0; c < shape.group_series[0]; ++c) {
      if (!std::isfinite(rows[i * shape.series() + c])) return false;
    }
  }
  return true;
}

Batch make_batch(const Source& source, const VoltagePatchTstSet& set, const std::uint32_t* members, std::int64_t count,
                 const Moves& moves, double blank, std::uint64_t seed, std::uint64_t step) {
  const auto& s = *source.shape;
  Batch out;
  out.windows = count;
  out.queries = set.queries;
  out.moves = moves.count;
  const std::int64_t questions = count * set.queries;
  for (std::int32_t u = 0; u < s.units(); ++u) {
    out.tokens.emplace_back(static_cast<std::size_t>(count * s.patches() * s.token_inputs(u)));
  }
  out.present.resize(static_cast<std::size_t>(count * s.units()));
  out.context.resize(static_cast<std::size_t>(questions * s.context));
  out.lz.resize(static_cast<std::size_t>(questions * moves.count));
  out.label.resize(out.lz.size());
  out.weight.resize(static_cast<std::size_t>(questions));
  const float* context_mean = source.statistics + 2 * s.series();
  const float* context_sd = context_mean + s.context;
  const double stratum = (kHighest - kLowest) / static_cast<double>(moves.count);
  Window window;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t member = members[i];
    cut(source, set.end_bar[member], window);
    for (std::int32_t g = 1; g < s.groups && blank > 0; ++g) {
      if (draw_uniform(seed, step, member, 1000U + static_cast<std::uint64_t>(g)) < blank) {
        window.present[static_cast<std::size_t>(g)] = 0;
      }
    }
    blank_missing(s, window);
    put_tokens(s, window, i, out);
    for (std::int64_t q = 0; q < set.queries; ++q) {
      const std::int64_t from = static_cast<std::int64_t>(member) * set.queries + q;
      const std::int64_t to = i * set.queries + q;
      const float* shared = set.shared_context + static_cast<std::int64_t>(member) * set.shared;
      const float* own = set.context + from * (s.context - set.shared);
      for (std::int32_t k = 0; k < s.context; ++k) {
        const float v = k < set.shared ? shared[k] : own[k - set.shared];
        out.context[static_cast<std::size_t>(to * s.context + k)] =
            forecast::patchtst_context_input(s, v, context_mean[k], context_sd[k]);
      }
      const float outcome = set.outcome[from];
      out.weight[static_cast<std::size_t>(to)] =
          std::isnan(outcome) ? 0.0F : (set.weight != nullptr ? set.weight[from] : 1.0F);
      for (std::int64_t m = 0; m < moves.count; ++m) {
        const double within =
            moves.random ? draw_uniform(seed, step, member, static_cast<std::uint64_t>(q * moves.count + m)) : 0.5;
        const float lz = moves.fixed != nullptr
                             ? moves.fixed[m]
                             : static_cast<float>(kLowest + stratum * (static_cast<double>(m) + within));
        const auto at = static_cast<std::size_t>(to * moves.count + m);
        out.lz[at] = lz;
        out.label[at] = std::max(outcome, kFarBack) > lz ? 1.0F : 0.0F;
      }
    }
  }
  return out;
}

}  // namespace voltage::torch_trainer
