// index.html: the evaluation for a person, whole in itself, with reliability diagrams as inline SVG.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "app/evaluation/evaluate.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

constexpr double kSide = 220;  // of a diagram, in pixels

constexpr const char* kHead = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Forecasts judged</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}.best{font-weight:700}.flow{display:flex;flex-wrap:wrap;gap:1.5rem}
.wide{overflow-x:auto}figure{margin:0;max-width:330px}figcaption{font-size:13px;color:#555}svg{background:#fafafa;border:1px solid #ddd}
</style></head><body>
)";

std::string dot(double x, double y, const char* color) {
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>", x * kSide, (1 - y) * kSide, color);
}

// Forecast across, what came up; whiskers are two binomial errors of outcomes that don't overlap.
std::string reliability(const EventAnswers& e, Duration every) {
  const auto rows = rows_of(e, kEnsemble, {});
  const auto bins = forecast::calibration_bins(rows.p, rows.y);
  double most = 0.02;
  for (const auto& b : bins) most = std::max({most, b.mean_p, b.rate});
  most = std::min(1.0, 1.1 * most);
  std::string svg = fmt::format(
      "<svg width=\"{0}\" height=\"{0}\" viewBox=\"0 0 {0} {0}\"><line x1=\"0\" y1=\"{0}\" "
      "x2=\"{0}\" y2=\"0\" stroke=\"#bbb\"/>",
      kSide);
  for (const auto& b : bins) {
    const double n = static_cast<double>(b.n) / static_cast<double>(overlap_of(e, every));
    const double error = 2 * std::sqrt(std::max(b.mean_p * (1 - b.mean_p), 1e-6) / std::max(n, 1.0));
    svg += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"#9ab\"/>",
                       b.mean_p / most * kSide, (1 - (b.rate - error) / most) * kSide,
                       (1 - (b.rate + error) / most) * kSide);
    svg += dot(b.mean_p / most, b.rate / most, "#0a58ca");
  }
  return fmt::format("<figure>{}</svg><figcaption>{}: 0 to {:.2g} on both axes</figcaption></figure>", svg,
                     event_name(e.event), most);
}

std::string pit_diagram(const DensityAnswers& d) {
  constexpr std::size_t bars = 20;
  std::array<double, bars> share{};
  for (const double u : d.pit) {
    const auto bin = std::min(bars - 1, static_cast<std::size_t>(u * bars));
    share[bin] += static_cast<double>(bars) / static_cast<double>(d.pit.size());
  }
  std::string svg = fmt::format("<svg width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">", kSide, kSide / 2);
  for (std::size_t i = 0; i < bars; ++i) {
    const double height = std::min(2.0, share[i]) * kSide / 4;
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#7aa6da\"/>",
                       static_cast<double>(i) * kSide / bars, kSide / 2 - height, kSide / bars - 1, height);
  }
  svg += fmt::format("<line x1=\"0\" x2=\"{0}\" y1=\"{1}\" y2=\"{1}\" stroke=\"#555\"/></svg>", kSide, kSide / 4);
  return fmt::format("<figure>{}<figcaption>PIT at {}: flat at the line is right</figcaption></figure>", svg,
                     format_duration(d.horizon));
}

std::string event_table(const EventAnswers& e, Duration every) {
  std::string rows;
  double best = 1e9;
  std::array<forecast::BinaryScore, kColumns> scores{};
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto r = rows_of(e, c, {});
    if (r.p.empty()) continue;
    scores[c] = forecast::score_binary(r.p, r.y);
    best = std::min(best, scores[c].log_loss);
  }
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto& s = scores[c];
    if (s.n == 0) continue;
    const auto r = rows_of(e, c, {});
    const auto band = forecast::calibration_noise(r.p, overlap_of(e, every), 60, 1);
    rows += fmt::format(
        "<tr{}><td>{}</td><td>{:.4f}</td><td>{:.4f}</td><td>{:.4f}</td><td>{:.3f}</td><td>{:.4f}</td>"
        "<td>{:.4f} … {:.4f}</td><td>{}</td><td>{}</td></tr>\n",
        s.log_loss <= best + 1e-12 ? " class=\"best\"" : "", kColumnNames[c], s.log_loss, s.skill, s.brier, s.auc,
        s.calibration_error, band.median, band.upper,
        c == forecast::kEwma ? "" : fmt::format("{:.1f}", versus(e, c, forecast::kEwma)),
        c == forecast::kHar ? "" : fmt::format("{:.1f}", versus(e, c, forecast::kHar)));
  }
  return fmt::format(
      "<h3>{}</h3><p>{} forecasts, it happened in {:.1f} % of them.</p><table><tr><th></th><th>log loss</th>"
      "<th>skill</th><th>Brier</th><th>AUC</th><th>calibration error</th><th>of a perfect forecaster</th>"
      "<th>DM against EWMA</th><th>DM against HAR</th></tr>\n{}</table>\n",
      event_name(e.event), e.at.size(), 100 * scores[kEnsemble].base_rate, rows);
}

