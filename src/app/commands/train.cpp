// voltage train: candles to a model bundle.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"
#include "io/candle_file.hpp"
#include "model/bundle_files.hpp"
#include "model/train.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::vector<std::string> candles;
  std::string out;
  std::string held_out{"180d"};
  std::uint64_t seed{1};
  int rounds{200};
  bool is_unbalance{true};
  std::string patchtst{"auto"};
  double patchtst_seconds{300};
  std::string patchtst_checkpoint;
  bool json{false};
};

void print_weights(const forecast::Bundle& bundle) {
  fmt::print("{:>8}", "horizon");
  for (const char* name : forecast::kMemberNames) fmt::print(" {:>9}", name);
  fmt::print("\n");
  for (std::size_t k = 0; k < forecast::kNodes; ++k) {
    fmt::print("{:>7}m", forecast::kNodeMinutes[k]);
    for (const double w : bundle.weights[k]) fmt::print(" {:9.3f}", w);
    fmt::print("\n");
  }
}

std::string metrics_of(const model::TrainReport& report) {
  nlohmann::json curve = nlohmann::json::array();
  for (const auto& p : report.patchtst_curve) {
    curve.push_back({{"step", p.step}, {"train_log_loss", p.train_loss}, {"valid_log_loss", p.valid_loss}});
  }
  auto metrics = nlohmann::json::parse(report.metrics);
  metrics["patchtst"]["loss_curve"] = curve;
  return metrics.dump(1);
}

Result<int> run(const Options& o) {
  const auto held_out = duration_argument("--held-out", o.held_out);
  if (!held_out) return fail(held_out.error().message);
  ProgressBar bar{"train"};
  bar.show("reading candles", 0);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fail(candles.error().message);
  model::TrainOptions options;
  options.held_out = *held_out;
  options.trees.seed = options.questions.seed = o.seed;
  options.trees.rounds = o.rounds;
  options.trees.is_unbalance = o.is_unbalance;
  options.patchtst.wanted = o.patchtst != "off";
  options.patchtst.seed = o.seed;
  options.patchtst.max_seconds = o.patchtst_seconds;
  options.patchtst.checkpoint = o.patchtst_checkpoint;
  if (o.patchtst == "on") {
    // Known before minutes are spent on the other members.
    if (const auto fault = model::patchtst_trainer_fault(); !fault.empty()) return fail(fault);
  }
  model::TrainReport report;
  const auto bundle =
      model::train(*candles, options, [&](const std::string& what, double done) { bar.show(what, done); }, &report);
  if (!bundle) return fail(bundle.error().message);
  if (!report.patchtst_fault.empty()) {
    if (o.patchtst == "on") return fail(report.patchtst_fault);
    fmt::print(stderr, "warning: no PatchTST in this bundle: {}\n", report.patchtst_fault);
  }
  if (report.patchtst_time_bound) {
    fmt::print(stderr, "warning: PatchTST's training was shortened to {} s; another run may differ\n",
               o.patchtst_seconds);
  }
  if (const auto s = model::save_bundle(*bundle, o.out, metrics_of(report)); !s) return fail(s.error().message);
  const auto& f = bundle->facts;
  if (o.json) {
    fmt::print("{}\n", nlohmann::json{{"out", o.out},
                                      {"trained_from", format_iso(f.trained_from)},
                                      {"trained_to", format_iso(f.trained_to)},
                                      {"held_out_from", format_iso(f.held_out_from)},
                                      {"expires", format_iso(f.expires)},
                                      {"trees", bundle->trees.tree_count()},
                                      {"patchtst", bundle->patchtst != nullptr},
                                      {"schema_hash", f.schema_hash},
                                      {"data_hash", f.data_hash}}
                           .dump());
    return 0;
  }
  fmt::print("model in {}: {} to {}, calibrated and weighted on what lies after {}\n", o.out,
             format_iso(f.trained_from), format_iso(f.trained_to), format_iso(f.held_out_from));
  fmt::print("weights of the members:\n");
  print_weights(*bundle);
  fmt::print("may trade until {}\n", format_iso(f.expires));
  return 0;
}

}  // namespace

Command add_train(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("train", "candles to a model bundle");
  c->add_option("--candles", o->candles, "candle files, 1-minute")->required()->check(CLI::ExistingFile);
  c->add_option("--out", o->out, "directory of the bundle; a bundle there is replaced when the new one is whole")
      ->required();
  c->add_option("--held-out", o->held_out, "the last part of the candles, for calibration and weights")
      ->capture_default_str();
  c->add_option("--seed", o->seed, "the same seed and data give the same bundle")->capture_default_str();
  c->add_option("--rounds", o->rounds, "trees that LightGBM grows")->capture_default_str()->check(CLI::Range(1, 5000));
  c->add_option("--is-unbalance", o->is_unbalance, "LightGBM's is_unbalance")->capture_default_str();
  c->add_option("--patchtst", o->patchtst, "auto: if libtorch is there; on: fail without it; off: leave it out")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "on", "off"}));
  c->add_option("--patchtst-seconds", o->patchtst_seconds,
                "its training is shortened to this on a slow machine; 0: never")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
  c->add_option("--patchtst-checkpoint", o->patchtst_checkpoint, "file by which its training goes on after a kill");
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer("Example: voltage train --candles btc_2023.csv.gz btc_2024.csv.gz --out model");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
