// voltage forecast and voltage price: a bundle's answers over a span, as CSV.
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/forecasting.hpp"
#include "app/terminal.hpp"
#include "io/table_file.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> candles;
  std::string from, to, every{"5m"}, horizons, levels, out;
  bool json{false};
};

struct Job {
  Time from, to;
  Duration every;
  std::vector<Duration> horizons;
  std::vector<double> levels;  // moves, or log returns
};

// Lines of one moment, appended to text.
using WriteMoment = std::function<void(const Forecasting&, const Job&, Time, std::size_t slot, std::string& text)>;

Result<Job> job_of(const Options& o, const char* levels_name) {
  const auto from = time_argument("--from", o.from);
  const auto to = time_argument("--to", o.to);
  const auto every = duration_argument("--every", o.every);
  const auto horizons = durations_argument("--horizons", o.horizons);
  const auto levels = numbers_argument(levels_name, o.levels);
  if (!from) return fail(from.error().message);
  if (!to) return fail(to.error().message);
  if (!every) return fail(every.error().message);
  if (!horizons) return fail(horizons.error().message);
  if (!levels) return fail(levels.error().message);
  if (*to < *from) return fail("--to lies before --from");
  for (const Duration h : *horizons) {
    if (h.ns < features::kMinuteNs || h.seconds() > 86400) return fail("--horizons: from 1 minute to 24 hours");
  }
  return Job{*from, *to, *every, *horizons, *levels};
}

std::string number(double p) {
  return std::isnan(p) ? std::string{} : fmt::format("{:.9g}", p);
}

void write_forecast(const Forecasting& f, const Job& job, Time t, std::size_t slot, std::string& text) {
  const auto ask = f.ask();
  const auto moment = ask.look(f.past(), slot);
  for (const Duration h : job.horizons) {
    const auto ahead = ask.ahead(moment, h.seconds() / 60);
    for (const double move : job.levels) {
      const auto a = ask.answer(ahead, move);
      text += fmt::format("{},{:g},{:g}", t.ms(), h.seconds(), move);
      for (const double p : a.member) text += "," + number(p);
      text += "," + number(a.ensemble) + "\n";
    }
  }
}

void write_price(const Forecasting& f, const Job& job, Time t, std::size_t slot, std::string& text) {
  const auto ask = f.ask();
  const auto surface = ask.surface(ask.look(f.past(), slot));
  for (const Duration h : job.horizons) {
    const auto density = surface.density(h);
    for (const double level : job.levels) {
      text += fmt::format("{},{:g},{:g},{:.9g}\n", t.ms(), h.seconds(), level, density.above(level));
    }
  }
}

// Fills text for the moments [begin, end) of the job; returns how many had a bar.
std::size_t write_span(const Forecasting& f, const Job& job, std::int64_t begin, std::int64_t end,
                       const WriteMoment& write, std::string& text) {
  std::size_t answered = 0;
  for (std::int64_t i = begin; i < end; ++i) {
    const Time t = job.from + job.every * i;
    const auto slot = f.slot_beginning(t);
    if (!slot) continue;
    write(f, job, t, *slot, text);
    ++answered;
  }
  return answered;
}

io::Column number_column(const char* name) {
  return {name, io::ColumnType::number};
}

