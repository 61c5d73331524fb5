// Asks a bundle at every moment of a span and puts what came beside it.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include "app/evaluation/evaluate.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<double, 3> kDensityMinutes{15, 60, 240};
constexpr std::int64_t kDensityEvery = 3;  // moments: a density costs more than a handful of events

double outcome_of(const Forecasting& f, std::size_t slot, Duration horizon) {
  const auto ahead = static_cast<std::size_t>(horizon.ns / features::kMinuteNs);
  const auto& history = f.past().history;
  if (horizon.ns % features::kMinuteNs != 0 || slot + ahead >= history.size()) return kNaN;
  return history.point(slot + ahead).log_close - history.point(slot).log_close;
}

void ask_events(const Forecasting& f, const EvaluateSpan& span, Time t, std::size_t slot, Answers& out) {
  const auto ask = f.ask();
  const auto moment = ask.look(f.past(), slot, span.blank);
  for (std::size_t e = 0; e < span.events.size(); ++e) {
    const auto& event = span.events[e];
    const double r = outcome_of(f, slot, event.horizon);
    if (std::isnan(r)) continue;
    const auto answer = ask.answer(ask.ahead(moment, event.horizon.seconds() / 60), event.move);
    auto& into = out.events[e];
    into.at.push_back(t);
    into.happened.push_back(std::abs(r) > event.move ? 1 : 0);
    into.log_volatility.push_back(moment.reference);
    for (std::size_t m = 0; m < forecast::kMembers; ++m) into.p[m].push_back(answer.member[m]);
    into.p[kEnsemble].push_back(answer.ensemble);
  }
}

void ask_densities(const Forecasting& f, const EvaluateSpan& span, std::size_t slot, Answers& out) {
  const auto ask = f.ask();
  const auto moment = ask.look(f.past(), slot, span.blank);
  const auto surface = ask.surface(moment);
  const double average = moment.inputs.fine ? moment.inputs.log_quick[2] : moment.inputs.log_quick[5];
  for (auto& d : out.densities) {
    const double r = outcome_of(f, slot, d.horizon);
    if (std::isnan(r)) continue;
    const auto density = surface.density(d.horizon);
    const double sd = std::exp(average) * std::sqrt(d.horizon.seconds() / 60);
    d.pit.push_back(1 - density.above(r));
    d.crps.push_back(forecast::crps(density, r));
    d.log_score.push_back(-std::log(density.pdf(r)));
    d.crps_baseline.push_back(forecast::crps_normal(sd, r));
    d.log_score_baseline.push_back(0.5 * r * r / (sd * sd) + std::log(sd) + 0.91893853320467274);
  }
}

Answers empty_answers(const std::vector<Event>& events) {
  Answers a;
  for (const auto& e : events) a.events.push_back({e, {}, {}, {}, {}});
  for (const double minutes : kDensityMinutes) {
    a.densities.push_back({Duration{static_cast<std::int64_t>(minutes) * features::kMinuteNs}, {}, {}, {}, {}, {}});
  }
  return a;
}

template <class T>
void append(std::vector<T>& into, const std::vector<T>& more) {
  into.insert(into.end(), more.begin(), more.end());
}

void join(Answers& into, const Answers& more) {
  for (std::size_t e = 0; e < into.events.size(); ++e) {
    auto& a = into.events[e];
    const auto& b = more.events[e];
    append(a.at, b.at);
    append(a.happened, b.happened);
    append(a.log_volatility, b.log_volatility);
    for (std::size_t c = 0; c < kColumns; ++c) append(a.p[c], b.p[c]);
  }
  for (std::size_t d = 0; d < into.densities.size(); ++d) {
    auto& a = into.densities[d];
    const auto& b = more.densities[d];
    append(a.pit, b.pit);
    append(a.crps, b.crps);
    append(a.log_score, b.log_score);
    append(a.crps_baseline, b.crps_baseline);
    append(a.log_score_baseline, b.log_score_baseline);
  }
}

}  // namespace

std::vector<Event> standard_events() {
  using namespace literals;
  return {{15_min, 0.0015}, {15_min, 0.003}, {60_min, 0.003}, {60_min, 0.006}, {240_min, 0.01}, {37_min, 0.0022}};
}

std::string event_name(const Event& e) {
  return fmt::format("{} {:.4g} %", format_duration(e.horizon), 100 * e.move);
}

std::size_t overlap_of(const EventAnswers& e, Duration every) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, e.event.horizon.ns / every.ns));
}

void collect(const Forecasting& f, const EvaluateSpan& span, Answers& answers, const Shown& shown) {
  if (answers.events.empty()) answers = empty_answers(span.events);
  const std::int64_t moments = (span.to - span.from).ns / span.every.ns + 1;
  constexpr std::int64_t chunk = 512;
  constexpr std::size_t threads = 2;
  for (std::int64_t at = 0; at < moments; at += chunk * static_cast<std::int64_t>(threads)) {
    std::array<Answers, threads> parts{empty_answers(span.events), empty_answers(span.events)};
    std::vector<std::thread> workers;
    for (std::size_t k = 0; k < threads; ++k) {
      const std::int64_t begin = std::min(moments, at + static_cast<std::int64_t>(k) * chunk);
      workers.emplace_back([&, k, begin] {
        for (std::int64_t i = begin; i < std::min(moments, begin + chunk); ++i) {
          const Time t = span.from + span.every * i;
          const auto slot = f.slot_beginning(t);
          if (!slot) continue;
          ask_events(f, span, t, *slot, parts[k]);
          if (span.densities && i % kDensityEvery == 0) ask_densities(f, span, *slot, parts[k]);
        }
      });
    }
    for (auto& w : workers) w.join();
    for (const auto& part : parts) join(answers, part);
    shown(static_cast<double>(std::min(moments, at + chunk * 2)) / static_cast<double>(moments));
  }
}

Scored rows_of(const EventAnswers& e, std::size_t column, const std::function<bool(std::size_t)>& keep) {
  Scored out;
  for (std::size_t i = 0; i < e.at.size(); ++i) {
    if (std::isnan(e.p[column][i]) || (keep && !keep(i))) continue;
    out.p.push_back(e.p[column][i]);
    out.y.push_back(e.happened[i]);
    out.at.push_back(e.at[i]);
    out.loss.push_back(forecast::log_loss(e.p[column][i], e.happened[i] != 0));
  }
  return out;
}

double versus(const EventAnswers& e, std::size_t column, std::size_t other) {
  const auto both = [&](std::size_t i) { return !std::isnan(e.p[column][i]) && !std::isnan(e.p[other][i]); };
  const Scored a = rows_of(e, column, both);
  const Scored b = rows_of(e, other, both);
  return forecast::diebold_mariano(a.loss, b.loss, a.at);
}

}  // namespace voltage::app
