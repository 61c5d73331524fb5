// The same numbers for a person in a terminal, in a browser, in a chat, and for a program.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/journal/run_report.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"

namespace voltage::app::journal {
namespace {

std::string cents(double v) {
  return std::isnan(v) ? "unknown" : fmt::format("{:+.2f} c", v);
}
std::string dollars(Money m) {
  return fmt::format("{}${:.2f}", m.micros < 0 ? "-" : "", std::abs(m.dollars()));
}
// To the micro-dollar: what parts add up to is exact.
std::string exact_dollars(Money m) {
  return (m.micros < 0 ? "-$" : "$") + format_money(m.micros < 0 ? -m : m);
}
std::string score(double v) {
  return std::isnan(v) ? "unknown" : fmt::format("{:.4f}", v);
}

std::int64_t settled(const RunReport& r) {
  return std::count_if(r.markets.begin(), r.markets.end(), [](const MarketLine& m) { return m.outcome.has_value(); });
}

std::string verdict(const RunReport& r) {
  if (std::isnan(r.interval_low)) return "Too few settled markets were traded for any statement about profit.";
  const auto tail =
      fmt::format(" So many could have shown an edge of {:.1f} c a contract, and none smaller.", r.smallest_edge);
  if (r.interval_low > 0) return "The interval lies above zero on this sample." + tail;
  if (r.interval_high < 0) return "The interval lies below zero: a loss on this sample." + tail;
  return "The interval holds zero: this sample shows neither profit nor loss." + tail;
}

// Label and value, in the order of reading.
std::vector<std::pair<std::string, std::string>> rows(const RunReport& r) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](const char* label, std::string value) { out.emplace_back(label, std::move(value)); };
  add("from", format_iso(r.from));
  add("to", format_iso(r.to));
  add("net of settled markets", dollars(r.net));
  add("fees in it and in open ones", dollars(r.fees));
  add("cash", dollars(r.cash_start) + " to " + dollars(r.cash_end));
  add("open positions at cost", dollars(r.open_at_cost));
  add("greatest drawdown", dollars(r.drawdown_max));
  add("markets traded, settled", fmt::format("{}, {}", r.markets.size(), settled(r)));
  add("net a contract", cents(r.net_cents));
  add("90 % interval, by market", cents(r.interval_low) + " to " + cents(r.interval_high));
  add("closing-line value after 1, 10, 60 s",
      cents(r.markout_1s) + ", " + cents(r.markout_10s) + ", " + cents(r.markout_60s));
  add("Brier of our price, of the market's",
      fmt::format("{}, {} ({} quotes)", score(r.brier_fair), score(r.brier_market), r.quotes_judged));
  add("orders, refused, unknown", fmt::format("{}, {}, {}", r.orders, r.refused, r.unknown));
  add("fills", std::to_string(r.fills));
  add("forecasts, failed", fmt::format("{}, {}", r.forecasts, r.forecasts_failed));
  add("events, decisions", fmt::format("{}, {}", r.events, r.decisions));
  add("incidents", std::to_string(r.incidents.size()));
  add("model", r.model_hash.empty() ? "none" : r.model_hash);
  return out;
}

// What the net was made of, in the order of attribution.hpp.
std::vector<std::pair<const char*, Money>> parts(const RunReport& r) {
  const auto& p = r.parts;
  std::vector<std::pair<const char*, Money>> out{{"direction", p.direction},
                                                 {"volatility", p.volatility},
                                                 {"basis", p.basis},
                                                 {"execution", p.execution},
                                                 {"fees", p.fees}};
  if (p.earlier != Money{}) out.emplace_back("from before the run", p.earlier);
  return out;
}

