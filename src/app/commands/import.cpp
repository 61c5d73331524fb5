// voltage import: candle files into the store.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands/commands.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"
#include "io/candle_file.hpp"
#include "io/candle_store.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string store{"candles.db"};
  std::string source{"btc"};
  bool json{false};
};

struct Totals {
  std::int64_t rows{}, added{}, present{}, differing{}, insane{}, duplicates{}, gaps{}, missing{};
};

constexpr std::size_t kShown = 5;  // faults of a kind that are printed; the counts are complete

void print_faults(const std::string& path, const char* kind, const std::vector<io::RowFault>& faults) {
  for (std::size_t i = 0; i < std::min(kShown, faults.size()); ++i) {
    fmt::print("  {}: {}:{}: {}\n", kind, path, faults[i].line, faults[i].what);
  }
  if (faults.size() > kShown) fmt::print("  … and {} more of this kind\n", faults.size() - kShown);
}

void print_file(const std::string& path, const io::CandleFile& file, const io::StoreCounts& counts) {
  fmt::print("{}: {} rows, {} to {}, every {}: {} added, {} there already\n", path, file.rows,
             format_iso(file.series.bars.front().begin), format_iso(file.series.bars.back().begin),
             format_duration(file.series.interval), counts.added, counts.present);
  print_faults(path, "gap", file.gaps);
  print_faults(path, "duplicate, not stored", file.duplicates);
  print_faults(path, "insane, not stored", file.insane);
  for (const std::int64_t ms : counts.differ_at) {
    fmt::print("  differs from the stored row, which stays: {}\n", format_iso(Time::from_ms(ms)));
  }
}

Result<int> run(const Options& o) {
  ProgressBar bar{"import"};
  // Everything is read before the store is touched: a file that can't be read leaves it as it was.
  std::vector<std::pair<io::CandleFile, io::StoreCounts>> done;
  for (const auto& path : o.files) {
    bar.show(path, static_cast<double>(done.size()) / static_cast<double>(2 * o.files.size()));
    auto file = io::read_candle_file(path);
    if (!file) return fail(file.error().message + " (nothing was imported)");
    if (file->series.bars.empty()) return fail(path + ": no sane row in it (nothing was imported)");
    done.emplace_back(std::move(*file), io::StoreCounts{});
  }
  auto store = io::CandleStore::open(o.store);
  if (!store) return fail(store.error().message);
  if (const auto s = store->begin(); !s) return fail(s.error().message);
  Totals all;
  for (std::size_t i = 0; i < done.size(); ++i) {
    bar.show(o.files[i], 0.5 + static_cast<double>(i) / static_cast<double>(2 * o.files.size()));
    auto& [file, stored] = done[i];
    const auto counts = store->add(o.source, file.series);
    if (!counts) return fail(counts.error().message);
    stored = *counts;
    all.rows += file.rows;
    all.added += counts->added;
    all.present += counts->present;
    all.differing += counts->differing;
    all.insane += std::ssize(file.insane);
    all.duplicates += std::ssize(file.duplicates);
    all.gaps += std::ssize(file.gaps);
    all.missing += file.missing_bars;
  }
  if (const auto s = store->commit(); !s) return fail(s.error().message);
  bar.clear();
  for (std::size_t i = 0; i < done.size(); ++i) print_file(o.files[i], done[i].first, done[i].second);
  fmt::print(
      "{}: {} rows read, {} added, {} there already, {} differing; {} gaps ({} bars), {} duplicates, {} insane\n",
      o.store, all.rows, all.added, all.present, all.differing, all.gaps, all.missing, all.duplicates, all.insane);
  if (o.json) {
    fmt::print("{}\n", nlohmann::json{{"rows", all.rows},
                                      {"added", all.added},
                                      {"present", all.present},
                                      {"differing", all.differing},
                                      {"insane", all.insane},
                                      {"duplicates", all.duplicates},
                                      {"gaps", all.gaps},
                                      {"missing_bars", all.missing}}
                           .dump());
  }
  return 0;
}

}  // namespace

Command add_import(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("import", "candle files into the store; reports gaps, duplicates and insane rows");
  c->add_option("files", o->files, "candle CSV (plain or .gz), Kraken OHLCVT CSV, Binance klines .zip")
      ->required()
      ->check(CLI::ExistingFile);
  c->add_option("--store", o->store, "SQLite file; other commands take it as a candle file")->capture_default_str();
  c->add_option("--source", o->source, "name under which the candles are kept")->capture_default_str();
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer("Example: voltage import btc_2024.csv.gz btc_2025.csv.gz --store candles.db");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
