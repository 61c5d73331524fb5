// voltage evaluate: how good a bundle's forecasts were.
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/evaluation/against_market.hpp"
#include "app/evaluation/drift_watch.hpp"
#include "app/evaluation/second_venue.hpp"
#include "app/evaluation/walk.hpp"
#include "app/run/models.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "model/admission.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> candles;
  std::string from, to, every{"5m"}, out, events;
  std::string tape, spot, history, results, second;
  int folds{0}, rounds{120}, stride{6};
  std::int64_t train_days{0};
  std::string held_out{"180d"};
  double patchtst_seconds{0};
  bool ablate{false}, drift{false};
  bool json{false};
};

// "15m:0.0015,60m:0.006"
Result<std::vector<Event>> events_argument(const std::string& list) {
  if (list.empty()) return standard_events();
  std::vector<Event> out;
  std::size_t at = 0;
  while (at <= list.size()) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const auto part = list.substr(at, end - at);
    const std::size_t colon = part.find(':');
    if (colon == std::string::npos)
      return fail(fmt::format("--events \"{}\": write horizon:move, like 15m:0.003", part));
    const auto h = duration_argument("--events", part.substr(0, colon));
    const auto x = numbers_argument("--events", part.substr(colon + 1));
    if (!h) return fail(h.error().message);
    if (!x) return fail(x.error().message);
    if (h->ns % features::kMinuteNs != 0 || h->seconds() > 86400 || x->front() <= 0) {
      return fail(fmt::format("--events \"{}\": whole minutes up to 24 hours, a move above 0", part));
    }
    out.push_back({*h, x->front()});
    at = end + 1;
  }
  return out;
}

void print_scores(const Answers& answers, Duration every) {
  fmt::print("{:<14} {:<9} {:>8} {:>8} {:>7} {:>8} {:>7} {:>8}\n", "event", "member", "log loss", "skill", "AUC",
             "cal.err", "noise", "DM/HAR");
  for (const auto& e : answers.events) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      const auto rows = rows_of(e, c, {});
      if (rows.p.empty()) continue;
      const auto s = forecast::score_binary(rows.p, rows.y);
      const auto band = forecast::calibration_noise(rows.p, overlap_of(e, every), 40, 1);
      fmt::print("{:<14} {:<9} {:8.4f} {:8.4f} {:7.3f} {:8.4f} {:7.4f} {:>8}\n", event_name(e.event), kColumnNames[c],
                 s.log_loss, s.skill, s.auc, s.calibration_error, band.median,
                 c == forecast::kHar ? "" : fmt::format("{:.1f}", versus(e, c, forecast::kHar)));
    }
  }
}

Result<EvaluateSpan> span_of(const Options& o) {
  if (o.candles.empty() || o.from.empty() || o.to.empty()) return fail("--candles, --from and --to are needed");
  const auto from = time_argument("--from", o.from);
  const auto to = time_argument("--to", o.to);
  const auto every = duration_argument("--every", o.every);
  const auto events = events_argument(o.events);
  if (!from) return fail(from.error().message);
  if (!to) return fail(to.error().message);
  if (!every) return fail(every.error().message);
  if (!events) return fail(events.error().message);
  if (*to < *from) return fail("--to lies before --from");
  return EvaluateSpan{*from, *to, *every, *events};
}

Status make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(fmt::format("{}: cannot be made: {}", path, error.message()));
  return {};
}