std::vector<std::pair<std::int64_t, std::string>> vetoes_by_count(const RunReport& r) {
  std::vector<std::pair<std::int64_t, std::string>> out;
  for (std::size_t i = 0; i < event::kVetoes; ++i) {
    if (r.vetoes[i] > 0) out.emplace_back(r.vetoes[i], event::name(static_cast<event::Veto>(i)));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return out;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

const char* outcome_name(const std::optional<event::Outcome>& o) {
  return !o ? "open" : *o == event::Outcome::yes ? "YES" : "NO";
}

std::string title(const RunReport& r) {
  return r.runs.size() == 1 ? r.runs[0] : fmt::format("{} runs", r.runs.size());
}

constexpr const char* kStyle = R"(<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #dde3ea;text-align:right}
th:first-child,td.l{text-align:left;font-weight:500}thead th{font-weight:700}p.note{color:#56616f}
</style>)";

}  // namespace

std::string report_text(const RunReport& r) {
  std::string out = title(r) + " (" + r.kind + ")\n";
  for (const auto& [label, value] : rows(r)) out += fmt::format("  {:<38}{}\n", label, value);
  out += verdict(r) + "\n";
  if (settled(r) > 0) {
    out += "What the net of settled markets was made of:\n";
    for (const auto& [label, part] : parts(r)) out += fmt::format("  {:<38}{}\n", label, exact_dollars(part));
    out += fmt::format("  {:<38}{}\n", "together", exact_dollars(r.parts.total()));
  }
  if (r.kind != "live") out += "Fills were simulated: this is no money earned or lost.\n";
  if (!r.ended_in_order)
    out += fmt::format("A run did not end in order; {} bytes are no whole record.\n", r.torn_bytes);
  const auto vetoes = vetoes_by_count(r);
  if (!vetoes.empty()) out += "Why there was no order (a decision can have several reasons):\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(8, vetoes.size()); ++i)
    out += fmt::format("  {:<38}{}\n", vetoes[i].second, vetoes[i].first);
  return out;
}

std::string report_html(const RunReport& r) {
  std::string out = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + escaped(title(r)) + "</title>";
  out += kStyle;
  out +=
      fmt::format("<h1>{}</h1><p>{} <b>{}</b></p><table>\n", escaped(title(r)),
                  r.kind == "live" ? "Orders went to the venue." : "Fills were simulated: no money was earned or lost.",
                  escaped(verdict(r)));
  for (const auto& [label, value] : rows(r))
    out += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", label, escaped(value));
  out += "</table>\n<h2>What the net of settled markets was made of</h2><table>\n";
  for (const auto& [label, part] : parts(r))
    out += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", label, exact_dollars(part));
  out += fmt::format("<tr><th>together</th><td>{}</td></tr></table>\n", exact_dollars(r.parts.total()));
  out +=
      "<p class=\"note\">Each fill held to settlement, from the mid at the fill: the index's move at the volatility "
      "that the market priced (direction), the resolution of what was uncertain (volatility), the published average "
      "against ours (basis), the touch against the mid (execution). The parts add up to the net exactly.</p>";
  out +=
      "\n<h2>Markets</h2><table><thead><tr><th>market</th><th>contracts</th><th>fees</th><th>net</th>"
      "<th>outcome</th></tr></thead>\n";
  for (const auto& m : r.markets) {
    out += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(m.ticker),
                       format_qty(m.contracts), dollars(m.fees), dollars(m.net), outcome_name(m.outcome));
  }
  out += "</table>\n<h2>Why there was no order</h2><table>\n";
  for (const auto& [count, name] : vetoes_by_count(r)) {
    out +=
        fmt::format("<tr><th>{}</th><td>{}</td><td>{:.1f} %</td></tr>\n", name, count,
                    100.0 * static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, r.decisions)));
  }
  out += "</table>\n<h2>Incidents</h2><table>\n";
  for (const auto& i : r.incidents)
    out += fmt::format("<tr><th>{}</th><td class=\"l\">{}</td></tr>\n", format_iso(i.at), escaped(i.what));
  return out + "</table></html>\n";
}

std::string report_json(const RunReport& r) {
  const auto number = [](double v) { return std::isnan(v) ? std::string{"null"} : fmt::format("{:.6g}", v); };
  io::JsonWriter w;
  w.begin_object().begin_array("runs");
  for (const auto& run : r.runs) w.string(run);
  w.end_array().string("kind", r.kind).string("from", format_iso(r.from)).string("to", format_iso(r.to));
  w.money("cash_start", r.cash_start).money("cash_end", r.cash_end).money("fees", r.fees).money("net", r.net);
  w.money("open_at_cost", r.open_at_cost).money("drawdown_max", r.drawdown_max);
  w.begin_object("attribution").money("direction", r.parts.direction).money("volatility", r.parts.volatility);
  w.money("basis", r.parts.basis).money("execution", r.parts.execution).money("fees", r.parts.fees);
  w.money("from_before_the_run", r.parts.earlier).money("total", r.parts.total()).end_object();
  w.integer("events", r.events).integer("decisions", r.decisions).integer("orders", r.orders);
  w.integer("orders_refused", r.refused).integer("orders_unknown", r.unknown).integer("fills", r.fills);
  w.integer("forecasts", r.forecasts).integer("forecasts_failed", r.forecasts_failed);
  w.integer("markets_traded", static_cast<std::int64_t>(r.markets.size())).integer("markets_settled", settled(r));
  w.raw("net_cents_per_contract", number(r.net_cents)).raw("interval_90_low", number(r.interval_low));
  w.raw("interval_90_high", number(r.interval_high)).raw("smallest_edge_cents", number(r.smallest_edge));
  w.raw("markout_1s_cents", number(r.markout_1s)).raw("markout_10s_cents", number(r.markout_10s));
  w.raw("markout_60s_cents", number(r.markout_60s)).raw("brier_fair", number(r.brier_fair));
  w.raw("brier_market", number(r.brier_market)).integer("incidents", static_cast<std::int64_t>(r.incidents.size()));
  w.boolean("ended_in_order", r.ended_in_order).begin_object("vetoes");
  for (const auto& [count, name] : vetoes_by_count(r)) w.integer(name, count);
  return w.end_object().end_object().take();
}

std::string report_message(const RunReport& r) {
  return fmt::format(
      "voltage {} {} to {}: net {} after {} fees over {} settled markets; {} a contract (90 %: {} to {}), closing line "
      "{}; {} orders, {} fills, {} incidents. {}",
      r.kind, format_iso(r.from).substr(0, 16), format_iso(r.to).substr(0, 16), dollars(r.net), dollars(r.fees),
      settled(r), cents(r.net_cents), cents(r.interval_low), cents(r.interval_high), cents(r.markout_60s), r.orders,
      r.fills, r.incidents.size(), verdict(r));
}

}  // namespace voltage::app::journal
