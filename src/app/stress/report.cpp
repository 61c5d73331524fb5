#include <algorithm>

#include <fmt/format.h>

#include "app/stress/stress.hpp"
#include "base/decimal.hpp"

namespace voltage::app::stress {
namespace {

Money worst_of(const ScenarioResult& s) {
  Money worst;
  for (const auto& d : s.days) worst = max(worst, d.worst_lost);
  return worst;
}

std::string ruin_json(const Ruin& r) {
  return fmt::format(
      R"({{"years":{},"samples":{},"ruined":{:.5f},"ruined_95_high":{:.5f},"halted":{:.4f},"median_end":{:.4f},"worst_end":{:.4f}}})",
      r.years, r.samples, r.ruined, r.ruined_high, r.halted, r.median_end, r.worst_end);
}

std::string both_json(const RuinBothWays& r) {
  return fmt::format(R"({{"halted":{},"resumed":{}}})", ruin_json(r.halted), ruin_json(r.resumed));
}

std::string ruin_row(const char* what, const Ruin& r) {
  return fmt::format(
      "<tr><th>{}</th><td>{}</td><td>{}</td><td>{:.2f} % (at most {:.2f} %)</td><td>{:.1f} %</td>"
      "<td>{:.2f}</td><td>{:.2f}</td></tr>\n",
      what, r.samples, r.years, 100 * r.ruined, 100 * r.ruined_high, 100 * r.halted, r.median_end, r.worst_end);
}

}  // namespace

std::string stress_json(const StressReport& report) {
  std::string out = fmt::format(R"({{"kept":{},"simulated":true,"scenarios":[)", report.kept());
  for (const auto& s : report.scenarios) {
    out += fmt::format(
        R"({}{{"name":"{}","kept":{},"orders":{},"fills":{},"net":{},"drawdown":{},"drawdown_stated":{},"halted":{},"days":[)",
        s.scenario == Scenario::as_it_is ? "" : ",", name(s.scenario), s.kept(), s.orders, s.fills, format_money(s.net),
        format_money(s.drawdown), format_money(s.drawdown_stated), s.halted);
    for (std::size_t i = 0; i < s.days.size(); ++i) {
      const Day& d = s.days[i];
      out += fmt::format(R"({}{{"stated":{},"lost":{},"worst_lost":{},"orders":{}}})", i > 0 ? "," : "",
                         format_money(d.stated), format_money(d.lost), format_money(d.worst_lost), d.orders);
    }
    out += "]}";
  }
  return out +
         fmt::format(R"(],"ruin_as_it_is":{},"ruin_volatility_low":{}}})", both_json(report.ruin_as_it_is),
                     both_json(report.ruin_volatility_low)) +
         "\n";
}

std::string stress_html(const StressReport& report) {
  std::string out = R"(<!doctype html><html lang="en"><meta charset="utf-8"><title>A bad week</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #dde3ea;text-align:right}
th:first-child{text-align:left;font-weight:500}p.note{color:#56616f}</style><h1>A bad week (simulated)</h1>)";
  out += fmt::format("<p><b>{}</b></p>", report.kept() ? "No day, and no week, lost more than was stated at its start."
                                                       : "MORE WAS LOST THAN STATED.");
  out +=
      "<table><thead><tr><th>week</th><th>orders</th><th>net, $</th><th>most at risk in a day, $</th>"
      "<th>stated at a day's start, $</th><th>drawdown, $ (limit)</th><th>days with "
      "orders</th><th>halted</th></tr></thead>\n";
  for (const auto& s : report.scenarios) {
    const auto traded = std::count_if(s.days.begin(), s.days.end(), [](const Day& d) { return d.orders > 0; });
    out += fmt::format(
        "<tr><th>{}</th><td>{}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f} ({:.2f})</td><td>{} of "
        "{}</td>"
        "<td>{}</td></tr>\n",
        name(s.scenario), s.orders, s.net.dollars(), worst_of(s).dollars(),
        s.days.empty() ? 0.0 : s.days.front().stated.dollars(), s.drawdown.dollars(), s.drawdown_stated.dollars(),
        traded, s.days.size(), s.halted ? "yes" : "no");
  }
  out +=
      "</table><h2>Ruin</h2><table><thead><tr><th>a year drawn from</th><th>instants</th><th>years</th><th>fell to half"
      "</th><th>halted by drawdown</th><th>median end</th><th>worst end</th></tr></thead>\n";
  out += ruin_row("the week as it is", report.ruin_as_it_is.halted);
  out += ruin_row("the same, resumed after each halt", report.ruin_as_it_is.resumed);
  out += ruin_row("volatility 30 % too low", report.ruin_volatility_low.halted);
  out += ruin_row("the same, resumed after each halt", report.ruin_volatility_low.resumed);
  return out +
         "</table><p class=\"note\">The production core on a simulated market, made to believe its own fair value. No "
         "order is placed that could break the drawdown limit: near it nothing is traded any more. "
         "Years "
         "are drawn in blocks of eight settlement instants under the day's and the drawdown's limit; ends are of the "
         "starting bankroll; a halt ends the year, or a person resumes the day after.</p></html>\n";
}

}  // namespace voltage::app::stress
