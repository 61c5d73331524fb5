#include "app/journal/reason_page.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/html.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "features/history.hpp"
#include "features/schema.hpp"
#include "features/view.hpp"
#include "forecast/answer.hpp"

namespace voltage::app::journal {
namespace {

using namespace literals;

constexpr std::size_t kBars = 60, kLevels = 10;

std::string number(double v, int digits = 4) {
  return std::isnan(v) ? "–" : fmt::format("{:.{}f}", v, digits);
}

std::string section(const char* title, const std::string& body) {
  return fmt::format("<section><h2>{}</h2>{}</section>\n", title, body);
}

std::string book(const Moment& m) {
  const auto& listing = m.core.engine().books().at(m.contract);
  std::string rows;
  auto bid = listing.book.best(Side::bid), ask = listing.book.best(Side::ask);
  std::int64_t most = 1;
  for (auto side : {Side::bid, Side::ask}) {
    std::size_t n = 0;
    for (auto l = listing.book.best(side); l && n < kLevels; l = listing.book.next(side, l->price), ++n)
      most = std::max(most, l->qty.centis);
  }
  const auto bar = [&](const auto& level) {
    return level ? fmt::format("<meter max=\"{}\" value=\"{}\"></meter> {}", most, level->qty.centis,
                               format_qty(level->qty))
                 : std::string{};
  };
  for (std::size_t i = 0; i < kLevels && (bid || ask); ++i) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td class=l>{}</td></tr>", bar(bid),
                        bid ? format_price(bid->price) : "", ask ? format_price(ask->price) : "", bar(ask));
    if (bid) bid = listing.book.next(Side::bid, bid->price);
    if (ask) ask = listing.book.next(Side::ask, ask->price);
  }
  return fmt::format(
      "<p>last message {:.3f} s before{}</p><table><tr><th>size</th><th>bid</th><th>ask</th><th "
      "class=l>size</th></tr>{}"
      "</table>",
      (m.core.engine().now() - listing.updated).seconds(),
      listing.lost_why.empty() ? "" : "; lost: " + html(listing.lost_why), rows);
}

std::string candles_picture(const std::vector<event::CandleClosed>& candles) {
  if (candles.empty()) return "<p>no bar in the journal yet</p>";
  const std::size_t first = candles.size() > kBars ? candles.size() - kBars : 0;
  double low = candles[first].candle.low, high = candles[first].candle.high;
  for (std::size_t i = first; i < candles.size(); ++i) {
    low = std::min(low, candles[i].candle.low);
    high = std::max(high, candles[i].candle.high);
  }
  const double height = std::max(high - low, 1e-9);
  const auto y = [&](double price) { return 5 + 190 * (high - price) / height; };
  std::string shapes;
  for (std::size_t i = first; i < candles.size(); ++i) {
    const auto& c = candles[i].candle;
    const double x = 10 * static_cast<double>(i - first) + 5;
    const char* kind = c.close >= c.open ? "up" : "down";
    shapes += fmt::format(
        "<line class={0} x1={1:.1f} x2={1:.1f} y1={2:.1f} y2={3:.1f} /><rect class={0} x={4:.1f} width=6 y={5:.1f} "
        "height={6:.1f} />",
        kind, x, y(c.high), y(c.low), x - 3, y(std::max(c.open, c.close)),
        std::max(0.8, std::abs(y(c.open) - y(c.close))));
  }
  return fmt::format(
      "<svg viewBox=\"0 0 {} 200\" role=img aria-label=candles>{}</svg><p>{} bars, {:.2f} to {:.2f}, the last closed "
      "at "
      "{}</p>",
      10 * (candles.size() - first), shapes, candles.size() - first, low, high,
      format_iso(candles.back().candle.begin + candles.back().interval));
}