// The folder's two files, the table on the terminal, the line of JSON.
Result<int> finish(const Options& o, const EvaluateSpan& span, const Answers& answers,
                   const std::vector<Variant>& variants, const std::vector<FoldCurve>& curves,
                   const std::string& title) {
  if (answers.events.empty() || answers.events.front().at.empty())
    return fail("no requested time has a bar: check --from, --to and the candle files");
  if (auto s = make_folder(o.out); !s) return tl::unexpected(s.error());
  auto metrics = nlohmann::json::parse(metrics_json(answers, span));
  if (!variants.empty()) metrics["ablation"] = nlohmann::json::parse(ablation_json(variants));
  const auto html = report_html(answers, span, title, ablation_html(variants) + curves_html(curves));
  if (auto s = io::write_file(o.out + "/metrics.json", metrics.dump(1) + "\n"); !s) return fail(s.error().message);
  if (auto s = io::write_file(o.out + "/index.html", html); !s) return fail(s.error().message);
  print_scores(answers, span.every);
  if (!variants.empty()) fmt::print("\n{}", ablation_text(variants));
  if (o.json) fmt::print("{}\n", metrics.dump());
  return 0;
}

// What the bundle's own training wrote down.
std::vector<FoldCurve> curves_of(const std::string& model) {
  const auto text = io::read_file(model::bundle_directory(model) + "/metrics.json");
  const auto j = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json{};
  FoldCurve curve;
  if (!j.is_object()) return {};
  const auto points = [&](const char* member, const auto& take) {
    if (!j.contains(member) || !j[member].contains("loss_curve")) return;
    for (const auto& p : j[member]["loss_curve"]) {
      const auto loss = [&](const char* key) { return p[key].is_number() ? p[key].get<double>() : std::nan(""); };
      take(p, loss("train_log_loss"), loss("valid_log_loss"));
    }
  };
  points("patchtst", [&](const nlohmann::json& p, double train, double valid) {
    curve.patchtst.push_back({p["step"].get<std::int64_t>(), train, valid});
  });
  points("lightgbm", [&](const nlohmann::json& p, double train, double valid) {
    curve.lightgbm.push_back({p["round"].get<int>(), train, valid});
  });
  return {curve};
}

Result<int> run_bundle(const Options& o, const EvaluateSpan& span) {
  ProgressBar bar{"evaluate"};
  bar.show("reading candles", 0);
  auto bundle = model::load_bundle(o.model);
  if (!bundle) return fail(bundle.error().message);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fail(candles.error().message);
  const auto facts = bundle->facts;
  const auto warning = model::admit(*bundle, span.to, model::Use::research);
  if (!warning) return fail(warning.error().message);
  if (!warning->empty()) fmt::print(stderr, "warning: {}\n", *warning);
  if (span.from <= facts.trained_to) {
    fmt::print(stderr, "warning: the model was trained up to {}: scores before that are flattered\n",
               format_iso(facts.trained_to));
  }
  std::vector<Variant> variants;
  if (o.ablate) {
    variants = ablate(*bundle, *candles, span, [&](const std::string& what, double done) { bar.show(what, done); });
  }
  const auto f = Forecasting::make(std::move(*bundle), *candles);
  if (!f) return fail(f.error().message);
  Answers answers;
  collect(**f, span, answers, [&](double done) { bar.show("asking", done); });
  bar.clear();
  const auto title = fmt::format("Model trained on {} to {}, calibrated after {}.", format_iso(facts.trained_from),
                                 format_iso(facts.trained_to), format_iso(facts.held_out_from));
  return finish(o, span, answers, variants, curves_of(o.model), title);
}

Result<int> run_folds(const Options& o, const EvaluateSpan& span) {
  const auto held_out = duration_argument("--held-out", o.held_out);
  if (!held_out) return fail(held_out.error().message);
  ProgressBar bar{"evaluate"};
  bar.show("reading candles", 0);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fail(candles.error().message);
  WalkOptions options;
  options.folds = o.folds;
  options.train_days = o.train_days;
  options.train.held_out = *held_out;
  options.train.trees.rounds = o.rounds;
  options.train.questions.stride = static_cast<std::size_t>(o.stride);
  options.train.patchtst.wanted = o.patchtst_seconds > 0;
  options.train.patchtst.max_seconds = o.patchtst_seconds;
  const auto shown = [&](const std::string& what, double done) { bar.show(what, done); };
  auto walk = walk_forward(*candles, span, options, shown);
  if (!walk) return fail(walk.error().message);
  std::vector<Variant> variants;
  if (o.ablate) {
    auto others = ablate_training(*candles, span, options, shown);
    if (!others) return fail(others.error().message);
    variants.push_back({"as trained", walk->answers});
    for (auto& v : *others) variants.push_back(std::move(v));
  }
  bar.clear();
  const auto title = fmt::format("{} folds, each by a model trained on what lies a day and more before it.", o.folds);
  return finish(o, span, walk->answers, variants, walk->curves, title);
}

