#include "app/evaluation/walk.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/lifecycle/contender.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

using namespace literals;

constexpr Duration kEmbargo = 24_h;
constexpr Duration kHistory = 24_h * 45;  // of candles before a span: more than any window needs

struct Cell {
  double log_loss{}, change{}, t{};
};

// Of the column that the variant is about, at one event.
Cell compare(const EventAnswers& whole, const EventAnswers& part, std::size_t column) {
  const auto a = rows_of(part, column, {}), b = rows_of(whole, column, {});
  double sum_a = 0, sum_b = 0;
  for (const double l : a.loss) sum_a += l;
  for (const double l : b.loss) sum_b += l;
  const auto n = static_cast<double>(std::max<std::size_t>(1, a.loss.size()));
  const bool same = a.loss.size() == b.loss.size();
  return {sum_a / n, sum_b > 0 ? 100 * (sum_a / sum_b - 1) : 0,
          same ? forecast::diebold_mariano(a.loss, b.loss, a.at) : std::nan("")};
}

Answers answers_of(const forecast::Bundle& bundle, const io::Candles& near, const EvaluateSpan& span) {
  Answers answers;
  const auto f = Forecasting::make(bundle, near);
  if (f) collect(**f, span, answers, [](double) {});
  return answers;
}

}  // namespace

Result<Walk> walk_forward(const io::Candles& candles, const EvaluateSpan& span, const WalkOptions& options,
                          const WalkShown& shown) {
  if (candles.fine.bars.empty()) return fail("--folds: training needs 1-minute candles");
  const Time first = candles.fine.bars.front().begin;
  const std::int64_t step = span.every.ns;
  const std::int64_t moments = (span.to - span.from).ns / step + 1;
  Walk walk;
  for (int k = 0; k < options.folds; ++k) {
    EvaluateSpan fold = span;
    fold.from = span.from + span.every * (moments * k / options.folds);
    fold.to = span.from + span.every * (moments * (k + 1) / options.folds - 1);
    const Time end = fold.from - kEmbargo;
    const Time begin = options.train_days > 0 ? std::max(first, end - 24_h * options.train_days) : first;
    model::TrainReport report;
    const auto label = fmt::format("fold {} of {}: ", k + 1, options.folds);
    const double share = 1.0 / options.folds;
    const auto bundle = model::train(
        lifecycle::bars_between(candles, begin, end), options.train,
        [&](const std::string& what, double done) { shown(label + what, share * (k + 0.9 * done)); }, &report);
    if (!bundle) return fail(label + bundle.error().message);
    // An outcome may lie after the fold, never before its forecast.
    const auto near = lifecycle::bars_between(candles, fold.from - kHistory, fold.to + kEmbargo);
    const auto f = Forecasting::make(*bundle, near);
    if (!f) return fail(label + f.error().message);
    collect(**f, fold, walk.answers, [&](double done) { shown(label + "asking", share * (k + 0.9 + 0.1 * done)); });
    walk.curves.push_back({fold.from, std::move(report.patchtst_curve), std::move(report.lightgbm_curve)});
  }
  return walk;
}

std::vector<Variant> ablate(const forecast::Bundle& bundle, const io::Candles& candles, const EvaluateSpan& span,
                            const WalkShown& shown) {
  const auto near = lifecycle::bars_between(candles, span.from - kHistory, span.to + kEmbargo);
  std::vector<Variant> out;
  const auto add = [&](const char* name, const forecast::Bundle& b, features::Blank blank) {
    shown(name, static_cast<double>(out.size()) / 11);
    EvaluateSpan without = span;
    without.densities = false;
    without.blank = blank;
    out.push_back({name, answers_of(b, near, without)});
  };
  add("everything", bundle, {});
  features::Blank blank;
  blank.trades = true;
  add("without trade counts", bundle, blank);
  blank = {};
  blank.taker = true;
  add("without order flow", bundle, blank);
  blank.volume = blank.trades = true;
  add("without volume, counts, flow", bundle, blank);
  blank = {};
  blank.fine = true;
  add("without 1-minute bars", bundle, blank);
  blank = {};
  blank.minutes = 1440;
  add("without what is older than a day", bundle, blank);
  for (std::size_t m = 0; m < forecast::kMembers; ++m) {
    auto b = bundle;
    for (auto& w : b.weights) w[m] = 0;
    add(fmt::format("without {}", kColumnNames[m]).c_str(), b, {});
  }
  auto raw = bundle;
  for (auto& c : raw.calibration) c = {};
  raw.blend_calibration = {};
  add("without calibration", raw, {});
  return out;
}

Result<std::vector<Variant>> ablate_training(const io::Candles& candles, const EvaluateSpan& span,
                                             const WalkOptions& options, const WalkShown& shown) {
  std::vector<Variant> out;
  auto run = [&](const std::string& name, const WalkOptions& o, std::size_t column = kEnsemble) -> Status {
    auto walk = walk_forward(candles, span, o, [&](const std::string& step, double done) {
      shown(fmt::format("{}: {}", name, step), done);
    });
    if (!walk) return tl::unexpected(walk.error());
    out.push_back({name, std::move(walk->answers), column});
    return {};
  };
  auto other = options;
  other.train.trees.is_unbalance = !options.train.trees.is_unbalance;
  if (auto s = run(other.train.trees.is_unbalance ? "is_unbalance on" : "is_unbalance off", other); !s)
    return tl::unexpected(s.error());
  using features::Group;
  for (const auto& [group, name] :
       {std::pair{Group::price, "trees without price features"}, std::pair{Group::fine, "trees without 1-minute bars"},
        std::pair{Group::volume, "trees without volume"}, std::pair{Group::trades, "trees without trade counts"},
        std::pair{Group::taker, "trees without order flow"},
        std::pair{Group::calendar, "trees without the calendar"}}) {
    other = options;
    other.train.questions.without = group;
    // PatchTST is not trained for each of them again: where there is one, the trees are judged alone.
    other.train.patchtst.wanted = false;
    const bool alone = options.train.patchtst.wanted;
    if (auto s = run(alone ? fmt::format("{}, alone", name) : name, other,
                     alone ? std::size_t{forecast::kLightgbm} : kEnsemble);
        !s)
      return tl::unexpected(s.error());
  }
  if (options.train.patchtst.wanted) {
    other = options;
    other.train.patchtst.revin = true;
    if (auto s = run("PatchTST normalised (RevIN)", other); !s) return tl::unexpected(s.error());
    out.push_back({"the same, PatchTST alone", out.back().answers, forecast::kPatchtst});
  }
  return out;
}