// The inputs of a moment as far as the journal's own bars reach.
std::string features_table(const std::vector<event::CandleClosed>& candles) {
  features::History history{features::Season{}};
  for (const auto& c : candles) static_cast<void>(history.append(c.candle, c.interval));
  if (history.empty()) return "<p>no bar in the journal yet</p>";
  const auto slot = history.slot_of(history.minute_of(history.size() - 1));
  if (slot < 0) return "<p>no bar ends at the last minute</p>";
  std::vector<float> row(features::schema().size(), std::nanf(""));
  features::moment_features(features::View{history, static_cast<std::size_t>(slot)}, row);
  std::string rows;
  std::size_t missing = 0;
  for (std::size_t i = 0; i < features::moment_feature_count(); ++i) {
    const auto& spec = features::schema()[i];
    if (std::isnan(row[i])) {
      ++missing;
      continue;
    }
    rows += fmt::format("<tr><td class=l>{}</td><td>{:.5g}</td><td class=l>{}</td><td>{}</td></tr>", html(spec.name),
                        row[i], html(spec.unit),
                        spec.window_minutes == 0 ? "" : fmt::format("{} min", spec.window_minutes));
  }
  return fmt::format(
      "<details><summary>{} inputs from the {} bars of the journal; {} need bars from before the run, which it does "
      "not "
      "hold (season taken as flat)</summary><table><tr><th class=l>input</th><th>value</th><th class=l>unit</th>"
      "<th>window</th></tr>{}</table></details>",
      features::moment_feature_count() - missing, candles.size(), missing, rows);
}

std::string members_table(const event::ForecastReady* f) {
  if (f == nullptr) return "<p>none yet</p>";
  std::string out = fmt::format("<p>request {} of the bar closed at {}, close {:.2f}, model {}</p>", f->request,
                                format_iso(f->bar_close), f->close, html(f->model_hash));
  out += "<table><tr><th class=l>ahead</th><th>move</th><th>all together</th>";
  for (const auto& member : f->members) out += fmt::format("<th>{}</th><th>weight</th>", html(member.name));
  out += "</tr>";
  for (std::size_t k = 0; k < f->nodes.size(); ++k) {
    const auto node = forecast::from_event(f->nodes[k]);
    const double sd = std::sqrt(node.density.variance());
    const bool told = !f->members.empty() && k < f->members[0].nodes.size();
    for (std::size_t i = 0; i < (told ? 3U : 1U); ++i) {
      const double move = told ? f->members[0].nodes[k].beyond[i][0] : sd;
      out += fmt::format("<tr><td class=l>{}</td><td>{:.3f} %</td><td>{}</td>",
                         i == 0 ? format_duration(node.horizon) : "", 100 * move, number(node.density.beyond(move)));
      for (const auto& member : f->members) {
        const auto& said = member.nodes.at(k);
        out += fmt::format("<td>{}</td><td>{}</td>", number(said.beyond[i][1]),
                           i == 0 ? fmt::format("{:.0f} %", 100 * said.weight) : "");
      }
      out += "</tr>";
    }
  }
  return out + "</table><p>P of a move larger than given, up or down.</p>";
}

// The law of the price at the close, as the forecast has it, with the strike.
std::string density_picture(const Moment& m) {
  const auto& contract = m.core.engine().books().at(m.contract).contract;
  const auto& engine = m.core.engine();
  if (m.forecast == nullptr || m.forecast->nodes.empty()) return "<p>no forecast yet</p>";
  const Duration left = contract.close - engine.now();
  const auto spot = m.core.strategy().price_now(engine.now());
  if (left.ns <= 0 || !spot) return "<p>no price of bitcoin, or the market is closed</p>";
  std::vector<forecast::SurfaceNode> nodes;
  for (const auto& node : m.forecast->nodes) nodes.push_back(forecast::from_event(node));
  const forecast::Surface surface{m.forecast->bar_close, m.forecast->close, nodes};
  const auto density = surface.density(left);
  const double sd = std::sqrt(density.variance());
  std::string line;
  double highest = 0;
  for (int i = 0; i <= 200; ++i) highest = std::max(highest, density.pdf(sd * (i - 100) / 25));
  for (int i = 0; i <= 200; ++i)
    line += fmt::format("{},{:.1f} ", 3 * i, 190 - 180 * density.pdf(sd * (i - 100) / 25) / highest);
  std::string strikes;
  for (const auto& bound : {contract.strike.floor, contract.strike.cap}) {
    if (!bound) continue;
    const double x = 3 * (100 + 25 * std::log(bound->usd() / spot->usd) / sd);
    if (x > 0 && x < 600) strikes += fmt::format("<line class=strike x1={0:.1f} x2={0:.1f} y1=0 y2=190 />", x);
  }
  return fmt::format(
      "<svg viewBox=\"0 0 600 200\" role=img aria-label=density><polyline points=\"{}\"/>{}</svg><p>{} ahead: standard "
      "deviation {:.3f} % around {:.2f} (±{:.2f}); the line is the strike, {}</p>",
      line, strikes, format_duration(Duration{left.ns - left.ns % (1_s).ns}), 100 * sd, spot->usd, spot->sd_usd,
      contract.strike.floor ? fmt::format("{:.2f}", contract.strike.floor->usd()) : "unknown");
}

