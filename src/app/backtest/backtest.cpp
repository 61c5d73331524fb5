#include "app/backtest/backtest.hpp"

#include <filesystem>
#include <utility>

#include "app/journal/run_folder.hpp"
#include "app/run/core.hpp"
#include "io/atomic_file.hpp"
#include "io/candle_file.hpp"
#include "venue/tape/tape.hpp"

namespace voltage::app::backtest {
namespace {

using namespace literals;

struct Loaded {
  std::vector<std::string> files;
  std::vector<io::SpotTick> spot;
  market::CandleSeries history;
  std::map<std::string, io::OutcomeRow> outcomes;
};

Result<Loaded> load(const Options& o) {
  auto files = venue::tape::sessions(o.tape);
  if (!files) return tl::unexpected(files.error());
  auto spot = io::read_spot_file(o.spot);
  if (!spot) return tl::unexpected(spot.error());
  auto history = io::read_candle_file(o.history);
  if (!history) return tl::unexpected(history.error());
  if (!history->insane.empty()) {
    return fail(o.history + ":" + std::to_string(history->insane[0].line) + ": " + history->insane[0].what);
  }
  auto outcomes = io::read_outcome_file(o.results);
  if (!outcomes) return tl::unexpected(outcomes.error());
  return Loaded{std::move(*files), std::move(*spot), std::move(history->series), std::move(*outcomes)};
}

CoreConfig core_config(const Options& o) {
  CoreConfig config{{}, o.strategy};
  config.engine.cash = o.cash;
  config.engine.quiet = o.quiet;
  config.engine.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  config.engine.needed[static_cast<std::size_t>(event::Stream::index)] = false;
  return config;
}

// Nothing is at stake but the report: the journal waits for the disk, and nothing for a sync.
Result<std::unique_ptr<io::JournalWriter>> open_journal(const Options& o, const CoreConfig& config, bool wanted) {
  if (o.journal.empty() || !wanted) return nullptr;
  io::JournalOptions how;
  how.durable = false;
  how.patient = true;
  return journal::start_run({o.journal, "backtest", 0, {}, {}}, config, how);
}

struct PassResult {
  Pass pass;
  Statistics statistics;
};

Result<PassResult> run_pass(const Options& o, const Loaded& data, const venue::sim::FillModel& model, Report& report) {
  auto forecasts = o.forecasts();
  if (!forecasts) return tl::unexpected(forecasts.error());
  const CoreConfig config = core_config(o);
  Core core{config};
  engine::Engine& engine = core.engine();
  auto journal = open_journal(o, config, model.name == venue::sim::neutral().name);
  if (!journal) return tl::unexpected(journal.error());
  venue::sim::SimExchange exchange{model};
  Tickers tickers;
  PassRecorder recorder{tickers, core};
  World world{engine, exchange, **forecasts, {&recorder}, 50_ms, journal->get()};
  Settlements settlements{data.outcomes};
  const Inputs inputs{data.spot, data.history};
  report.sessions = report.records = report.deltas = report.sequence_holes = 0;
  for (const auto& file : data.files) {
    if (o.progress)
      o.progress(model.name, static_cast<double>(report.sessions) / static_cast<double>(data.files.size()));
    const auto counts = play_session(file, inputs, tickers, settlements, world);
    if (!counts) return tl::unexpected(counts.error());
    ++report.sessions;
    report.records += counts->records;
    report.deltas += counts->deltas;
    report.sequence_holes += counts->sequence_holes;
  }
  settlements.settle_before(world, kNever);
  if (*journal) {
    if (auto ok = (*journal)->close(); !ok) return tl::unexpected(ok.error());
  }
  report.counters = engine.counters();
  report.crossed_messages = report.books_lost = 0;
  for (const auto& listing : engine.books().all()) {
    report.crossed_messages += listing.crossed_moments;
    report.books_lost += listing.losses;
  }
  PassResult result{recorder.take(), {}};
  report.crossed_decisions = result.pass.crossed_decisions;
  report.model_hash = result.pass.model_hash;
  result.statistics = judge(result.pass, engine, model.name);
  result.pass.fills_csv = fills_csv(result.pass, tickers);
  return result;
}

}  // namespace

Result<Report> run(const Options& o) {
  auto data = load(o);
  if (!data) return tl::unexpected(data.error());
  Report report;
  std::vector<Statistics> statistics;
  Pass shown;
  // The neutral pass comes last: its counters and files are the ones shown.
  for (const auto& model : {venue::sim::pessimistic(), venue::sim::optimistic(), venue::sim::neutral()}) {
    auto result = run_pass(o, *data, model, report);
    if (!result) return tl::unexpected(result.error());
    statistics.push_back(result->statistics);
    shown = std::move(result->pass);
  }
  report.passes = {statistics[0], statistics[2], statistics[1]};
  std::error_code ec;
  std::filesystem::create_directories(o.out, ec);
  if (ec) return fail(o.out + ": cannot be made: " + ec.message());
  const std::pair<const char*, std::string> outputs[] = {{"quotes.csv", shown.quotes_csv},
                                                         {"orders.csv", shown.orders_csv},
                                                         {"fills.csv", shown.fills_csv},
                                                         {"summary.json", summary_json(report)},
                                                         {"report.html", report_html(report)}};
  for (const auto& [name, bytes] : outputs) {
    if (auto ok = io::write_file(o.out + "/" + name, bytes); !ok) return tl::unexpected(ok.error());
  }
  return report;
}

}  // namespace voltage::app::backtest
