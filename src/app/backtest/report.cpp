#include <cmath>

#include <fmt/format.h>

#include "app/backtest/backtest.hpp"
#include "base/decimal.hpp"

namespace voltage::app::backtest {
namespace {

std::string number(double v, int digits = 3) {
  return std::isnan(v) ? "null" : fmt::format("{:.{}f}", v, digits);
}
std::string cents(double v) {
  return std::isnan(v) ? "–" : fmt::format("{:+.2f} ¢", v);
}
std::string dollars(Money m) {
  return fmt::format("{:.2f}", m.dollars());
}

std::string parts_json(const Parts& p) {
  return fmt::format(R"({{"direction":{},"volatility":{},"basis":{},"execution":{},"fees":{},"total":{}}})",
                     format_money(p.direction), format_money(p.volatility), format_money(p.basis),
                     format_money(p.execution), format_money(p.fees), format_money(p.total()));
}

std::string flow_json(const std::vector<FlowRow>& rows) {
  std::string out = "[";
  for (const auto& r : rows) {
    out += fmt::format(
        R"({}{{"group":"{}","entries":{},"markets":{},"markout_1s_cents":{},"markout_10s_cents":{},"markout_60s_cents":{},"se_60s_cents":{}}})",
        out.size() > 1 ? "," : "", r.name, r.entries, r.markets, number(r.markout[0]), number(r.markout[1]),
        number(r.markout[2]), number(r.se_60s));
  }
  return out + "]";
}

std::string pass_json(const Statistics& s) {
  return fmt::format(
      R"({{"cash_start":{},"cash_end":{},"fees":{},"gross":{},"net":{},"unsettled_flow":{},"markets":{},"markets_settled":{},"markets_unsettled":{},"markets_traded":{},"orders":{},"orders_refused":{},"fills":{},"contracts":{},"net_cents_per_contract":{},"interval_90_low":{},"interval_90_high":{},"smallest_edge_cents":{},"markout_1s_cents":{},"markout_10s_cents":{},"markout_60s_cents":{},"drawdown_max":{},"maker_fills":{},"maker_contracts":{},"maker_markout_1s_cents":{},"maker_markout_10s_cents":{},"maker_markout_60s_cents":{},"attribution":{}}})",
      format_money(s.cash_start), format_money(s.cash_end), format_money(s.fees), format_money(s.gross),
      format_money(s.net), format_money(s.unsettled_flow), s.markets, s.markets_settled, s.markets_unsettled,
      s.markets_traded, s.orders, s.refused, s.fills, format_qty(s.contracts), number(s.net_cents),
      number(s.interval_low), number(s.interval_high), number(s.smallest_edge), number(s.markout_1s),
      number(s.markout_10s), number(s.markout_60s), format_money(s.drawdown_max), s.maker_fills,
      format_qty(s.maker_contracts), number(s.maker_markout_1s), number(s.maker_markout_10s),
      number(s.maker_markout_60s), parts_json(s.parts));
}

std::string vetoes_json(const engine::Counters& counters) {
  std::string out = "{";
  for (std::size_t i = 0; i < event::kVetoes; ++i) {
    if (i > 0) out += ",";
    out += fmt::format(R"("{}":{})", event::name(static_cast<event::Veto>(i)), counters.vetoes[i]);
  }
  return out + "}";
}

std::string verdict(const Statistics& s) {
  if (s.markets_traded < 2) {
    return "Too few markets were traded for any statement about profit.";
  }
  const std::string tail = fmt::format(" The smallest edge that {} markets could have shown is {:.1f} ¢ per contract.",
                                       s.markets_traded, s.smallest_edge);
  if (s.interval_low > 0) return "The interval lies above zero on this sample." + tail;
  if (s.interval_high < 0) return "The interval lies below zero: a loss on this sample." + tail;
  return "The interval holds zero: this sample shows neither profit nor loss." + tail;
}

std::string rows_html(const std::vector<Statistics>& passes) {
  std::string out;
  const auto row = [&](const char* label, auto value) {
    out += fmt::format("<tr><th>{}</th>", label);
    for (const auto& s : passes) out += fmt::format("<td>{}</td>", value(s));
    out += "</tr>\n";
  };
  row("orders", [](const Statistics& s) { return std::to_string(s.orders); });
  row("refused by the exchange", [](const Statistics& s) { return std::to_string(s.refused); });
  row("fills", [](const Statistics& s) { return std::to_string(s.fills); });
  row("markets traded (of settled)",
      [](const Statistics& s) { return fmt::format("{} of {}", s.markets_traded, s.markets_settled); });
  row("contracts", [](const Statistics& s) { return format_qty(s.contracts); });
  row("gross, $", [](const Statistics& s) { return dollars(s.gross); });
  row("fees, $", [](const Statistics& s) { return dollars(s.gross - s.net); });
  row("net, $", [](const Statistics& s) { return dollars(s.net); });
  row("net per contract", [](const Statistics& s) { return cents(s.net_cents); });
  row("90 % interval, by market",
      [](const Statistics& s) { return cents(s.interval_low) + " … " + cents(s.interval_high); });
  row("smallest edge it could have shown", [](const Statistics& s) { return cents(s.smallest_edge); });
  row("markout 1 s / 10 s / 60 s", [](const Statistics& s) {
    return cents(s.markout_1s) + " / " + cents(s.markout_10s) + " / " + cents(s.markout_60s);
  });
  row("fills of resting orders (contracts)",
      [](const Statistics& s) { return fmt::format("{} ({})", s.maker_fills, format_qty(s.maker_contracts)); });
  row("their markout 1 s / 10 s / 60 s", [](const Statistics& s) {
    return cents(s.maker_markout_1s) + " / " + cents(s.maker_markout_10s) + " / " + cents(s.maker_markout_60s);
  });
  row("greatest drawdown, $", [](const Statistics& s) { return dollars(s.drawdown_max); });
  row("cash at start, $", [](const Statistics& s) { return format_money(s.cash_start); });
  row("cash at end, $", [](const Statistics& s) { return format_money(s.cash_end); });
  return out;
}

std::string parts_html(const std::vector<Statistics>& passes) {
  std::string out =
      "<h2>What it was made of</h2><table><thead><tr><th>settled markets, $</th><th>pessimistic</th><th>neutral</th>"
      "<th>optimistic</th></tr></thead>\n";
  const auto row = [&](const char* label, auto part) {
    out += fmt::format("<tr><th>{}</th>", label);
    for (const auto& s : passes) out += fmt::format("<td>{}</td>", format_money(part(s.parts)));
    out += "</tr>\n";
  };
  row("direction", [](const Parts& p) { return p.direction; });
  row("volatility", [](const Parts& p) { return p.volatility; });
  row("basis", [](const Parts& p) { return p.basis; });
  row("execution", [](const Parts& p) { return p.execution; });
  row("fees", [](const Parts& p) { return p.fees; });
  row("net", [](const Parts& p) { return p.total(); });
  return out +
         "</table><p class=\"note\">Each fill held to settlement, from the mid at the fill: the index's move at the "
         "volatility that the market priced (direction), the published average against ours (basis), the resolution of "
         "what was uncertain (volatility), the touch against the mid (execution). The parts add up to the net exactly."
         "</p>";
}

std::string flow_html(const std::vector<FlowRow>& rows) {
  std::string out =
      "<h2>Order flow as a filter on entry</h2><table><thead><tr><th>entries</th><th>number</th><th>markets</th>"
      "<th>markout 1 s</th><th>10 s</th><th>60 s</th><th>± (60 s)</th></tr></thead>\n";
  for (const auto& r : rows) {
    out += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       r.name, r.entries, r.markets, cents(r.markout[0]), cents(r.markout[1]), cents(r.markout[2]),
                       std::isnan(r.se_60s) ? std::string{"–"} : fmt::format("{:.2f} ¢", r.se_60s));
  }
  return out +
         "</table><p class=\"note\">Neutral fills. Persistence of signed flow at the touch over 1, 5 and 15 minutes, "
         "positive with us. What the filter left is marked as if bought at the touch, once a minute and market. ± is a "
         "standard error clustered by market.</p>";
}

constexpr const char* kStyle = R"(<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #dde3ea;text-align:right}
th:first-child{text-align:left;font-weight:500}thead th{font-weight:700}p.note{color:#56616f}.bar{background:#4a78b5;height:.7rem;display:inline-block}
</style>)";

}  // namespace

