#include "model/questions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <thread>

#include "base/rng.hpp"
#include "features/schema.hpp"

namespace voltage::model {
namespace {

constexpr double kMovesFrom = -2.3;
constexpr double kMovesTo = 1.4;
constexpr std::size_t kThreads = 2;

struct Drawn {
  std::vector<float> values;
  std::vector<float> labels;
  std::vector<double> start;
  std::vector<float> weights;
};

// Splits [0, n) between threads; each part fills its own place, so the order does not depend on timing.
void in_parts(std::size_t n, const std::function<void(std::size_t, std::size_t, std::size_t)>& work) {
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < kThreads; ++part) {
    threads.emplace_back([&, part] { work(part, n * part / kThreads, n * (part + 1) / kThreads); });
  }
  for (auto& t : threads) t.join();
}

features::Blank draw_blank(Rng& rng) {
  features::Blank blank;
  const double u = rng.uniform();
  if (u < 0.14) blank.trades = blank.taker = true;
  if (u < 0.05) blank.volume = true;
  if (u >= 0.14 && u < 0.17) blank.taker = true;
  if (u >= 0.17 && u < 0.20) blank.fine = true;
  if (rng.chance(0.08)) {
    static constexpr std::array<std::size_t, 7> starts{60, 240, 1440, 4320, 10080, 10080, 20160};
    blank.minutes = starts[rng.below(starts.size())];
  }
  return blank;
}

double draw_minutes(Rng& rng) {
  static constexpr std::array<double, 3> traded{15, 60, 240};
  if (rng.chance(0.4)) return traded[rng.below(traded.size())];
  return std::round(std::exp(rng.uniform(0, std::log(1440.0))));
}

// One moment's questions; nothing where no bar ends.
void draw_moment(const forecast::Bundle& bundle, const TrainingPast& past, SlotSpan span, std::size_t slot,
                 const QuestionOptions& options, Rng rng, Drawn& out) {
  const forecast::Forecaster ask{bundle};
  constexpr double coarse_share = 0.1;
  const bool coarse = rng.chance(coarse_share);
  features::Blank blank = draw_blank(rng);
  const auto& history = past.fine.history;
  features::Minute minute = history.minute_of(slot);
  if (coarse) {
    minute -= (minute % 5 + 1) % 5;
    blank.fine = false;  // there is nothing finer to take away
  }
  const auto at = (coarse ? past.coarse : past.fine).history.slot_of(minute);
  const auto outcome_slot = history.slot_of(minute);
  if (at < 0 || outcome_slot < 0) return;
  const auto moment = ask.look(coarse ? past.coarse : past.fine, static_cast<std::size_t>(at), blank);
  if (std::isnan(moment.reference)) return;
  for (std::size_t k = 0; k < options.each; ++k) {
    const double minutes = draw_minutes(rng);
    const double scaled = rng.uniform(kMovesFrom, kMovesTo);
    const double log_move =
        log_outcome(history, static_cast<std::size_t>(outcome_slot), static_cast<std::size_t>(minutes), span.end);
    if (std::isnan(log_move)) continue;
    auto ahead = ask.ahead(moment, minutes);
    ahead.row.back() = static_cast<float>(scaled);
    out.values.insert(out.values.end(), ahead.row.begin(), ahead.row.end());
    out.labels.push_back(log_move > ahead.scale.informed + scaled ? 1.0F : 0.0F);
    // Outcomes of long horizons overlap: many rows tell of one day, so each counts less.
    constexpr double overlap_from = 60;
    out.weights.push_back(static_cast<float>(std::sqrt(std::min(1.0, overlap_from / minutes))));
    out.start.push_back(bundle.law[forecast::kHar].at(ahead.scale.place, scaled));
  }
}

}  // namespace

TreeRows draw_questions(const forecast::Bundle& bundle, const TrainingPast& past, SlotSpan span,
                        const QuestionOptions& options) {
  const std::size_t moments = (span.end - span.begin) / options.stride;
  std::array<Drawn, kThreads> drawn;
  in_parts(moments, [&](std::size_t part, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      Rng rng{options.seed * 0x9e3779b97f4a7c15ULL + i};
      const std::size_t slot = span.begin + i * options.stride + rng.below(options.stride);
      draw_moment(bundle, past, span, slot, options, rng.fork(), drawn[part]);
    }
  });
  TreeRows rows;
  for (const auto& f : features::schema()) rows.names.push_back(f.name);
  rows.falling = rows.names.size() - 1;
  for (auto& d : drawn) {
    rows.values.insert(rows.values.end(), d.values.begin(), d.values.end());
    rows.labels.insert(rows.labels.end(), d.labels.begin(), d.labels.end());
    rows.start.insert(rows.start.end(), d.start.begin(), d.start.end());
    rows.weights.insert(rows.weights.end(), d.weights.begin(), d.weights.end());
    d = {};
  }
  if (options.without) {
    const auto& schema = features::schema();
    for (std::size_t i = 0; i < rows.values.size(); ++i) {
      if (schema[i % schema.size()].group == *options.without) rows.values[i] = std::nanf("");
    }
  }
  return rows;
}

std::vector<HeldOut> ask_held_out(const forecast::Bundle& bundle, const forecast::Past& past, SlotSpan span,
                                  std::size_t stride) {
  static constexpr std::array<double, 7> moves{-1.9, -1.2, -0.7, -0.2, 0.25, 0.7, 1.1};
  const std::size_t moments = (span.end - span.begin) / stride;
  std::array<std::vector<HeldOut>, kThreads> parts;
  const forecast::Forecaster ask{bundle};
  in_parts(moments, [&](std::size_t part, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const std::size_t slot = span.begin + i * stride;
      if (std::isnan(past.history.point(slot).log_close)) continue;
      const auto moment = ask.look(past, slot);
      if (std::isnan(moment.reference)) continue;
      Rng rng{0x5eed + i};
      for (std::size_t node = 0; node < forecast::kNodes; ++node) {
        const double minutes = forecast::kNodeMinutes[node];
        const double log_move = log_outcome(past.history, slot, static_cast<std::size_t>(minutes), span.end);
        if (std::isnan(log_move)) continue;
        const auto ahead = ask.ahead(moment, minutes);
        const double shift = rng.uniform(-0.25, 0.25);  // so that moves fill the range between the seven
        const double weight = std::min(1.0, static_cast<double>(stride) / minutes) / 2;
        for (const double m : moves) {
          const double scaled = m + shift;
          const auto raw = ask.raw(ahead, std::exp(ahead.scale.informed + scaled));
          parts[part].push_back({node, slot, scaled, weight, raw, log_move > ahead.scale.informed + scaled});
        }
      }
    }
  });
  std::vector<HeldOut> out = std::move(parts[0]);
  for (std::size_t p = 1; p < kThreads; ++p) out.insert(out.end(), parts[p].begin(), parts[p].end());
  return out;
}

}  // namespace voltage::model
