#include "model/train.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/time.hpp"
#include "features/assemble.hpp"
#include "features/schema.hpp"
#include "model/calibrate.hpp"

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

}  // namespace

Result<forecast::Bundle> train(const io::Candles& candles, const TrainOptions& options, const Progress& progress) {
  if (candles.fine.bars.empty()) return fail("training needs 1-minute candles: none of the files has them");
  forecast::Bundle bundle;
  progress("season", 0);
  auto flat = features::assemble(candles.fine, {}, features::Season{});
  if (!flat) return fail(flat.error().message);
  const auto split = split_time(*flat, options.held_out);
  if (!split) return fail(split.error().message);
  bundle.season = features::learn_season(*flat, split->fit.end);
  *flat = features::History{features::Season{}};
  auto fine = forecast::make_past(candles.fine, {}, bundle.season);
  auto coarse = forecast::make_past({}, features::coarsen(candles.fine), bundle.season);
  if (!fine) return fail(fine.error().message);
  if (!coarse) return fail(coarse.error().message);
  const TrainingPast past{std::move(*fine), std::move(*coarse)};

  progress("volatility regression", 0);
  if (const auto s = fit_scales(past.fine, past.coarse, split->fit, bundle); !s) return fail(s.error().message);
  progress("tree rows", 0);
  const TreeRows rows = draw_questions(bundle, past, split->fit, options.questions);
  const auto rounds = static_cast<double>(options.trees.rounds);
  const auto model = train_trees(rows, options.trees, [&](int round) {
    progress("LightGBM", round / rounds);
    return true;
  });
  if (!model) return fail(model.error().message);
  auto trees = forecast::Trees::parse(*model);
  if (!trees) return fail("the model that LightGBM wrote: " + trees.error().message);
  bundle.trees = std::move(*trees);

  progress("calibration and weights", 0);
  calibrate(ask_held_out(bundle, past.fine, split->held_out, kHeldOutStride), bundle);

  auto& facts = bundle.facts;
  facts.schema_hash = features::schema_hash();
  facts.data_hash = candles.hash;
  facts.trained_from = candles.fine.bars.front().begin;
  facts.trained_to = candles.fine.bars.back().begin;
  facts.held_out_from = Time{past.fine.history.minute_of(split->held_out.begin) * features::kMinuteNs};
  facts.expires = Time{facts.trained_to.ns + kLifeNs};
  facts.seed = options.trees.seed;
  facts.is_unbalance = options.trees.is_unbalance;
  return bundle;
}

}  // namespace voltage::model
