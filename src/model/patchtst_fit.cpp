#include "model/patchtst_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include "base/rng.hpp"
#include "forecast/patchtst_context.hpp"

namespace voltage::model {
namespace {

constexpr std::size_t kDay = 24 * 60;
constexpr std::size_t kWeek = 7 * kDay;
constexpr std::size_t kEvery = 20;      // one week of so many is for validation
constexpr std::size_t kWeeksMin = 40;   // less history than this keeps its last tenth for validation instead
constexpr std::size_t kValidEvery = 3;  // of the windows in a validation week
constexpr std::size_t kThreads = 2;
constexpr std::size_t kWindowsMin = 2'000;

enum class Use { train, valid, none };

// Validation is spread over the years, so that no one regime decides when to stop; a day on both sides of it
// is left out, because outcomes reach that far.
Use use_of(std::size_t slot, SlotSpan span) {
  const std::size_t at = slot - span.begin;
  const std::size_t length = span.end - span.begin;
  if (length < kWeeksMin * kWeek) {
    const std::size_t from = length - length / 10;
    if (at >= from) return Use::valid;
    return at + kDay >= from ? Use::none : Use::train;
  }
  const std::size_t phase = (at + 13 * kWeek) % (kEvery * kWeek);
  if (phase < kWeek) return Use::valid;
  return phase < kWeek + kDay || phase >= kEvery * kWeek - kDay ? Use::none : Use::train;
}

double draw_minutes(Rng& rng) {
  static constexpr std::array<double, 3> traded{15, 60, 240};
  if (rng.chance(0.4)) return traded[rng.below(traded.size())];
  return std::round(std::exp(rng.uniform(0, std::log(static_cast<double>(kDay)))));
}

PatchTstExamples room_for(std::size_t windows, std::size_t each) {
  PatchTstExamples out;
  const std::size_t questions = windows * each;
  out.queries = each;
  out.shared = forecast::patchtst_moment_context();
  out.end_bar.resize(windows);
  out.shared_context.resize(windows * out.shared);
  out.context.resize(questions * (forecast::patchtst_context_names().size() - out.shared));
  out.outcome.assign(questions, std::numeric_limits<float>::quiet_NaN());
  return out;
}

// One window and its questions, into place i.
void ask(const forecast::Forecaster& forecaster, const forecast::Past& past, SlotSpan span, std::size_t slot, Rng rng,
         std::size_t i, PatchTstExamples& out) {
  const auto& history = past.history;
  out.end_bar[i] = static_cast<std::uint32_t>(history.minute_of(slot) - past.rows.origin());
  const auto moment = forecaster.look(past, slot);
  std::vector<float> context(forecast::patchtst_context_names().size());
  const std::size_t own = context.size() - out.shared;
  for (std::size_t q = 0; q < out.queries; ++q) {
    const double minutes = draw_minutes(rng);
    const auto ahead = forecaster.ahead(moment, minutes);
    forecast::patchtst_context(ahead.row, context);
    if (q == 0) std::copy_n(context.begin(), out.shared, out.shared_context.data() + i * out.shared);
    std::copy_n(context.data() + out.shared, own, out.context.data() + (i * out.queries + q) * own);
    const double log_move = log_outcome(history, slot, static_cast<std::size_t>(minutes), span.end);
    out.outcome[i * out.queries + q] = static_cast<float>(log_move - ahead.scale.informed);
  }
}

PatchTstExamples draw(const forecast::Bundle& bundle, const forecast::Past& past, SlotSpan span,
                      const std::vector<std::size_t>& slots, const PatchTstOptions& options) {
  PatchTstExamples out = room_for(slots.size(), options.each);
  const forecast::Forecaster forecaster{bundle};
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < kThreads; ++part) {
    threads.emplace_back([&, part] {
      for (std::size_t i = slots.size() * part / kThreads; i < slots.size() * (part + 1) / kThreads; ++i) {
        ask(forecaster, past, span, slots[i], Rng{options.seed * 0x9e3779b97f4a7c15U + slots[i]}, i, out);
      }
    });
  }
  for (auto& t : threads) t.join();
  return out;
}

struct Windows {
  std::vector<std::size_t> train;
  std::vector<std::size_t> valid;
};

Windows choose_windows(const forecast::Past& past, SlotSpan span, std::size_t stride) {
  Windows out;
  std::size_t seen = 0;
  for (std::size_t slot = span.begin; slot < span.end; slot += stride) {
    const auto& point = past.history.point(slot);
    if (!point.fine || std::isnan(point.log_close)) continue;
    const Use use = use_of(slot, span);
    if (use == Use::train) out.train.push_back(slot);
    if (use == Use::valid && seen++ % kValidEvery == 0) out.valid.push_back(slot);
  }
  return out;
}

// The i-th network: other questions, other first values.
Result<TrainedPatchTst> fit_one(const forecast::Bundle& bundle, const forecast::Past& past, SlotSpan span,
                                const Windows& windows, PatchTstOptions options, std::size_t i,
                                const std::function<bool(double done)>& progress) {
  options.seed += i;
  const auto train = draw(bundle, past, span, windows.train, options);
  const auto valid = draw(bundle, past, span, windows.valid, options);
  PatchTstTraining training;
  training.context_names = forecast::patchtst_context_names();
  training.seed = options.seed;
  training.shape.revin = options.revin ? 1 : 0;
  training.steps =
      std::max<std::int64_t>(50, static_cast<std::int64_t>(options.passes * static_cast<double>(windows.train.size()) /
                                                           static_cast<double>(training.batch)));
  training.valid_every = std::max<std::int64_t>(10, training.steps / 12);
  training.max_seconds = options.max_seconds / static_cast<double>(options.networks);
  if (!options.checkpoint.empty()) training.checkpoint = fmt::format("{}.{}", options.checkpoint, i + 1);
  training.progress = [&](const PatchTstProgress& p) {
    const double by_time = training.max_seconds > 0 ? p.seconds / training.max_seconds : 0;
    return progress(std::min(1.0, std::max(by_time, static_cast<double>(p.step) / static_cast<double>(p.steps))));
  };
  return train_patchtst(past.rows.values(), train, valid, training);
}

}  // namespace

Result<TrainedNetworks> fit_patchtst(const forecast::Bundle& bundle, const forecast::Past& past, SlotSpan span,
                                     const PatchTstOptions& options, const std::function<bool(double done)>& progress) {
  if (const auto fault = patchtst_trainer_fault(); !fault.empty()) return fail(fault);
  const Windows windows = choose_windows(past, span, options.stride);
  if (windows.train.size() < kWindowsMin) {
    return fail(fmt::format("PatchTST: {} windows to learn from, {} are needed: give more 1-minute candles",
                            windows.train.size(), kWindowsMin));
  }
  TrainedNetworks out;
  const auto all = static_cast<double>(options.networks);
  for (std::size_t i = 0; i < options.networks; ++i) {
    auto one = fit_one(bundle, past, span, windows, options, i,
                       [&](double done) { return progress((static_cast<double>(i) + done) / all); });
    if (!one) return tl::unexpected(one.error());
    out.networks.push_back(std::move(one->network));
    if (i == 0) out.curve = std::move(one->curve);
    out.time_bound = out.time_bound || one->time_bound;
  }
  return out;
}

}  // namespace voltage::model