Result<int> run(const Options& o, const Job& job, const std::vector<io::Column>& columns, const WriteMoment& write) {
  ProgressBar bar{"forecast"};
  bar.show("reading candles", 0);
  const auto opened = Forecasting::open(o.model, o.candles);
  if (!opened) return fail(opened.error().message);
  const Forecasting& f = **opened;
  if (const auto warning = f.expiry_warning(job.to); !warning.empty()) fmt::print(stderr, "warning: {}\n", warning);
  auto file = io::TableFile::create(o.out, columns);
  if (!file) return fail(file.error().message);
  const std::int64_t moments = (job.to - job.from).ns / job.every.ns + 1;
  constexpr std::int64_t chunk = 512;  // moments a thread takes at once
  constexpr std::int64_t threads = 2;
  std::size_t answered = 0;
  for (std::int64_t at = 0; at < moments; at += chunk * threads) {
    std::array<std::string, threads> text;
    std::array<std::size_t, threads> count{};
    std::vector<std::thread> workers;
    for (std::size_t k = 0; k < threads; ++k) {
      const auto begin = std::min(moments, at + static_cast<std::int64_t>(k) * chunk);
      workers.emplace_back(
          [&, k, begin] { count[k] = write_span(f, job, begin, std::min(moments, begin + chunk), write, text[k]); });
    }
    for (auto& w : workers) w.join();
    for (std::size_t k = 0; k < threads; ++k) {
      file->write(text[k]);
      answered += count[k];
    }
    bar.show("forecasting",
             static_cast<double>(std::min(moments, at + chunk * threads)) / static_cast<double>(moments));
  }
  if (answered == 0) return fail("no requested time has a bar: check --from, --to and the candle files");
  if (const auto s = file->commit(); !s) return fail(s.error().message);
  const std::size_t rows = answered * job.horizons.size() * job.levels.size();
  if (o.json) {
    fmt::print("{}\n", nlohmann::json{{"rows", rows}, {"moments", answered}, {"asked", moments}}.dump());
  } else {
    fmt::print("{} rows: {} of {} moments have a bar\n", rows, answered, moments);
  }
  return 0;
}

void add_options(CLI::App* c, Options& o) {
  c->add_option("--model", o.model, "model bundle")->required();
  c->add_option("--candles", o.candles, "candle files, 1-minute and 5-minute")->required()->check(CLI::ExistingFile);
  c->add_option("--from", o.from, "first time: begin of the last bar known")->required()->check(time_problem);
  c->add_option("--to", o.to, "last time, included")->required()->check(time_problem);
  c->add_option("--every", o.every, "step")->capture_default_str()->check(duration_problem);
  c->add_option("--horizons", o.horizons, "1m to 24h, like 15m,60m,240m")->required()->check(durations_problem);
  c->add_option("--out", o.out, "file to write: .parquet is Parquet, anything else CSV")->required();
  c->add_flag("--json", o.json, "one JSON object on the last line");
}

}  // namespace

Command add_forecast(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("forecast", "probability of a move beyond X within H, by every member");
  add_options(c, *o);
  c->add_option("--moves", o->levels, "log moves > 0, like 0.0015,0.003")->required()->check(numbers_problem);
  c->footer(
      "Example: voltage forecast --model model --candles btc_2025.csv.gz --from 2025-01-01 --to 2025-01-31 \\\n"
      "           --horizons 15m,60m --moves 0.0015,0.003 --out forecast.csv");
  return {
      c, [o]() -> Result<int> {
        const auto job = job_of(*o, "--moves");
        if (!job) return fail(job.error().message);
        for (const double move : job->levels) {
          if (move <= 0) return fail("--moves: a move is greater than 0");
        }
        std::vector<io::Column> columns{{"ts_ms", io::ColumnType::integer}};
        for (const char* name : {"horizon_s", "move", "p_ewma", "p_har", "p_lightgbm", "p_patchtst", "p_ensemble"}) {
          columns.push_back(number_column(name));
        }
        return run(*o, *job, columns, write_forecast);
      }};
}

Command add_price(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("price", "the signed density: probability of a log return above a level");
  add_options(c, *o);
  c->add_option("--returns", o->levels, "log returns, like -0.006,-0.003,0,0.003,0.006")
      ->required()
      ->check(numbers_problem);
  c->footer(
      "Example: voltage price --model model --candles btc_2025.csv.gz --from 2025-01-01 --to 2025-01-31 \\\n"
      "           --every 15m --horizons 15m,60m --returns=-0.003,0,0.003 --out price.csv");
  return {c, [o]() -> Result<int> {
            const auto job = job_of(*o, "--returns");
            if (!job) return fail(job.error().message);
            const std::vector<io::Column> columns{{"ts_ms", io::ColumnType::integer},
                                                  number_column("horizon_s"),
                                                  number_column("log_return"),
                                                  number_column("p_above")};
            return run(*o, *job, columns, write_price);
          }};
}

}  // namespace voltage::app
