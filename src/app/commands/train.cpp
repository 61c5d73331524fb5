// voltage train: candles to a model bundle.
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/lifecycle/retrain.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"
#include "io/candle_file.hpp"
#include "model/bundle_files.hpp"
#include "model/train.hpp"
#include "venue/live_feeds.hpp"

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
  std::string every;  // empty: once, to a bundle
  std::string sealed{"28d"};
  int times{0};  // rounds with --every; 0: for ever
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

void print_seconds(const model::TrainSeconds& s) {
  fmt::print(
      "took {:.0f} s: LightGBM {:.0f} (grown twice), PatchTST {:.0f}, calibration and weights {:.0f}, the rest "
      "{:.0f}\n",
      s.total, s.lightgbm, s.patchtst, s.calibration, s.total - s.lightgbm - s.patchtst - s.calibration);
}

model::TrainOptions train_options(const Options& o, Duration held_out) {
  model::TrainOptions options;
  options.held_out = held_out;
  options.trees.seed = options.questions.seed = o.seed;
  options.trees.rounds = o.rounds;
  options.trees.is_unbalance = o.is_unbalance;
  options.patchtst.wanted = o.patchtst != "off";
  options.patchtst.seed = o.seed;
  options.patchtst.max_seconds = o.patchtst_seconds;
  options.patchtst.checkpoint = o.patchtst_checkpoint;
  return options;
}

std::atomic<bool> stopped{false};

// One challenger: trained, judged, promoted or refused. A round that fails is said, and the next one comes.
void one_round(const Options& o, const lifecycle::RetrainOptions& options, std::string& last_data) {
  ProgressBar bar{"train"};
  bar.show("reading candles", 0);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fmt::print(stderr, "round failed: {}\n", candles.error().message);
  if (candles->hash == last_data) return fmt::print("no new candles: nothing to train on\n");
  const auto round = lifecycle::retrain(options, *candles, venue::wall_now(),
                                        [&](const std::string& what, double done) { bar.show(what, done); });
  bar.clear();
  if (!round) return fmt::print(stderr, "round failed: {}\n", round.error().message);
  last_data = candles->hash;
  fmt::print("{} {}: {}\n", round->hash, round->verdict.promote ? "is in use" : "is refused", round->verdict.why);
  print_seconds(round->seconds);
  if (o.json) fmt::print("{}\n", lifecycle::verdict_json(round->verdict));
}

// A process of its own: what trades follows the store.
Result<int> run_schedule(const Options& o, Duration held_out) {
  const auto every = duration_argument("--every", o.every);
  const auto sealed = duration_argument("--sealed", o.sealed);
  if (!every) return tl::unexpected(every.error());
  if (!sealed) return tl::unexpected(sealed.error());
  lifecycle::RetrainOptions options{o.out, train_options(o, held_out), {}};
  options.rules.sealed = *sealed;
  if (const auto store = model::BundleStore::open(o.out); !store) return tl::unexpected(store.error());
  std::signal(SIGINT, [](int) { stopped = true; });
  std::signal(SIGTERM, [](int) { stopped = true; });
  std::string last_data;
  auto due = std::chrono::steady_clock::now();
  for (int round = 1; !stopped; ++round) {
    one_round(o, options, last_data);
    std::fflush(stdout);
    if (round == o.times) break;
    due += std::chrono::nanoseconds{every->ns};
    while (!stopped && std::chrono::steady_clock::now() < due) {
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
  }
  return 0;
}

Result<int> run(const Options& o) {
  const auto held_out = duration_argument("--held-out", o.held_out);
  if (!held_out) return fail(held_out.error().message);
  if (o.patchtst == "on") {
    // Known before minutes are spent on the other members.
    if (const auto fault = model::patchtst_trainer_fault(); !fault.empty()) return fail(fault);
  }
  if (!o.every.empty()) return run_schedule(o, *held_out);
  ProgressBar bar{"train"};
  bar.show("reading candles", 0);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return fail(candles.error().message);
  const auto options = train_options(o, *held_out);
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
  if (const auto s = model::save_bundle(*bundle, o.out, model::metrics_json(report)); !s)
    return fail(s.error().message);
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
                                      {"data_hash", f.data_hash},
                                      {"seconds",
                                       {{"total", report.seconds.total},
                                        {"lightgbm", report.seconds.lightgbm},
                                        {"patchtst", report.seconds.patchtst},
                                        {"calibration", report.seconds.calibration}}}}
                           .dump());
    return 0;
  }
  fmt::print("model in {}: {} to {}, calibrated and weighted on what lies after {}\n", o.out,
             format_iso(f.trained_from), format_iso(f.trained_to), format_iso(f.held_out_from));
  fmt::print("weights of the members:\n");
  print_weights(*bundle);
  print_seconds(report.seconds);
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
  c->add_option("--every", o->every,
                "retrain on this schedule until stopped; --out is then a store of bundles (voltage models), and a new "
                "bundle is used only if it beats the one in use on sealed data")
      ->check(duration_problem);
  c->add_option("--sealed", o->sealed, "with --every: the end of the candles, kept from training to judge on")
      ->capture_default_str()
      ->check(duration_problem);
  c->add_option("--times", o->times, "with --every: stop after so many rounds")->check(CLI::PositiveNumber);
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer(
      "Example: voltage train --candles btc_2023.csv.gz btc_2024.csv.gz --out model\n"
      "         voltage train --candles candles.db --every 6h --out models");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