Result<int> run_market(const Options& o) {
  if (o.model.empty() || o.spot.empty() || o.history.empty() || o.results.empty())
    return fail("--tape needs --model, --spot, --history and --results");
  const auto forecasts = forecasts_from_bundle(o.model);
  if (!forecasts) return fail(forecasts.error().message);
  ProgressBar bar{"evaluate"};
  const auto rows = market_rows({o.tape, o.spot, o.history, o.results}, *forecasts,
                                [&](double done) { bar.show("the recorded books", done); });
  bar.clear();
  if (!rows) return fail(rows.error().message);
  if (rows->empty()) return fail("no minute of a market with a known result: check --tape and --results");
  if (auto s = make_folder(o.out); !s) return tl::unexpected(s.error());
  const auto text = market_json(*rows);
  if (auto s = io::write_file(o.out + "/market.json", text); !s) return fail(s.error().message);
  fmt::print("{}", market_text(*rows));
  if (o.json) fmt::print("{}\n", nlohmann::json::parse(text).dump());
  return 0;
}

Result<int> run_second(const Options& o) {
  if (o.model.empty() || o.candles.empty()) return fail("--second needs --model and --candles (the first venue's)");
  const auto events = events_argument(o.events);
  if (!events) return fail(events.error().message);
  const auto bundle = model::load_bundle(o.model);
  if (!bundle) return fail(bundle.error().message);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fail(candles.error().message);
  const auto ticks = io::read_spot_file(o.second);
  if (!ticks) return fail(ticks.error().message);
  // Horizons that end with a bar of the first venue.
  std::vector<Event> asked;
  const Duration step = candles->fine.bars.empty() ? candles->coarse.interval : candles->fine.interval;
  for (const auto& e : *events) {
    if (e.horizon.ns % step.ns == 0) asked.push_back(e);
  }
  const auto result = second_venue(*bundle, *candles, *ticks, asked);
  if (!result) return fail(result.error().message);
  if (auto s = make_folder(o.out); !s) return tl::unexpected(s.error());
  const auto text = second_json(*result);
  if (auto s = io::write_file(o.out + "/second.json", text); !s) return fail(s.error().message);
  fmt::print("{}", second_text(*result));
  if (o.json) fmt::print("{}\n", nlohmann::json::parse(text).dump());
  return 0;
}

Result<int> run_drift(const Options& o, const EvaluateSpan& span) {
  if (o.model.empty()) return fail("--drift needs --model");
  ProgressBar bar{"evaluate"};
  bar.show("reading candles", 0);
  auto bundle = model::load_bundle(o.model);
  if (!bundle) return fail(bundle.error().message);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fail(candles.error().message);
  if (span.from <= bundle->facts.trained_to) {
    fmt::print(stderr, "warning: the model was trained up to {}: before that its alarms are too quiet\n",
               format_iso(bundle->facts.trained_to));
  }
  const auto watch = watch_drift(std::make_shared<const forecast::Bundle>(std::move(*bundle)), *candles, span.from,
                                 span.to, [&](double done) { bar.show("watching", done); });
  bar.clear();
  if (watch.minutes == 0) return fail("no 1-minute bar in the span: check --from, --to and the candle files");
  if (auto s = make_folder(o.out); !s) return tl::unexpected(s.error());
  const auto text = drift_json(watch);
  if (auto s = io::write_file(o.out + "/drift.json", text); !s) return fail(s.error().message);
  fmt::print("{}", drift_text(watch));
  if (o.json) fmt::print("{}\n", nlohmann::json::parse(text).dump());
  return 0;
}