// The ensemble's log loss in each part, and in brackets how far it lies from HAR's there.
std::string parts_row(const EventAnswers& e, const std::vector<std::size_t>& part, std::size_t parts) {
  std::string out;
  for (std::size_t k = 0; k < parts; ++k) {
    const auto ours = rows_of(e, kEnsemble, [&](std::size_t i) { return part[i] == k; });
    const auto har = rows_of(e, forecast::kHar, [&](std::size_t i) { return part[i] == k; });
    if (ours.loss.empty()) {
      out += "<td></td>";
      continue;
    }
    const auto sum = [](const Scored& s) { return std::accumulate(s.loss.begin(), s.loss.end(), 0.0); };
    out += fmt::format("<td>{:.3f} ({:+.1f} %)</td>", sum(ours) / static_cast<double>(ours.loss.size()),
                       100 * (sum(ours) / sum(har) - 1));
  }
  return out;
}

std::string parts_table(const Answers& answers) {
  std::string out =
      "<h2>By regime and hour</h2><p>The ensemble's log loss, and in brackets its distance from HAR's. Regimes are "
      "thirds by the volatility of the day before; hours are UTC.</p><div class=\"wide\"><table><tr><th></th>";
  for (const char* name : kRegimeNames) out += fmt::format("<th>{}</th>", name);
  for (const char* name : kHourNames) out += fmt::format("<th>{}</th>", name);
  out += "</tr>\n";
  for (const auto& e : answers.events) {
    if (e.at.empty()) continue;
    out += fmt::format("<tr><td>{}</td>{}{}</tr>\n", event_name(e.event),
                       parts_row(e, regimes_of(e), kRegimeNames.size()), parts_row(e, hours_of(e), kHourNames.size()));
  }
  return out + "</table></div>\n";
}

double mean(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

}  // namespace

std::string report_html(const Answers& answers, const EvaluateSpan& span, const std::string& title,
                        const std::string& more) {
  std::string html = kHead;
  html += fmt::format(
      "<h1>Forecasts judged</h1><p>{}</p><p>{} to {}, every {}. Lower log loss and higher skill are "
      "better. DM is Diebold-Mariano on daily sums of log loss: below −2, the row is better than chance "
      "explains.</p>\n<h2>Will it move more than x within h?</h2>\n",
      title, format_iso(span.from), format_iso(span.to), format_duration(span.every));
  std::string diagrams;
  for (const auto& e : answers.events) {
    if (e.at.empty()) continue;
    html += event_table(e, span.every);
    diagrams += reliability(e, span.every);
  }
  html += fmt::format("<h2>Reliability of the ensemble</h2><div class=\"flow\">{}</div>\n", diagrams);
  html += parts_table(answers);
  html +=
      "<h2>The density</h2><table><tr><th>horizon</th><th>CRPS</th><th>EWMA normal</th><th>log score</th>"
      "<th>EWMA normal</th></tr>\n";
  std::string pits;
  for (const auto& d : answers.densities) {
    if (d.pit.empty()) continue;
    html += fmt::format("<tr><td>{}</td><td>{:.6f}</td><td>{:.6f}</td><td>{:.4f}</td><td>{:.4f}</td></tr>\n",
                        format_duration(d.horizon), mean(d.crps), mean(d.crps_baseline), mean(d.log_score),
                        mean(d.log_score_baseline));
    pits += pit_diagram(d);
  }
  return html + "</table><div class=\"flow\">" + pits + "</div>\n" + more + "</body></html>\n";
}

}  // namespace voltage::app
