// A night's comparison as a person and as a program read it.
#include <fmt/format.h>

#include "app/nightly/attribution.hpp"
#include "base/decimal.hpp"
#include "io/json_writer.hpp"

namespace voltage::app::nightly {
namespace {

struct Row {
  const char* name;
  Money Attribution::* part;
  const char* meaning;
};
constexpr Row kRows[] = {
    {"backtest", &Attribution::backtest, "all streams well, the model asked anew, neutral fills, fees of the schedule"},
    {"data", &Attribution::data, "streams that were late, down or in doubt"},
    {"model", &Attribution::model, "forecasts that were others than the model gives now"},
    {"latency", &Attribution::latency, "orders that took longer, or shorter, than assumed"},
    {"queue", &Attribution::queue, "fills that the venue gave otherwise than the fill model"},
    {"fee", &Attribution::fee, "fees that were not the schedule's"},
    {"live", &Attribution::live, "what the run earned; open positions at the last middle"},
};

std::string models(const std::map<std::string, std::int64_t>& counts) {
  std::string out;
  for (const auto& [hash, count] : counts)
    out += fmt::format("{}{} of {}", out.empty() ? "" : ", ", count, hash.substr(0, 12));
  return out.empty() ? "none" : out;
}

// The causes stand indented between the two ends that they lead from and to.
std::string table(const Attribution& a) {
  std::string out;
  for (const auto& row : kRows) {
    const bool end = row.part == &Attribution::backtest || row.part == &Attribution::live;
    out += fmt::format("  {:<10}{:>16}  {}\n", (end ? "" : "  ") + std::string{row.name}, format_money(a.*row.part),
                       row.meaning);
  }
  return out;
}

void add_parts(io::JsonWriter& w, const Attribution& a) {
  for (const auto& row : kRows) w.money(row.name, a.*row.part);
}

Attribution total(const std::vector<Night>& nights) {
  Attribution sum;
  for (const auto& night : nights) {
    if (!night.parts) continue;
    for (const auto& row : kRows) sum.*row.part += (*night.parts).*row.part;
  }
  return sum;
}

}  // namespace

std::string text(const std::vector<Night>& nights) {
  std::string out;
  for (const auto& [run, parts] : nights) {
    if (run.difference) {
      out += fmt::format("{}: DIFFERS from its journal at seq {}: {}\n", run.manifest.run, run.difference->seq,
                         run.difference->what);
      continue;
    }
    out += fmt::format("{}: {} events and {} effects replay equal to the last byte\n", run.manifest.run, run.events,
                       run.effects);
    if (!parts) continue;
    out += table(*parts);
    out += fmt::format(
        "  {} orders, {} fills, first answers after {:.0f} ms at the median; the backtest sends {} orders\n",
        run.orders, run.fills, static_cast<double>(run.answer_median.ns) * 1e-6, parts->backtest_orders);
    out += fmt::format("  forecasts then: {}; now: {}\n", models(run.models), models(parts->models));
  }
  if (nights.size() > 1) out += fmt::format("all {} runs\n{}", nights.size(), table(total(nights)));
  return out;
}

std::string json(const std::vector<Night>& nights) {
  io::JsonWriter w;
  w.begin_object();
  add_parts(w, total(nights));
  w.begin_array("runs");
  for (const auto& [run, parts] : nights) {
    w.begin_object().string("run", run.manifest.run).string("kind", run.manifest.kind);
    w.boolean("equal", !run.difference).integer("events", static_cast<std::int64_t>(run.events));
    w.integer("orders", run.orders).integer("fills", run.fills);
    w.integer("answer_median_us", run.answer_median.ns / 1'000);
    if (parts) add_parts(w, *parts);
    w.end_object();
  }
  return w.end_array().end_object().take();
}

}  // namespace voltage::app::nightly
