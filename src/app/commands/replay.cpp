#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/replay.hpp"
#include "app/journal/run_folder.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

struct Arguments {
  std::string run, data{journal::kDataDefault};
  bool json{false};
};

Result<int> run_replay(const Arguments& a) {
  const auto folder = journal::find_run(a.data, a.run);
  if (!folder) return tl::unexpected(folder.error());
  ProgressBar bar{"replay"};
  const auto report =
      journal::replay(*folder, [&](std::uint64_t events) { bar.show(std::to_string(events) + " events", 0); });
  bar.clear();
  if (!report) return tl::unexpected(report.error());
  const auto& d = report->difference;
  fmt::print("{}: {} by {}, config {}\n", report->manifest.run, report->manifest.kind, report->manifest.program,
             report->manifest.config_hash.substr(0, 12));
  if (d)
    fmt::print("differs at seq {}: {}\n", d->seq, d->what);
  else
    fmt::print("{} events, {} effects: equal to the last byte\n", report->events, report->effects);
  if (!report->ended_in_order && !d)
    fmt::print("The run did not end in order; {} bytes at its end are no whole record.\n", report->torn_bytes);
  if (a.json) {
    fmt::print(
        R"({{"run":"{}","events":{},"effects":{},"equal":{},"first_difference":{},"ended_in_order":{},"torn_bytes":{}}})"
        "\n",
        report->manifest.run, report->events, report->effects, !d, d ? std::to_string(d->seq) : "null",
        report->ended_in_order, report->torn_bytes);
  }
  return d ? 1 : 0;
}

Result<int> run_runs(const Arguments& a) {
  std::size_t listed = 0;
  for (const auto& folder : journal::run_folders(a.data)) {
    const auto reader = io::JournalReader::open(folder);
    if (!reader) {
      fmt::print("{}\n", reader.error().message);
      continue;
    }
    const auto& m = reader->manifest();
    ++listed;
    if (a.json) {
      fmt::print("{}", io::manifest_json(m));
    } else {
      fmt::print("{:<36} {:<9} {}  seed {}  config {}  {}\n", m.run, m.kind, format_iso(m.start), m.seed,
                 m.config_hash.substr(0, 12), m.program);
    }
  }
  if (listed == 0 && !a.json) fmt::print("No runs under {}\n", journal::runs_folder(a.data));
  return 0;
}

}  // namespace

Command add_replay(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("replay", "A recorded run again, every effect compared byte by byte");
  c->add_option("run", a->run, "name of a run (see `voltage runs`), or its folder")->required();
  add_runs_folder(*c, a->data);
  c->add_flag("--json", a->json, "print the result as JSON on the last line");
  c->footer(
      "Exit 0: equal to the last byte; 1: not, and the first differing seq is named.\n"
      "Example:\n  voltage replay demo-1-20260301T000000Z");
  return {c, [a] { return run_replay(*a); }};
}

Command add_runs(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("runs", "The recorded runs");
  add_runs_folder(*c, a->data);
  c->add_flag("--json", a->json, "one JSON object a run");
  c->footer("Example:\n  voltage runs");
  return {c, [a] { return run_runs(*a); }};
}

}  // namespace voltage::app