Result<int> run(const Options& o) {
  if (!o.tape.empty()) return run_market(o);
  if (!o.second.empty()) return run_second(o);
  const auto span = span_of(o);
  if (!span) return tl::unexpected(span.error());
  if (o.drift) return run_drift(o, *span);
  if (o.folds > 0) return run_folds(o, *span);
  if (o.model.empty()) return fail("--model is needed (or --folds, which trains its own)");
  return run_bundle(o, *span);
}

}  // namespace

Command add_evaluate(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("evaluate", "how good a bundle's forecasts were: scores, tests, reliability");
  c->add_option("--model", o->model, "model bundle, or a store");
  c->add_option("--candles", o->candles, "candle files, history included")->check(CLI::ExistingFile);
  c->add_option("--from", o->from, "first time")->check(time_problem);
  c->add_option("--to", o->to, "last time, included")->check(time_problem);
  c->add_option("--every", o->every, "step")->capture_default_str()->check(duration_problem);
  c->add_option("--events", o->events, "horizon:move,… (default: the standard six)");
  c->add_flag("--ablate", o->ablate,
              "also without each kind of input, each member and calibration; with --folds: "
              "trained otherwise (is_unbalance, without each group of features, RevIN)");
  c->add_flag("--drift", o->drift,
              "what the drift alarms would have said at each bar of the span: alarms a day, share of time standing");
  c->add_option("--folds", o->folds, "walk-forward: train before each of so many folds of the span, a day apart")
      ->check(CLI::Range(1, 60));
  c->add_option("--train-days", o->train_days, "with --folds: learn from so many days before each; 0: from all");
  c->add_option("--held-out", o->held_out, "with --folds: of them for calibration and weights")->capture_default_str();
  c->add_option("--rounds", o->rounds, "with --folds: trees that LightGBM grows")->capture_default_str();
  c->add_option("--stride", o->stride, "with --folds: minutes from one training moment to the next")
      ->capture_default_str()
      ->check(CLI::Range(1, 1440));
  c->add_option("--patchtst-seconds", o->patchtst_seconds, "with --folds: PatchTST's training in each; 0: without it")
      ->capture_default_str();
  c->add_option("--tape", o->tape, "judge fair and blend against the market on recorded books, as backtest reads them");
  c->add_option("--spot", o->spot, "with --tape: spot trades beside it");
  c->add_option("--history", o->history, "with --tape: candles before the sessions");
  c->add_option("--results", o->results, "with --tape: how the markets ended");
  c->add_option("--second", o->second, "judge the bundle on the trades of another venue (recv_ns,exch_ns,price,…)")
      ->check(CLI::ExistingFile);
  c->add_option("--out", o->out, "folder for index.html and metrics.json (market.json, second.json, drift.json)")
      ->required();
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer(
      "Examples:\n"
      "  voltage evaluate --model model --candles btc_2024.csv.gz btc_2025.csv.gz --from 2025-01-01 --to 2025-05-31 "
      "\\\n"
      "          --every 15m --ablate --out evaluation\n"
      "  voltage evaluate --folds 3 --candles btc_2023.csv.gz btc_2024.csv.gz --from 2024-07-01 --to 2024-12-31 --out "
      "wf\n"
      "  voltage evaluate --drift --model model --candles btc_2024.csv.gz btc_2025.csv.gz --from 2025-01-01 --to "
      "2025-01-31 --out d\n"
      "  voltage evaluate --model model --tape tapes --spot spot.csv.gz --history 5m.csv.gz --results results.csv "
      "--out m\n"
      "  voltage evaluate --model model --second spot.csv.gz --candles 5m.csv.gz --out s");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
