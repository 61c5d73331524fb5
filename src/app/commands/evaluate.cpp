// voltage evaluate: how good a bundle's forecasts were.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/evaluation/evaluate.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> candles;
  std::string from, to, every{"5m"}, out, events;
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

Result<int> run(const Options& o) {
  const auto from = time_argument("--from", o.from);
  const auto to = time_argument("--to", o.to);
  const auto every = duration_argument("--every", o.every);
  const auto events = events_argument(o.events);
  if (!from) return fail(from.error().message);
  if (!to) return fail(to.error().message);
  if (!every) return fail(every.error().message);
  if (!events) return fail(events.error().message);
  if (*to < *from) return fail("--to lies before --from");
  ProgressBar bar{"evaluate"};
  bar.show("reading candles", 0);
  const auto opened = Forecasting::open(o.model, o.candles);
  if (!opened) return fail(opened.error().message);
  const Forecasting& f = **opened;
  if (const auto warning = f.expiry_warning(*to); !warning.empty()) fmt::print(stderr, "warning: {}\n", warning);
  const auto& facts = f.bundle().facts;
  if (*from <= facts.trained_to) {
    fmt::print(stderr, "warning: the model was trained up to {}: scores before that are flattered\n",
               format_iso(facts.trained_to));
  }
  const EvaluateSpan span{*from, *to, *every, *events};
  Answers answers;
  collect(f, span, answers, [&](double done) { bar.show("asking", done); });
  bar.clear();
  if (answers.events.front().at.empty())
    return fail("no requested time has a bar: check --from, --to and the candle files");
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  if (error) return fail(fmt::format("{}: cannot be made: {}", o.out, error.message()));
  const auto title = fmt::format("Model trained on {} to {}, calibrated after {}.", format_iso(facts.trained_from),
                                 format_iso(facts.trained_to), format_iso(facts.held_out_from));
  const auto metrics = metrics_json(answers, span);
  if (auto s = io::write_file(o.out + "/metrics.json", metrics); !s) return fail(s.error().message);
  if (auto s = io::write_file(o.out + "/index.html", report_html(answers, span, title)); !s) {
    return fail(s.error().message);
  }
  print_scores(answers, *every);
  if (o.json) fmt::print("{}\n", nlohmann::json::parse(metrics).dump());
  return 0;
}

}  // namespace

Command add_evaluate(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("evaluate", "how good a bundle's forecasts were: scores, tests, reliability");
  c->add_option("--model", o->model, "model bundle")->required();
  c->add_option("--candles", o->candles, "candle files, history included")->required()->check(CLI::ExistingFile);
  c->add_option("--from", o->from, "first time")->required()->check(time_problem);
  c->add_option("--to", o->to, "last time, included")->required()->check(time_problem);
  c->add_option("--every", o->every, "step")->capture_default_str()->check(duration_problem);
  c->add_option("--events", o->events, "horizon:move,… (default: the standard six)");
  c->add_option("--out", o->out, "folder for index.html and metrics.json")->required();
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer(
      "Example: voltage evaluate --model model --candles btc_2024.csv.gz btc_2025.csv.gz \\\n"
      "           --from 2025-01-01 --to 2025-05-31 --every 15m --out evaluation");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
