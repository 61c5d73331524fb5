#include <atomic>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/demo/demo.hpp"
#include "app/demo/demo_model.hpp"
#include "app/journal/run_folder.hpp"
#include "app/terminal.hpp"
#include "app/watch/run_watch.hpp"
#include "app/watch/watch_options.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

using namespace literals;

struct Arguments {
  std::string wall{"60s"};
  double speed{20};
  std::uint64_t seed{1};
  double error{1.0};
  std::string data{journal::kDataDefault};
  std::string model{"voltage-data/demo-model"};
  watch::WatchOptions watch;
  bool json{false};
};

// A name of its own for each run, so that none is written over.
std::string run_name(std::uint64_t seed) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::string stamp = format_iso(Time{now.tv_sec * (1_s).ns + now.tv_nsec / 1'000'000 * (1_ms).ns});
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("demo-{}-{}", seed, stamp);
}

std::atomic<bool> stop_asked{false};
void ask_to_stop(int) {
  stop_asked = true;
}

void print(const demo::Outcome& o, double makers_error) {
  const bool efficient = makers_error == 1.0;
  fmt::print("\nSimulated, not a market: {} of a seeded bitcoin whose makers {}.\n", format_duration(o.simulated),
             efficient ? "know the volatility" : fmt::format("believe in {:g} times the volatility", makers_error));
  fmt::print("{} forecasts, {} orders, {} fills, {} contracts settled, model {}\n", o.forecasts, o.orders, o.fills,
             o.windows_settled, o.model_hash);
  fmt::print("cash ${} -> ${}, fees ${}, open positions at cost ${}: net ${} before they settle\n",
             format_money(o.cash_start), format_money(o.cash_end), format_money(o.fees), format_money(o.open_at_cost),
             format_money(o.net));
  fmt::print("{}\n", efficient
                         ? "In an efficient market the honest expectation is about minus the fees; a few trades show "
                           "luck, not skill."
                         : "The edge was put there by --volatility-error: it says nothing about a real market.");
}

// The bundle of the demo, trained now if it is not there.
Result<MakeForecasts> demo_forecasts(const std::string& directory, watch::Lookout* lookout) {
  if (std::filesystem::exists(directory)) return forecasts_from_bundle(directory);
  fmt::print("no model in {}: training one on another simulated history\n", directory);
  ProgressBar bar{"train"};
  const auto trained = demo::train_model(directory, [&](const std::string& step, double done) {
    bar.show(step, done);
    if (lookout != nullptr) watch::show_training(*lookout, "demo", step, done);
  });
  bar.clear();
  if (!trained) return tl::unexpected(trained.error());
  return forecasts_from_bundle(directory);
}

Result<int> run(const Arguments& a) {
  demo::Options options;
  const auto wall = parse_duration(a.wall);
  if (!wall || wall->ns <= 0) return fail("--for " + a.wall + ": not a duration; write 60s or 5m");
  options.wall = *wall;
  options.speed = a.speed;
  options.seed = a.seed;
  options.volatility_error = a.error;
  options.history = 24_h * 30;
  options.stop = &stop_asked;
  if (!a.data.empty()) options.journal = journal::runs_folder(a.data) + "/" + run_name(a.seed);
  options.say = [](const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  auto lookout = watch::start_lookout(a.watch, a.data, options.journal);
  if (!lookout) return tl::unexpected(lookout.error());
  options.lookout = lookout->get();
  const auto forecasts = demo_forecasts(a.model, options.lookout);
  if (!forecasts) return tl::unexpected(forecasts.error());
  options.forecasts = *forecasts;
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  const auto outcome = demo::run(options);
  if (!outcome) return tl::unexpected(outcome.error());
  print(*outcome, a.error);
  if (!options.journal.empty()) fmt::print("Journal: {0}; `voltage replay {0}` runs it again.\n", options.journal);
  if (a.json) {
    fmt::print(
        R"({{"simulated":true,"simulated_seconds":{},"forecasts":{},"orders":{},"fills":{},"settled":{},"cash_start":{},"cash_end":{},"cash_changes":{},"fees":{},"open_at_cost":{}}})"
        "\n",
        outcome->simulated.ns / (1_s).ns, outcome->forecasts, outcome->orders, outcome->fills, outcome->windows_settled,
        format_money(outcome->cash_start), format_money(outcome->cash_end), format_money(outcome->sum_of_changes),
        format_money(outcome->fees), format_money(outcome->open_at_cost));
  }
  return 0;
}

}  // namespace

Command add_demo(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("demo", "The whole system on a simulated market, on this machine alone");
  c->add_option("--for", a->wall, "how long, by the wall clock")->check(duration_problem)->capture_default_str();
  c->add_option("--speed", a->speed, "simulated seconds per second; 0 runs as fast as it can")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  c->add_option("--seed", a->seed, "of the simulated market")->capture_default_str();
  c->add_option("--volatility-error", a->error, "the makers' volatility over the true one; 1 is an efficient market")
      ->check(CLI::Range(0.2, 5.0))
      ->capture_default_str();
  c->add_option("--data", a->data, "folder that keeps the run's journal; empty keeps none")->capture_default_str();
  c->add_option("--model", a->model, "the demo's model bundle; trained if it is not there")->capture_default_str();
  watch::add_watch_options(*c, a->watch);
  c->add_flag("--json", a->json, "print the outcome as JSON on the last line");
  c->footer("Example:\n  voltage demo --for 60s --speed 20 --seed 7");
  return {c, [a] { return run(*a); }};
}

}  // namespace voltage::app
