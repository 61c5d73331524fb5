#include "model/train.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/time.hpp"
#include "features/assemble.hpp"
#include "features/schema.hpp"
#include "model/calibrate.hpp"
#include "model/held_out_metrics.hpp"

namespace voltage::model {
namespace {

constexpr std::int64_t kDayNs = std::int64_t{24} * 60 * features::kMinuteNs;
constexpr std::size_t kEmbargoMinutes = 24 * 60;  // the longest horizon
constexpr std::size_t kHeldOutStride = 20;        // minutes
constexpr std::int64_t kLifeNs = 30 * kDayNs;     // how long after its last bar a bundle may trade

struct Split {
  SlotSpan fit;
  SlotSpan held_out;
};

Result<Split> split_time(const features::History& history, Duration held_out) {
  const std::size_t end = history.size();
  const auto minutes = static_cast<std::size_t>(held_out.ns / features::kMinuteNs);
  if (end < minutes + 60 * 24 * 60) {
    return fail(fmt::format("the candles span {} days; at least {} are needed: 60 to learn on and {} held out",
                            end / 1440, minutes / 1440 + 60, minutes / 1440));
  }
  const std::size_t cut = end - minutes;
  return Split{{features::kWeekMinutes / 4, cut - kEmbargoMinutes}, {cut, end}};
}

// Seconds since it was made or last asked.
class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_{std::chrono::steady_clock::now()};
};

struct Step {
  const char* name;
  const Progress& progress;
};

// valid: the days on which a curve is drawn, empty for none.
Status grow_trees(forecast::Bundle& bundle, const TrainingPast& past, SlotSpan span, SlotSpan valid,
                  const TrainOptions& options, const Step& step, std::vector<TreeLossPoint>* curve, double& seconds) {
  step.progress(step.name, 0);
  auto network =
      std::exchange(bundle.patchtst, nullptr);  // the trees do not read it, and it would be asked for each row
  const TreeRows rows = draw_questions(bundle, past, span, options.questions);
  TreeWatch watch;
  TreeRows others;
  if (curve != nullptr && valid.end > valid.begin) {
    constexpr std::size_t thinner = 3;  // than what is learnt from: enough for a curve
    auto asked = options.questions;
    asked.stride *= thinner;
    others = draw_questions(bundle, past, valid, asked);
    if (!others.labels.empty()) watch.valid = &others;
  }
  bundle.patchtst = std::move(network);
  const auto rounds = static_cast<double>(options.trees.rounds);
  Stopwatch watch_growing;
  const auto model = train_trees(
      rows, options.trees,
      [&](int round) {
        step.progress(step.name, round / rounds);
        return true;
      },
      &watch);
  seconds += watch_growing.lap();
  if (curve != nullptr) *curve = std::move(watch.curve);
  if (!model) return fail(model.error().message);
  auto trees = forecast::Trees::parse(*model);
  if (!trees) return fail("the model that LightGBM wrote: " + trees.error().message);
  bundle.trees = std::move(*trees);
  return {};
}

// A machine without libtorch, or too short a history for the network, still gets its bundle.
void fit_network(const TrainingPast& past, SlotSpan span, const TrainOptions& options, const Progress& progress,
                 forecast::Bundle& bundle, TrainReport* report) {
  if (!options.patchtst.wanted) return;
  progress("PatchTST", 0);
  auto trained = fit_patchtst(bundle, past.fine, span, options.patchtst, [&](double done) {
    progress("PatchTST", done);
    return true;
  });
  if (!trained) {
    if (report != nullptr) report->patchtst_fault = trained.error().message;
    return;
  }
  if (report != nullptr) {
    report->patchtst_curve = std::move(trained->curve);
    report->patchtst_time_bound = trained->time_bound;
  }
  bundle.patchtst = std::make_shared<const forecast::PatchTstAverage>(std::move(trained->networks));
}

}  // namespace

Result<forecast::Bundle> train(const io::Candles& candles, const TrainOptions& options, const Progress& progress,
                               TrainReport* report) {
  if (candles.fine.bars.empty()) return fail("training needs 1-minute candles: none of the files has them");
  forecast::Bundle bundle;
  TrainSeconds seconds;
  Stopwatch whole_watch;
  progress("season", 0);
  auto flat = features::assemble(candles.fine, {}, features::Season{});
  if (!flat) return fail(flat.error().message);
  const auto split = split_time(*flat, options.held_out);
  if (!split) return fail(split.error().message);
  bundle.season =
      features::Season{features::learn_season(*flat, split->fit.end).factors(),
                       features::learn_releases(*flat, split->fit.end), features::learn_minutes(*flat, split->fit.end)};
  *flat = features::History{features::Season{}};
  auto fine = forecast::make_past(candles.fine, {}, bundle.season);
  auto coarse = forecast::make_past({}, features::coarsen(candles.fine), bundle.season);
  if (!fine) return fail(fine.error().message);
  if (!coarse) return fail(coarse.error().message);
  const TrainingPast past{std::move(*fine), std::move(*coarse)};

  progress("volatility regression", 0);
  if (const auto s = fit_scales(past.fine, past.coarse, split->fit, bundle); !s) return fail(s.error().message);
  if (const auto s = grow_trees(bundle, past, split->fit, split->held_out, options, {"LightGBM", progress},
                                report != nullptr ? &report->lightgbm_curve : nullptr, seconds.lightgbm);
      !s) {
    return fail(s.error().message);
  }
  Stopwatch watch;
  fit_network(past, split->fit, options, progress, bundle, report);
  seconds.patchtst = watch.lap();

  progress("calibration and weights", 0);
  const auto answers = ask_held_out(bundle, past.fine, split->held_out, kHeldOutStride);
  calibrate(answers, bundle);
  if (report != nullptr) report->metrics = held_out_metrics(answers, bundle);
  seconds.calibration = watch.lap();
  // The market of the last half year is the best teacher for the next: once calibrators and weights are
  // fixed, the trees are grown again, by the same rules, on everything.
  if (options.refit) {
    const SlotSpan whole{split->fit.begin, split->held_out.end};
    const Step again{"LightGBM, all data", progress};
    if (const auto s = grow_trees(bundle, past, whole, {}, options, again, nullptr, seconds.lightgbm); !s) {
      return fail(s.error().message);
    }
  }

  auto& facts = bundle.facts;
  facts.schema_hash = features::schema_hash();
  facts.data_hash = candles.hash;
  facts.trained_from = candles.fine.bars.front().begin;
  facts.trained_to = candles.fine.bars.back().begin;
  facts.held_out_from = Time{past.fine.history.minute_of(split->held_out.begin) * features::kMinuteNs};
  facts.expires = Time{facts.trained_to.ns + kLifeNs};
  facts.seed = options.trees.seed;
  facts.is_unbalance = options.trees.is_unbalance;
  seconds.total = whole_watch.lap();
  if (report != nullptr) report->seconds = seconds;
  return bundle;
}

}  // namespace voltage::model
