// voltage report: what runs earned, from their journals.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/run_folder.hpp"
#include "app/journal/run_report.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app {
namespace {

struct Arguments {
  std::vector<std::string> runs;
  std::string data{journal::kDataDefault}, html;
  bool json{false}, message{false};
};

Result<int> tell(const Arguments& a, const std::vector<std::string>& folders) {
  const auto report = journal::report_runs(folders);
  if (!report) return tl::unexpected(report.error());
  if (!a.html.empty()) {
    if (auto ok = io::write_file(a.html, journal::report_html(*report)); !ok) return tl::unexpected(ok.error());
  }
  fmt::print("{}", a.message ? journal::report_message(*report) + "\n" : journal::report_text(*report));
  if (!a.html.empty()) fmt::print("Page: {}\n", a.html);
  if (a.json) fmt::print("{}\n", journal::report_json(*report));
  return 0;
}

Result<int> report(const Arguments& a) {
  std::vector<std::string> folders;
  for (const auto& run : a.runs) {
    const auto folder = journal::find_run(a.data, run);
    if (!folder) return tl::unexpected(folder.error());
    folders.push_back(*folder);
  }
  return tell(a, folders);
}

void add_outputs(CLI::App* c, const std::shared_ptr<Arguments>& a) {
  add_runs_folder(*c, a->data);
  c->add_option("--html", a->html, "write a page there");
  c->add_flag("--message", a->message, "a few lines for a chat");
  c->add_flag("--json", a->json, "one JSON object as the last line");
}

}  // namespace

Command add_report(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  auto* c = root.add_subcommand("report", "What a run earned, and how sure that is, from its journal");
  c->add_option("run", a->runs, "names of runs (see `voltage runs`), or their folders")->required();
  add_outputs(c, a);
  c->footer(
      "The run is made again from its journal; exit 1 if it replays otherwise than recorded.\n\n"
      "Example: voltage report paper-20261122T120000Z --html report.html");
  return {c, [a] { return report(*a); }};
}

}  // namespace voltage::app
