// A digest in words: as a page, as a message, as JSON.
#include <cmath>

#include <fmt/format.h>

#include "app/digest/digest.hpp"
#include "app/html.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"

namespace voltage::app::digest {
namespace {

std::string dollars(double v) {
  if (std::isnan(v)) return "–";
  return fmt::format("{}${:.2f}", v < -0.004999 ? "−" : "", std::abs(v));
}
std::string cents(double v) {
  return std::isnan(v) ? "–" : fmt::format("{:+.2f} ¢", 100 * v);
}
std::string minute(Time t) {
  return t.ns == 0 ? "none in sight" : format_iso(Time{t.ns - t.ns % 60'000'000'000}).substr(0, 16) + "Z";
}

std::string verdict(const Digest& d) {
  const auto& i = d.instants;
  if (i.n == 0) return "Nothing that was traded has settled.";
  if (std::isnan(i.low)) return fmt::format("{} settlement instants: too few to say how sure this is.", i.n);
  const char* word = i.low > 0    ? "The interval lies above zero in this window."
                     : i.high < 0 ? "The interval lies below zero: a loss."
                                  : "The interval holds zero: neither profit nor loss is shown.";
  return fmt::format("An instant earned {} (90 % {} to {}, {} instants). {} So many could have shown {} an instant.",
                     dollars(i.mean), dollars(i.low), dollars(i.high), i.n, word, dollars(d.smallest_edge));
}

std::string line(const Interval& i) {
  if (i.n == 0) return "no observation";
  if (std::isnan(i.low))
    return fmt::format("{} a contract over {} instants: too few for an interval", cents(i.mean), i.n);
  return fmt::format("{} a contract (90 % {} to {}, {} instants)", cents(i.mean), cents(i.low), cents(i.high), i.n);
}

// What the next rung still needs, of what it is that the gate looks at.
std::string next_rung(const Digest& d) {
  const auto more = [&](std::size_t wanted) { return static_cast<std::int64_t>(wanted) - d.markets; };
  switch (d.rung) {
    case risk::Rung::paper:
      if (more(d.rules.shadow_markets) > 0)
        return fmt::format("shadow needs {} more settled markets", more(d.rules.shadow_markets));
      return "an upper bound is below zero: the evidence is against this strategy";
    case risk::Rung::shadow:
      return fmt::format("demo needs {} more settled markets", more(d.rules.demo_markets));
    case risk::Rung::demo:
      return fmt::format("one contract live needs a closing-line bound above {}; it is {}",
                         cents(d.rules.canary_clv_min), cents(d.closing_lower));
    case risk::Rung::canary:
      return fmt::format("more size needs a net bound above {}; it is {}", cents(d.rules.scale_net_min),
                         cents(d.net_lower));
    case risk::Rung::scale:
      return "nothing above it";
  }
  return "";
}

std::string calibration(const Calibration& c) {
  if (c.n == 0) return "no quote of a settled contract";
  return fmt::format("Brier {:.4f} over {} quotes; the market's mid {:.4f}", c.brier, c.n, c.market_brier);
}

std::string row(const char* what, const std::string& value) {
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", what, html(value));
}

std::string incidents_html(const Digest& d) {
  if (d.incidents.empty()) return "<p>None.</p>";
  std::string out = "<table><tr><th>what</th><td>times</td><td>minutes</td><td>the last</td></tr>";
  for (const auto& [what, i] : d.incidents) {
    out += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>", html(what), i.count,
                       i.seconds > 0 ? fmt::format("{:.1f}", i.seconds / 60) : "", html(i.last));
  }
  return out + "</table>";
}

std::string bins_html(const Calibration& c) {
  std::string out = "<table><tr><th>said</th><td>mean said</td><td>came true</td><td>quotes</td></tr>";
  for (std::size_t i = 0; i < c.bins.size(); ++i) {
    const auto& b = c.bins[i];
    if (b.n == 0) continue;
    const auto n = static_cast<double>(b.n);
    out += fmt::format("<tr><th>{}–{} %</th><td>{:.3f}</td><td>{:.3f}</td><td>{}</td></tr>", 10 * i, 10 * (i + 1),
                       b.said / n, b.came / n, b.n);
  }
  return out + "</table><p>Quotes of one contract share its outcome: the rows are noisier than their counts look.</p>";
}

std::string runs_html(const Digest& d) {
  std::string out =
      "<table><tr><th>run</th><td>kind</td><td>from</td><td>to</td><td>events</td><td>orders</td><td>fills</td>"
      "<td>ended</td></tr>";
  for (const auto& r : d.runs) {
    out +=
        fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    html(r.name), html(r.kind), minute(r.start), minute(r.end), r.events, r.orders, r.fills,
                    r.ended_in_order ? "in order" : "cut off");
  }
  for (const auto& why : d.refused) out += "<tr><th colspan=8>" + html(why) + "</th></tr>";
  return out + "</table>";
}

constexpr const char* kHead =
    "<!doctype html><html lang=en><meta charset=utf-8><title>voltage digest</title><style>:root{color-scheme:light "
    "dark}"
    "body{font:14px/1.5 system-ui,sans-serif;max-width:900px;margin:1rem auto;padding:0 1rem}h1{font-size:1.25rem}"
    "h2{font-size:1rem;margin:1.1rem 0 .3rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th{text-align:left;font-weight:600}td,th{padding:.15rem .8rem .15rem 0;border-bottom:1px solid #8883}</style>\n";

}  // namespace

std::string page(const Digest& d) {
  std::string out = kHead;
  out += fmt::format("<h1>voltage, {} to {}</h1>\n<h2>Profit and loss</h2><table>", minute(d.window.from),
                     minute(d.window.to));
  out += row("settled, after fees", dollars(d.net.dollars())) + row("fees paid", dollars(d.fees.dollars())) +
         row("open, at cost", dollars(d.open_at_cost.dollars())) +
         row("orders, fills, contracts", fmt::format("{}, {}, {:.2f}", d.orders, d.fills, d.contracts));
  out += "</table><p>" + html(verdict(d)) + "</p>\n<h2>Closing-line value</h2><table>";
  out += row("last mid before the final minute", line(d.closing_line)) + row("mid a minute later", line(d.markout_60s));
  out += "</table>\n<h2>Evidence</h2><table>";
  out += row("allowed", risk::name(d.rung)) + row("next", next_rung(d)) +
         row("settlement instants", std::to_string(d.markets)) +
         row("net, anytime-valid lower bound", cents(d.net_lower)) +
         row("closing line, likewise", cents(d.closing_lower));
  out += "</table>\n<h2>Calibration</h2><p>" + html(calibration(d.calibration)) + "</p>";
  if (d.calibration.n > 0) out += bins_html(d.calibration);
  out += fmt::format("<p>{} forecasts, {} of them by the baseline.</p>\n", d.forecasts, d.baseline_forecasts);
  out += "<h2>Incidents</h2>" + incidents_html(d) + "\n<h2>Next maintenance</h2><p>" + minute(d.maintenance) +
         "</p>\n<h2>Runs</h2>" + runs_html(d);
  return out + "</html>\n";
}

std::string message(const Digest& d) {
  std::string out =
      fmt::format("{} to {}: {} after fees of {}, {} orders, {} fills.\n", minute(d.window.from), minute(d.window.to),
                  dollars(d.net.dollars()), dollars(d.fees.dollars()), d.orders, d.fills);
  out += verdict(d) + "\nClosing line: " + line(d.closing_line) + ".\nRung: " + risk::name(d.rung) + "; " +
         next_rung(d) + ".\nCalibration: " + calibration(d.calibration) + ".\nIncidents: ";
  if (d.incidents.empty()) out += "none";
  bool first = true;
  for (const auto& [what, i] : d.incidents) {
    out += fmt::format("{}{} ×{}", first ? "" : ", ", what, i.count);
    first = false;
  }
  if (!d.refused.empty()) out += fmt::format("; {} runs can't be read", d.refused.size());
  return out + ".\nNext maintenance: " + minute(d.maintenance) + "\n";
}

std::string json(const Digest& d) {
  const auto number = [](double v) { return std::isfinite(v) ? fmt::format("{}", v) : std::string{"null"}; };
  io::JsonWriter w;
  w.begin_object().string("from", format_iso(d.window.from)).string("to", format_iso(d.window.to));
  w.integer("runs", static_cast<std::int64_t>(d.runs.size()));
  w.integer("refused", static_cast<std::int64_t>(d.refused.size()));
  w.money("net", d.net).money("fees", d.fees).money("open_at_cost", d.open_at_cost);
  w.integer("orders", d.orders).integer("fills", d.fills).integer("settled", d.settled);
  const auto interval = [&](const char* key, const Interval& i) {
    w.begin_object(key).integer("n", i.n).raw("mean", number(i.mean)).raw("low", number(i.low));
    w.raw("high", number(i.high)).end_object();
  };
  interval("instant_dollars", d.instants);
  interval("closing_line_dollars", d.closing_line);
  interval("markout_60s_dollars", d.markout_60s);
  w.raw("smallest_edge", number(d.smallest_edge)).string("rung", risk::name(d.rung)).string("next", next_rung(d));
  w.raw("net_lower", number(d.net_lower)).raw("closing_lower", number(d.closing_lower)).integer("markets", d.markets);
  w.integer("quotes", d.calibration.n).raw("brier", number(d.calibration.brier));
  w.raw("market_brier", number(d.calibration.market_brier)).begin_object("incidents");
  for (const auto& [what, i] : d.incidents) w.integer(what, i.count);
  w.end_object().integer("next_maintenance_ms", d.maintenance.ms());
  return w.end_object().take();
}

}  // namespace voltage::app::digest
