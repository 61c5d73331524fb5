// voltage seal: runs that are over, compressed and checksummed, within a disk budget.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/run_folder.hpp"
#include "app/journal/tables.hpp"
#include "io/journal_reader.hpp"
#include "io/journal_seal.hpp"

namespace voltage::app {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> runs;
  std::string data{journal::kDataDefault}, quiet{"1h"}, parquet;
  double budget_gb{0};
  bool verify{false}, json{false};
};

struct Run {
  std::string folder, kind;
  Time start{};
  std::int64_t bytes{0};
  bool newest_of_kind{false};
};

// When the run's folder was last written to.
Duration since_written(const std::string& folder) {
  fs::file_time_type newest{};
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator{folder, ec}) newest = std::max(newest, entry.last_write_time(ec));
  return Duration{
      std::chrono::duration_cast<std::chrono::nanoseconds>(fs::file_time_type::clock::now() - newest).count()};
}

std::vector<Run> runs_of(const std::string& data) {
  std::vector<Run> out;
  for (const auto& folder : journal::run_folders(data)) {
    const auto reader = io::JournalReader::open(folder);
    if (!reader) continue;
    Run run{folder, reader->manifest().kind, reader->manifest().start, 0, false};
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator{folder, ec})
      run.bytes += static_cast<std::int64_t>(entry.file_size(ec));
    out.push_back(std::move(run));
  }
  std::sort(out.begin(), out.end(), [](const Run& a, const Run& b) { return a.start < b.start; });
  std::set<std::string> seen;
  for (auto run = out.rbegin(); run != out.rend(); ++run) run->newest_of_kind = seen.insert(run->kind).second;
  return out;
}

// Oldest first, sealed ones alone, never the newest of its kind: the next run reads its losses from it.
std::int64_t keep_budget(const Arguments& a) {
  if (a.budget_gb <= 0) return 0;
  auto runs = runs_of(a.data);
  std::int64_t total = 0, removed = 0;
  for (const auto& run : runs) total += run.bytes;
  for (const auto& run : runs) {
    if (static_cast<double>(total) <= a.budget_gb * 1e9) break;
    if (run.newest_of_kind || !io::is_sealed(run.folder)) continue;
    std::error_code ec;
    fs::remove_all(run.folder, ec);
    if (ec) continue;
    fmt::print("{}: removed, {:.1f} MB\n", run.folder, static_cast<double>(run.bytes) * 1e-6);
    total -= run.bytes;
    ++removed;
  }
  return removed;
}

Result<int> seal(const Arguments& a) {
  const auto quiet = duration_argument("--quiet", a.quiet);
  if (!quiet) return tl::unexpected(quiet.error());
  std::vector<std::string> folders;
  for (const auto& run : a.runs) {
    const auto folder = journal::find_run(a.data, run);
    if (!folder) return tl::unexpected(folder.error());
    folders.push_back(*folder);
  }
  const bool all = folders.empty();
  if (all) folders = journal::run_folders(a.data);
  std::int64_t sealed = 0, verified = 0, failed = 0, plain = 0, packed = 0;
  for (const auto& folder : folders) {
    if (!io::is_sealed(folder)) {
      // One that is still written must not be touched.
      if (all && since_written(folder) < *quiet) continue;
      const auto done = io::seal_journal(folder);
      if (!done) {
        fmt::print(stderr, "{}\n", done.error().message);
        ++failed;
        continue;
      }
      if (!a.parquet.empty()) {
        const std::string name = fs::path{folder}.filename().string();
        const auto tables = journal::export_tables(folder, a.parquet + "/" + name);
        if (!tables) return tl::unexpected(tables.error());
      }
      ++sealed;
      plain += done->plain;
      packed += done->packed;
      fmt::print("{}: {} segments, {:.1f} MB to {:.1f} MB\n", folder, done->segments,
                 static_cast<double>(done->plain) * 1e-6, static_cast<double>(done->packed) * 1e-6);
    }
    if (!a.verify) continue;
    if (const auto ok = io::verify_seal(folder); !ok) {
      fmt::print(stderr, "{}\n", ok.error().message);
      ++failed;
    } else {
      ++verified;
    }
  }
  const std::int64_t removed = keep_budget(a);
  if (a.json)
    fmt::print(R"({{"sealed":{},"verified":{},"failed":{},"removed":{},"plain_bytes":{},"packed_bytes":{}}})"
               "\n",
               sealed, verified, failed, removed, plain, packed);
  else
    fmt::print("{} sealed, {} verified, {} removed\n", sealed, verified, removed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

Command add_seal(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  auto* c = root.add_subcommand("seal", "Compress and checksum the journals of runs that are over; keep a disk budget");
  c->add_option("run", a->runs, "names of runs, or their folders; default: all that are over");
  add_runs_folder(*c, a->data);
  c->add_option("--quiet", a->quiet, "a run that was written to since is not over")
      ->check(duration_problem)
      ->capture_default_str();
  c->add_option("--budget-gb", a->budget_gb, "remove the oldest sealed runs beyond this; the newest of a kind stays")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--parquet", a->parquet, "also write the tables of each run that is sealed now, a folder a run");
  c->add_flag("--verify", a->verify, "check every sealed segment against its checksum");
  c->add_flag("--json", a->json, "one JSON object as the last line");
  c->footer(
      "Sealed runs replay, explain and report like others. Once a day, from a timer:\n\n"
      "Example: voltage seal --verify --budget-gb 50");
  return {c, [a] { return seal(*a); }};
}

}  // namespace voltage::app