std::string summary_json(const Report& r) {
  const Statistics& n = r.passes[1];
  return fmt::format(
             R"({{"cash_start":{},"cash_end":{},"cash_changes":{},"fees":{},"markets":{},"markets_unsettled":{},"orders":{},"fills":{},"sessions":{},"records":{},"deltas":{},"sequence_holes":{},"books_lost":{},"crossed_messages":{},"orders_on_crossed_books":{},"decisions":{},"model_hash":"{}","fill_models":{{"pessimistic":{},"neutral":{},"optimistic":{}}},"vetoes":{},"order_flow":{}}})",
             format_money(n.cash_start), format_money(n.cash_end), format_money(n.sum_of_changes), format_money(n.fees),
             n.markets, n.markets_unsettled, n.orders, n.fills, r.sessions, r.records, r.deltas, r.sequence_holes,
             r.books_lost, r.crossed_messages, r.crossed_decisions, r.counters.decisions, r.model_hash,
             pass_json(r.passes[0]), pass_json(r.passes[1]), pass_json(r.passes[2]), vetoes_json(r.counters),
             flow_json(n.flow)) +
         "\n";
}

std::string report_html(const Report& r) {
  std::string out = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Backtest</title>";
  out += kStyle;
  out += "<h1>Backtest on recorded order books</h1>";
  out += fmt::format(
      "<p>{} sessions, {} records, {} book changes, {} sequence holes, {} books lost. In {} messages the book "
      "was locked or crossed; {} orders were decided in one.</p>",
      r.sessions, r.records, r.deltas, r.sequence_holes, r.books_lost, r.crossed_messages, r.crossed_decisions);
  out += fmt::format("<p><b>{}</b> {} markets, {} of them without a known result and in no statistic.</p>",
                     verdict(r.passes[1]), r.passes[1].markets, r.passes[1].markets_unsettled);
  out +=
      "<table><thead><tr><th>fills taken as</th><th>pessimistic</th><th>neutral</th><th>optimistic</th></tr></thead>\n";
  out += rows_html(r.passes);
  out +=
      "</table><p class=\"note\">Pessimistic: 400 ms to the exchange and half of the shown size; neutral: 120 ms and "
      "all of it; optimistic: 20 ms. Own impact is remembered. The recordings hold no trades, so fills of resting "
      "orders "
      "are bounds: pessimistic only where the market trades through the price; neutral where half of what leaves the "
      "level traded, behind all that was there before us; optimistic where all of it traded, behind half. Model " +
      r.model_hash + ".</p>";
  out += parts_html(r.passes);
  out += flow_html(r.passes[1].flow);
  out += "<h2>Why there was no order</h2><table><thead><tr><th>veto</th><th>decisions</th><th></th></tr></thead>\n";
  for (std::size_t i = 0; i < event::kVetoes; ++i) {
    const std::int64_t n = r.counters.vetoes[i];
    if (n == 0) continue;
    const double share =
        100.0 * static_cast<double>(n) / static_cast<double>(std::max<std::int64_t>(1, r.counters.decisions));
    out += fmt::format(
        "<tr><th>{}</th><td>{}</td><td style=\"text-align:left\"><span class=\"bar\" style=\"width:{:.1f}px\"></span> "
        "{:.1f} %</td></tr>\n",
        event::name(static_cast<event::Veto>(i)), n, 2 * share, share);
  }
  out += fmt::format("</table><p class=\"note\">{} decisions; one decision can have several vetoes.</p></html>\n",
                     r.counters.decisions);
  return out;
}

}  // namespace voltage::app::backtest
