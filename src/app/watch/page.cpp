#include "app/watch/page.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::app::watch {
namespace {

std::string dollars(double v) {
  if (std::isnan(v)) return "–";
  return fmt::format("{}${:.2f}", v < -0.004999 ? "−" : "", std::abs(v));
}
std::string dollars(Money m) {
  return dollars(m.dollars());
}
std::string probability(double p) {
  return std::isnan(p) ? "–" : fmt::format("{:.3f}", p);
}
std::string clock(Time t) {
  return t.ns == 0 ? "–" : format_iso(Time{t.ns - t.ns % 1'000'000'000}).substr(11, 8);
}
std::string span(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", std::max(0.0, seconds));
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}
std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

struct Verdict {
  const char* kind;
  std::string word;
};
Verdict verdict(const View& v) {
  const auto& s = *v.status;
  for (const auto& p : v.parts) {
    if (p.stuck()) return {"bad", "stuck: " + p.name};
  }
  if (s.phase != Phase::trading) return {"warn", name(s.phase)};
  if (s.halted) return {"bad", "halted"};
  if (!not_ready(s).empty()) return {"warn", "not ready"};
  return {"good", "trading"};
}

std::string header(const View& v) {
  const auto& s = *v.status;
  const auto now = verdict(v);
  std::string out = fmt::format(
      R"(<header><h1 data-title="voltage {0}: {1}">voltage {0}</h1><span class="badge {2}">{1}</span>)"
      R"(<span class="dim">{3}{4}</span></header>)",
      html(s.mode), html(now.word), now.kind, html(s.version), s.run.empty() ? "" : " · run " + html(s.run));
  if (!s.notice.empty()) out += fmt::format(R"(<div class="notice">{}</div>)", html(s.notice));
  for (const auto& a : v.alerts) {
    out += fmt::format(
        R"(<div class="alert"><b>{0}</b> {1} <span class="dim">for {2}</span> {3}<br>{4} <span class="dim">docs/RUNBOOK.md#{0}</span></div>)",
        html(a.alert), html(a.text), span(a.seconds),
        a.acknowledged ? std::string{"<span class=\"dim\">acknowledged</span>"}
                       : fmt::format(R"(<button data-alert="{}" data-about="{}">Acknowledge</button>)", html(a.alert),
                                     html(a.about)),
        html(a.action));
  }
  const auto why = not_ready(s);
  if (s.phase == Phase::trading && !why.empty()) {
    out += fmt::format(R"(<div class="notice">No new risk: {}</div>)", html(join(why)));
  }
  return out;
}

std::string training(const Snapshot& s) {
  return fmt::format(
      R"(<section><h2>Training a model</h2><progress max="1" value="{0:.3f}"></progress><p>{1} ({2:.0f} %). Trading begins when it is done.</p></section>)",
      s.progress, html(s.step), 100 * s.progress);
}

std::string chart(const Snapshot& s) {
  const auto& points = s.profit.equity;
  if (points.size() < 2) return "";
  double low = s.cash_start.dollars(), high = low;
  for (const auto& [at, y] : points) {
    low = std::min(low, y);
    high = std::max(high, y);
  }
  const double height = std::max(high - low, 0.01);
  const double width = std::max(1.0, (points.back().first - points.front().first).seconds());
  const auto y_of = [&](double y) { return 95 - 90 * (y - low) / height; };
  std::string line;
  for (const auto& [at, y] : points)
    line += fmt::format("{:.1f},{:.1f} ", 1000 * (at - points.front().first).seconds() / width, y_of(y));
  return fmt::format(
      R"(<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="equity at cost"><line x1="0" x2="1000" y1="{0:.1f}" y2="{0:.1f}"/><polyline points="{1}"/></svg><div class="dim">cash and positions at cost, {2} to {3}; the line is the start</div>)",
      y_of(s.cash_start.dollars()), line, dollars(low), dollars(high));
}

std::string uncertainty(const Profit& p) {
  if (std::isnan(p.low)) {
    return fmt::format("{} settlement instant{} traded: too few to say how sure this is.", p.instants,
                       p.instants == 1 ? "" : "s");
  }
  const char* word = p.low > 0    ? "The interval lies above zero on this run."
                     : p.high < 0 ? "The interval lies below zero: a loss on this run."
                                  : "The interval holds zero: neither profit nor loss is shown.";
  return fmt::format(
      "90 % interval {} to {}, over {} settlement instants. {} So many could have shown an edge of {} an instant.",
      dollars(p.low), dollars(p.high), p.instants, word, dollars(p.smallest_edge));
}

std::string money(const Snapshot& s) {
  const auto& p = s.profit;
  const auto number = [](const char* label, const std::string& value, const char* kind = "") {
    return fmt::format(R"(<div><span class="dim">{}</span><b class="{}">{}</b></div>)", label, kind, value);
  };
  std::string out = R"(<section class="wide"><h2>Profit and loss</h2><div class="numbers">)";
  out += number("settled, after fees", dollars(p.net));
  out += number("fees paid", dollars(p.fees));
  out += number("open, at cost", dollars(p.open_at_cost));
  out += number("cash", dollars(s.cash));
  out += number("worst case", dollars(s.equity_worst));
  out += number("can be lost today", dollars(s.loss_room));
  out += number("can be lost on one path", dollars(s.path_loss) + " of " + dollars(s.path_loss_max));
  out += number("bitcoin", std::isnan(s.bitcoin) ? "–" : fmt::format("{:.2f}", s.bitcoin));
  out += number("orders / fills", fmt::format("{} / {}", s.orders_placed, s.fills_seen));
  return out + "</div><p>" + html(uncertainty(p)) + "</p>" + chart(s) + "</section>";
}

std::string health(const View& v) {
  std::string out =
      R"(<section><h2>Health</h2><table><tr><th class="l">stream</th><th class="l">state</th><th>for</th></tr>)";
  for (const auto& x : v.status->streams) {
    const bool good = x.health == event::Health::healthy;
    out +=
        fmt::format(R"(<tr><td class="l">{}</td><td class="l wrap {}">{}{}{}</td><td>{}</td></tr>)", html(x.name),
                    good       ? "good"
                    : x.needed ? "bad"
                               : "dim",
                    name(x.health), !good && !x.needed ? " (not needed)" : "", x.why.empty() ? "" : ": " + html(x.why),
                    x.health == event::Health::unknown ? "–" : span(x.seconds));
  }
  out += R"(</table><table><tr><th class="l">part</th><th>beat</th><th>may be silent</th><th>restarts</th></tr>)";
  for (const auto& p : v.parts) {
    out += fmt::format(R"(<tr><td class="l {}">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>)", p.stuck() ? "bad" : "",
                       html(p.name), p.limit.ns == 0 ? "at rest" : fmt::format("{:.1f} s ago", p.age.seconds()),
                       p.limit.ns == 0 ? "–" : fmt::format("{:.0f} s", p.limit.seconds()), p.restarts);
  }
  const auto& m = v.machine;
  out += fmt::format(R"(</table><p class="dim">{:.0f} MB, {} descriptors, {} threads{}</p></section>)",
                     static_cast<double>(m.memory_bytes) / 1e6, m.descriptors, m.threads,
                     m.disk_free_bytes < 0 ? std::string{}
                                           : fmt::format(", {:.1f} GB free for the journal",
                                                         static_cast<double>(m.disk_free_bytes) / 1e9));
  return out;
}

std::string past(const PastRow& p) {
  std::string out = p.standing.empty() ? std::string{} : "Features stand on: " + p.standing + ".";
  if (p.filled < 1) {
    out += fmt::format(" The minutes are being made of trades: {:.0f} % done{}.", 100 * p.filled,
                       p.seconds_left < 0 ? std::string{} : ", about " + span(p.seconds_left) + " left");
  }
  return out.empty() ? out : R"(<p class="dim">)" + html(out) + "</p>";
}

std::string forecast(const Snapshot& s) {
  std::string out = fmt::format(
      R"(<section class="two"><h2>Forecast</h2><p class="dim">{}</p>)",
      s.forecast.empty() ? "none yet"
                         : fmt::format("model {}, of the bar closed {} ago; {} so far, {} refused", html(s.model),
                                       span(s.forecast_age), s.forecasts, s.forecast_failures));
  out += past(s.past);
  if (s.forecast.empty()) return out + "</section>";
  out += R"(<table><tr><th class="l">ahead</th><th>volatility</th><th>move</th><th>P(beyond)</th>)";
  for (const auto& m : s.forecast.front().members) out += fmt::format("<th>{}</th>", html(m.name));
  out += "</tr>";
  for (const auto& row : s.forecast) {
    out += fmt::format(R"(<tr><td class="l">{}</td><td>{:.3f} %</td><td>{:.2f} %</td><td>{}</td>)", html(row.horizon),
                       100 * row.volatility, 100 * row.moves[1], probability(row.beyond[1]));
    for (const auto& m : row.members)
      out += fmt::format(R"(<td>{} <span class="dim">{:.0f} %</span></td>)", probability(m.beyond[1]), 100 * m.weight);
    out += "</tr>";
  }
  return out +
         R"(</table><p class="dim">P(beyond): of a move as large as given, up or down; beside each member its weight.</p></section>)";
}

std::string price(const std::optional<Price>& p) {
  return p ? format_price(*p) : std::string{"–"};
}

std::string markets(const Snapshot& s) {
  std::string out =
      R"(<section class="wide"><h2>Books</h2><table><tr><th class="l">market</th><th>closes in</th><th>size</th><th>bid</th><th>ask</th><th>size</th><th>fair</th><th>blend</th><th>edge</th><th>held</th><th class="l">book</th><th class="l">no order because</th></tr>)";
  for (const auto& m : s.markets) {
    const bool any = !m.levels.empty();
    out += fmt::format(
        R"(<tr><td class="l">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class="l {}">{}</td><td class="l wrap dim">{}</td></tr>)",
        html(m.ticker), span(m.seconds_left), any && m.levels[0].bid ? format_qty(m.levels[0].bid_qty) : "–",
        any ? price(m.levels[0].bid) : "–", any ? price(m.levels[0].ask) : "–",
        any && m.levels[0].ask ? format_qty(m.levels[0].ask_qty) : "–", probability(m.fair), probability(m.blend),
        std::isnan(m.edge) ? "–" : fmt::format("{:+.1f} ¢", 100 * m.edge), format_qty(m.position),
        m.trust == "valid" ? "good" : "warn", html(m.trust), html(join(m.vetoes)));
  }
  if (s.markets.empty()) out += R"(<tr><td class="l dim" colspan="12">no open market yet</td></tr>)";
  return out + "</table></section>";
}

std::string depth(const Snapshot& s) {
  if (s.markets.empty()) return "";
  const auto& m = s.markets.front();
  std::string out =
      fmt::format(R"(<section><h2>Depth of {}</h2><table><tr><th>size</th><th>bid</th><th>ask</th><th>size</th></tr>)",
                  html(m.ticker));
  for (const auto& l : m.levels) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", l.bid ? format_qty(l.bid_qty) : "",
                       l.bid ? format_price(*l.bid) : "", l.ask ? format_price(*l.ask) : "",
                       l.ask ? format_qty(l.ask_qty) : "");
  }
  return out + "</table></section>";
}

std::string orders(const Snapshot& s) {
  std::string out =
      R"(<section class="two"><h2>Orders</h2><table><tr><th class="l">at</th><th class="l">market</th><th class="l">YES</th><th>size</th><th>filled</th><th>price</th><th class="l">state</th></tr>)";
  for (const auto& o : s.orders) {
    out += fmt::format(
        R"(<tr><td class="l">{}</td><td class="l">{}</td><td class="l">{}</td><td>{}</td><td>{}</td><td>{}</td><td class="l">{}</td></tr>)",
        clock(o.at), html(o.ticker), o.buy ? "buy" : "sell", format_qty(o.qty), format_qty(o.filled),
        format_price(o.price), html(o.phase));
  }
  if (s.orders.empty()) out += R"(<tr><td class="l dim" colspan="7">none yet</td></tr>)";
  return out + "</table></section>";
}

std::string vetoes(const Snapshot& s) {
  std::vector<std::pair<std::int64_t, std::string>> counted;
  for (std::size_t i = 0; i < event::kVetoes; ++i) {
    if (s.vetoes[i] > 0) counted.emplace_back(s.vetoes[i], event::name(static_cast<event::Veto>(i)));
  }
  std::sort(counted.rbegin(), counted.rend());
  std::string out = fmt::format(
      R"(<section><h2>Vetoes</h2><p class="dim">{} decisions, {} orders</p><table><tr><th class="l">veto</th><th>decisions</th></tr>)",
      s.decisions, s.orders_placed);
  for (const auto& [n, veto] : counted) out += fmt::format(R"(<tr><td class="l">{}</td><td>{}</td></tr>)", veto, n);
  return out + "</table></section>";
}

std::string notes(const Snapshot& s) {
  std::string out = R"(<section class="wide"><h2>What happened last</h2><ul class="log">)";
  for (const auto& n : s.notes) out += "<li>" + html(n) + "</li>";
  return out + "</ul></section>";
}

}  // namespace

std::string page_main(const View& view) {
  const auto& s = *view.status;
  std::string out = header(view);
  if (s.phase == Phase::training || s.phase == Phase::starting) {
    out += s.phase == Phase::training ? training(s) : "<section><p>Starting.</p></section>";
    return out + R"(<div class="grid">)" + health(view) + "</div>";
  }
  out += fmt::format(R"(<p class="dim">{} UTC by the run's clock · {} events</p><div class="grid">)",
                     html(s.at.ns == 0 ? "–" : format_iso(Time{s.at.ns - s.at.ns % 1'000'000'000})), s.events);
  return out + money(s) + markets(s) + forecast(s) + depth(s) + orders(s) + vetoes(s) + health(view) + notes(s) +
         "</div>";
}

}  // namespace voltage::app::watch