std::string belief(const Reason& r) {
  if (!r.decision) return "<p>nothing was decided in that second</p>";
  const auto& d = *r.decision;
  return fmt::format(
      "<table><tr><td class=l>fair, from everything but this book</td><td>{}</td></tr><tr><td class=l>the market's "
      "microprice</td><td>{}</td></tr><tr><td class=l>blend, what is traded</td><td>{}</td></tr><tr><td class=l>edge a "
      "contract after the fee</td><td>{}</td></tr><tr><td class=l>seconds left</td><td>{:.3f}</td></tr></table>",
      number(d.fair, 6), number(d.microprice, 6), number(d.blend, 6),
      std::isnan(d.edge) ? "–" : fmt::format("${:.6f}", d.edge), d.seconds_left);
}

std::string size_and_limits(const Reason& r, const Moment& m) {
  const auto& ledger = m.core.engine().ledger();
  std::string out = fmt::format("<p>held {} YES, cash ${}, worst case ${}</p>", format_qty(ledger.net(m.contract)),
                                format_money(ledger.cash()), format_money(ledger.equity_worst()));
  if (!r.order) {
    out += "<p>No order, because of:</p><ul>";
    for (const auto& veto : r.vetoes) out += "<li>" + html(veto) + "</li>";
    return out + "</ul>";
  }
  out += fmt::format(
      "<p><b>{} {} YES at ${}</b></p><table><tr><th class=l>limit</th><th>with this order</th><th>allowed</th></tr>",
      r.order->side == Side::bid ? "Buy" : "Sell", format_qty(r.order->qty), format_price(r.order->limit));
  for (const auto& row : limit_rows(m))
    out += fmt::format("<tr><td class=l>{}</td><td>{}</td><td>{}</td></tr>", row.limit, row.value, row.allowed);
  return out + "</table>";
}

constexpr const char* kHead =
    "<!doctype html><html lang=en><meta charset=utf-8><title>voltage explains</title><style>"
    ":root{color-scheme:light dark}body{font:14px/1.45 system-ui,sans-serif;max-width:1000px;margin:1rem "
    "auto;padding:0 1rem}"
    "h1{font-size:1.2rem}h2{font-size:1rem;margin:.2rem 0}section{border:1px solid "
    "#8886;border-radius:8px;padding:.6rem .9rem;"
    "margin:.7rem 0;overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "td,th{text-align:right;padding:.1rem .6rem;border-bottom:1px solid #8883;white-space:nowrap}.l{text-align:left}"
    "svg{width:100%;max-height:16rem}line.up,rect.up{stroke:#1a7f37;fill:#1a7f37}line.down,rect.down{stroke:#cf222e;"
    "fill:#cf222e}"
    "polyline{fill:none;stroke:#0969da;stroke-width:2}line.strike{stroke:#cf222e;stroke-dasharray:4}meter{width:6rem}</"
    "style>\n";

}  // namespace

std::string reason_page(const Reason& reason, const Moment& moment, const std::vector<event::CandleClosed>& candles) {
  std::string out = kHead;
  out += fmt::format(
      "<h1>{} at {}</h1><p>{} (seq {}). Run again from the journal: every effect up to here is equal to what was "
      "recorded.</p>\n",
      html(reason.contract.ticker), format_iso(reason.at),
      reason.order ? fmt::format("Why order {} was placed", reason.order->order.v)
                   : std::string{"Why there was no order"},
      reason.seq);
  out += section("Decision: size and limits", size_and_limits(reason, moment));
  out += section("Belief and edge", belief(reason));
  out += section("Density of bitcoin at the close", density_picture(moment));
  out += section("Forecast: each member and its weight", members_table(moment.forecast));
  out += section("Book", book(moment));
  out += section("Candles", candles_picture(candles));
  out += section("Features", features_table(candles));
  return out + "</html>\n";
}

}  // namespace voltage::app::journal
