// voltage features: what the models see at each moment, as a table for other tools.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/forecasting.hpp"
#include "app/terminal.hpp"
#include "features/schema.hpp"
#include "io/table_file.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> candles;
  std::string from, to, every{"5m"}, out;
  bool json{false};
};

std::string row_of(const Forecasting& f, Time t, std::size_t slot) {
  const auto moment = f.ask().look(f.past(), slot);
  std::string text = fmt::format("{},{:.9g}", t.ms(), moment.close);
  for (std::size_t i = 0; i < features::moment_feature_count(); ++i) {
    text += std::isnan(moment.row[i]) ? std::string{","} : fmt::format(",{:.9g}", moment.row[i]);
  }
  return text + "\n";
}

Result<int> run(const Options& o) {
  const auto from = time_argument("--from", o.from), to = time_argument("--to", o.to);
  const auto every = duration_argument("--every", o.every);
  if (!from) return fail(from.error().message);
  if (!to) return fail(to.error().message);
  if (!every) return fail(every.error().message);
  if (*to < *from) return fail("--to lies before --from");
  ProgressBar bar{"features"};
  bar.show("reading candles", 0);
  const auto opened = Forecasting::open(o.model, o.candles);
  if (!opened) return fail(opened.error().message);
  std::vector<io::Column> columns{{"ts_ms", io::ColumnType::integer}, {"close", io::ColumnType::number}};
  for (std::size_t i = 0; i < features::moment_feature_count(); ++i) {
    columns.push_back({features::schema()[i].name, io::ColumnType::number});
  }
  auto file = io::TableFile::create(o.out, columns);
  if (!file) return fail(file.error().message);
  std::int64_t rows = 0;
  const double span = static_cast<double>((*to - *from).ns) + 1;
  for (Time t = *from; t <= *to; t = t + *every) {
    const auto slot = (*opened)->slot_beginning(t);
    if (!slot) continue;
    file->write(row_of(**opened, t, *slot));
    if (++rows % 512 == 0) bar.show("writing", static_cast<double>((t - *from).ns) / span);
  }
  bar.clear();
  if (rows == 0) return fail("no requested time has a bar: check --from, --to and the candle files");
  if (const auto s = file->commit(); !s) return fail(s.error().message);
  if (o.json)
    fmt::print("{}\n", nlohmann::json{{"rows", rows}, {"features", columns.size() - 2}}.dump());
  else
    fmt::print("{} rows of {} features\n", rows, columns.size() - 2);
  return 0;
}

}  // namespace

Command add_features(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("features", "what the models see at each moment, as CSV or Parquet");
  c->add_option("--model", o->model, "model bundle: its season is taken out")->required();
  c->add_option("--candles", o->candles, "candle files, 1-minute and 5-minute")->required()->check(CLI::ExistingFile);
  c->add_option("--from", o->from, "first time: begin of the last bar known")->required()->check(time_problem);
  c->add_option("--to", o->to, "last time, included")->required()->check(time_problem);
  c->add_option("--every", o->every, "step")->capture_default_str()->check(duration_problem);
  c->add_option("--out", o->out, "file to write: .parquet is Parquet, anything else CSV")->required();
  c->add_flag("--json", o->json, "one JSON object on the last line");
  c->footer(
      "Example: voltage features --model model --candles btc_2025.csv.gz --from 2025-01-01 --to 2025-01-31 \\\n"
      "           --out features.parquet");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
