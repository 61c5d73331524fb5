#include "app/lifecycle/challenge.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/evaluation/evaluate.hpp"
#include "app/run/baseline_edge.hpp"
#include "base/time.hpp"
#include "forecast/answer.hpp"
#include "model/admission.hpp"

namespace voltage::app::lifecycle {
namespace {

using namespace literals;

constexpr Duration kHistory = 24_h * 45;  // of candles before the sealed span: more than any window needs
constexpr Duration kEmbargo = 24_h;       // the longest outcome that training may have seen
constexpr double kWorse = 2;

Time last_bar(const io::Candles& candles) {
  Time last{};
  if (!candles.fine.bars.empty()) last = std::max(last, candles.fine.bars.back().begin);
  if (!candles.coarse.bars.empty()) last = std::max(last, candles.coarse.bars.back().begin);
  return last;
}

Result<Answers> answers_of(const Contender& contender, const io::Candles& candles, const EvaluateSpan& span) {
  const auto f = contender.over(candles);
  if (!f) return tl::unexpected(f.error());
  Answers answers;
  collect(**f, span, answers, [](double) {});
  return answers;
}

// The baseline's probabilities in the place of an ensemble's, at the moments of `like`.
Result<Answers> baseline_answers(const io::Candles& candles, const Answers& like) {
  Answers out;
  for (const auto& e : like.events) {
    out.events.push_back({e.event, e.at, e.happened, e.log_volatility, {}});
    out.events.back().p[kEnsemble].assign(e.at.size(), std::nan(""));
  }
  const auto& series = candles.fine.bars.empty() ? candles.coarse : candles.fine;
  BaselineEdge baseline;
  std::vector<std::size_t> next(out.events.size());
  for (const auto& bar : series.bars) {
    baseline.learn({event::SpotVenue::binance, series.interval, bar});
    for (std::size_t k = 0; k < out.events.size(); ++k) {
      auto& e = out.events[k];
      while (next[k] < e.at.size() && e.at[next[k]] < bar.begin) ++next[k];
      if (next[k] == e.at.size() || e.at[next[k]] != bar.begin) continue;
      const auto ready = baseline.forecast({1, bar.begin + series.interval});
      if (!ready) continue;
      const auto node = forecast::from_event(ready->nodes.front());  // variance is proportional to the horizon
      const double root = std::sqrt(e.event.horizon.seconds() / node.horizon.seconds());
      e.p[kEnsemble][next[k]] = node.density.scaled(root).beyond(e.event.move);
    }
  }
  return out;
}

struct Duel {
  std::vector<EventDuel> events;
  double gain{};
  forecast::DailyTest test;
};

// Log loss of the two ensembles at each event, and over all: each event's difference in shares of the opponent's loss.
Duel duel_of(const Answers& opponent, const Answers& challenger) {
  Duel duel;
  std::map<std::int64_t, double> all;
  double events = 0;
  for (std::size_t k = 0; k < challenger.events.size(); ++k) {
    const auto &a = challenger.events[k], &b = opponent.events[k];
    std::map<std::int64_t, double> days;
    double loss_a = 0, loss_b = 0, n = 0;
    for (std::size_t i = 0, j = 0; i < a.at.size(); ++i) {
      while (j < b.at.size() && b.at[j] < a.at[i]) ++j;
      if (j == b.at.size()) break;
      if (b.at[j] != a.at[i] || std::isnan(b.p[kEnsemble][j])) continue;
      const double la = forecast::log_loss(a.p[kEnsemble][i], a.happened[i] != 0);
      const double lb = forecast::log_loss(b.p[kEnsemble][j], b.happened[j] != 0);
      days[a.at[i].ns / (24_h).ns] += la - lb;
      loss_a += la, loss_b += lb, n += 1;
    }
    if (n == 0) continue;
    std::vector<double> sums;
    for (const auto& [day, sum] : days) {
      sums.push_back(sum);
      all[day] += sum / loss_b;
    }
    duel.events.push_back({event_name(a.event), loss_b / n, loss_a / n, forecast::daily_test(sums).t});
    duel.gain += 1 - loss_a / loss_b;
    events += 1;
  }
  std::vector<double> sums;
  for (const auto& [day, sum] : all) sums.push_back(sum / std::max(events, 1.0));
  duel.gain /= std::max(events, 1.0);
  duel.test = forecast::daily_test(sums);
  return duel;
}

// Empty, or why the challenger does not win this duel.
std::string lost(const Duel& duel, const ChallengeRules& rules) {
  if (duel.test.days < rules.days_min) {
    return fmt::format("only {} sealed days: {} are needed for a verdict", duel.test.days, rules.days_min);
  }
  if (duel.gain > rules.gain_implausible) {
    return fmt::format("its log loss is {:.1f} % lower: too good to be true ({:.0f} % is the bound), look for a leak",
                       100 * duel.gain, 100 * rules.gain_implausible);
  }
  if (duel.gain < rules.gain_min) {
    return fmt::format("its log loss is lower by {:.3f} %, at least {:.3f} % are asked for", 100 * duel.gain,
                       100 * rules.gain_min);
  }
  if (!(duel.test.t <= rules.t_max)) {
    return fmt::format("its log loss is lower by {:.3f} %, but t = {:.2f} on {} days: {:.1f} is asked for",
                       100 * duel.gain, duel.test.t, duel.test.days, rules.t_max);
  }
  for (const auto& e : duel.events) {
    if (e.t > kWorse) return fmt::format("it is worse at {} (t = {:.2f})", e.event, e.t);
  }
  return {};
}

// Empty, or why the challenger is not even heard.
Result<std::string> inadmissible(const Contender& challenger, const io::Candles& near, const Verdict& verdict,
                                 const ChallengeRules& rules) {
  const auto admitted = model::admit(challenger.bundle, verdict.to, model::Use::trading);
  if (!admitted) return admitted.error().message;
  if (verdict.from > verdict.to) return std::string{"it has learnt from the data that it should be judged on"};
  if (auto leak = column_leak(near, verdict.from - 24_h * 30, verdict.to); !leak.empty()) return leak;
  return truncation_leak(challenger, near, verdict.from, verdict.to, rules.leak);
}

}  // namespace

Result<Verdict> challenge(const Contender* champion, const Contender& challenger, const io::Candles& candles,
                          const ChallengeRules& rules) {
  Verdict verdict;
  verdict.to = last_bar(candles);
  if (verdict.to.ns == 0) return fail("no candles to judge on");
  verdict.from = std::max(verdict.to - rules.sealed, challenger.bundle.facts.trained_to + kEmbargo);
  if (champion != nullptr) verdict.from = std::max(verdict.from, champion->bundle.facts.trained_to + kEmbargo);
  verdict.from = Time{(verdict.from.ns + rules.every.ns - 1) / rules.every.ns * rules.every.ns};
  const auto near = bars_between(candles, verdict.from - kHistory, verdict.to);
  const auto barred = inadmissible(challenger, near, verdict, rules);
  if (!barred) return tl::unexpected(barred.error());
  if (!barred->empty()) {
    verdict.why = *barred;
    return verdict;
  }
  const EvaluateSpan span{verdict.from, verdict.to, rules.every, standard_events(), false};
  const auto theirs = answers_of(challenger, near, span);
  if (!theirs) return tl::unexpected(theirs.error());
  const bool in_office =
      champion != nullptr && model::admit(champion->bundle, verdict.to, model::Use::trading).has_value();
  verdict.opponent = in_office ? "champion" : "baseline";
  const auto ours = in_office ? answers_of(*champion, near, span) : baseline_answers(near, *theirs);
  if (!ours) return tl::unexpected(ours.error());
  const Duel duel = duel_of(*ours, *theirs);
  verdict.events = duel.events;
  verdict.gain = duel.gain;
  verdict.test = duel.test;
  verdict.why = lost(duel, rules);
  if (verdict.why.empty() && champion != nullptr && !in_office) {
    const auto expired = answers_of(*champion, near, span);
    if (!expired) return tl::unexpected(expired.error());
    if (const Duel old = duel_of(*expired, *theirs); old.gain < 0)
      verdict.why = fmt::format("the expired champion's log loss is still lower, by {:.3f} %", -100 * old.gain);
  }
  if (!verdict.why.empty()) return verdict;
  verdict.promote = true;
  verdict.why = fmt::format("its log loss is lower than the {}'s by {:.3f} % (t = {:.2f} on {} sealed days)",
                            verdict.opponent, 100 * verdict.gain, verdict.test.t, verdict.test.days);
  return verdict;
}

std::string verdict_json(const Verdict& v) {
  nlohmann::json events = nlohmann::json::array();
  for (const auto& e : v.events) {
    events.push_back({{"event", e.event}, {"opponent", e.opponent}, {"challenger", e.challenger}, {"t", e.t}});
  }
  return nlohmann::json{{"promote", v.promote},
                        {"why", v.why},
                        {"opponent", v.opponent},
                        {"sealed_from", format_iso(v.from)},
                        {"sealed_to", format_iso(v.to)},
                        {"gain", v.gain},
                        {"t", v.test.t},
                        {"days", v.test.days},
                        {"events", events}}
      .dump();
}

}  // namespace voltage::app::lifecycle