std::string ablation_text(const std::vector<Variant>& variants) {
  std::string out = fmt::format("{:<34}", "ensemble's log loss");
  if (variants.empty()) return out;
  for (const auto& e : variants.front().answers.events) out += fmt::format(" {:>24}", event_name(e.event));
  out += "\n";
  for (const auto& v : variants) {
    out += fmt::format("{:<34}", v.name);
    for (std::size_t k = 0; k < v.answers.events.size(); ++k) {
      const auto c = compare(variants.front().answers.events[k], v.answers.events[k], v.column);
      out += fmt::format(" {:>8.5f} {:>+6.2f} % t{:>+5.1f}", c.log_loss, c.change, c.t);
    }
    out += "\n";
  }
  return out;
}

std::string ablation_html(const std::vector<Variant>& variants) {
  if (variants.empty()) return {};
  std::string out =
      "<h2>What each part is worth</h2><p>The ensemble's log loss with one thing left out, its change, and t of the "
      "daily sums: above 2, the part earns its place.</p><div class=\"wide\"><table><tr><th></th>";
  for (const auto& e : variants.front().answers.events) out += fmt::format("<th>{}</th>", event_name(e.event));
  out += "</tr>\n";
  for (const auto& v : variants) {
    out += fmt::format("<tr><td>{}</td>", v.name);
    for (std::size_t k = 0; k < v.answers.events.size(); ++k) {
      const auto c = compare(variants.front().answers.events[k], v.answers.events[k], v.column);
      out += fmt::format("<td>{:.4f} ({:+.2f} %, t {:+.1f})</td>", c.log_loss, c.change, c.t);
    }
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string ablation_json(const std::vector<Variant>& variants) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& v : variants) {
    nlohmann::json events = nlohmann::json::array();
    for (std::size_t k = 0; k < v.answers.events.size(); ++k) {
      const auto& e = v.answers.events[k];
      const auto c = compare(variants.front().answers.events[k], e, v.column);
      events.push_back({{"event", event_name(e.event)},
                        {"log_loss", c.log_loss},
                        {"change_percent", c.change},
                        {"t", std::isnan(c.t) ? nlohmann::json{} : nlohmann::json(c.t)}});
    }
    out.push_back({{"variant", v.name}, {"events", events}});
  }
  return out.dump();
}

namespace {

struct LossPoint {
  double step{}, train{}, valid{};
};

// One fold's curve, training and validation, as a figure; nothing without two points.
std::string curve_figure(const std::vector<LossPoint>& curve, Time fold, const char* steps_name) {
  constexpr double width = 320, height = 160;
  if (curve.size() < 2) return {};
  double low = 1e9, high = 0, steps = 1;
  for (const auto& p : curve) {
    for (const double v : {p.train, p.valid}) {
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    }
    steps = std::max(steps, p.step);
  }
  const auto line = [&](const char* color, double LossPoint::* value) {
    std::string points;
    for (const auto& p : curve) {
      if (!std::isfinite(p.*value)) continue;
      points += fmt::format("{:.1f},{:.1f} ", p.step / steps * width,
                            height - 8 - (p.*value - low) / std::max(1e-9, high - low) * (height - 16));
    }
    return fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\" points=\"{}\"/>", color, points);
  };
  const std::string caption =
      fold.ns == 0 ? std::string{"the bundle"} : "before the fold of " + format_iso(fold).substr(0, 10);
  return fmt::format(
      "<figure><svg width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">{2}{3}</svg><figcaption>{4}: {5:.0f} {8}, "
      "log loss {6:.4f} to {7:.4f}</figcaption></figure>",
      width, height, line("#b3541e", &LossPoint::train), line("#0a58ca", &LossPoint::valid), caption, steps, high, low,
      steps_name);
}

}  // namespace

std::string curves_html(const std::vector<FoldCurve>& curves) {
  std::string networks, trees;
  for (const auto& fold : curves) {
    std::vector<LossPoint> network, grown;
    for (const auto& p : fold.patchtst) network.push_back({static_cast<double>(p.step), p.train_loss, p.valid_loss});
    for (const auto& p : fold.lightgbm) grown.push_back({static_cast<double>(p.round), p.train_loss, p.valid_loss});
    networks += curve_figure(network, fold.from, "steps");
    trees += curve_figure(grown, fold.from, "trees");
  }
  std::string out;
  const auto add = [&](const char* name, const std::string& figures) {
    if (figures.empty()) return;
    out += fmt::format(
        "<h2>How {} learnt</h2><p>Log loss a question: <span style=\"color:#b3541e\">training</span>, <span "
        "style=\"color:#0a58ca\">validation</span>.</p><div class=\"flow\">{}</div>\n",
        name, figures);
  };
  add("LightGBM", trees);
  add("PatchTST", networks);
  return out;
}

}  // namespace voltage::app
