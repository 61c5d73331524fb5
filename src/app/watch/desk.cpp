#include "app/watch/desk.hpp"

#include <cmath>

#include <fmt/format.h>

#include "app/watch/metrics.hpp"
#include "app/watch/page.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/fields.hpp"

namespace voltage::app::watch {
namespace {

using venue::net::Request;
using venue::net::Response;

constexpr std::size_t kReasonMax = 200;

Response with(int status, std::string body, std::string type = "text/plain; charset=utf-8") {
  return {status,
          std::move(body),
          std::move(type),
          {{"Cache-Control", "no-store"},
           {"X-Content-Type-Options", "nosniff"},
           {"X-Frame-Options", "DENY"},
           {"Referrer-Policy", "no-referrer"},
           {"Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}}};
}

Response health(const View& view) {
  std::string stuck;
  for (const auto& part : view.parts) {
    if (part.stuck()) stuck += fmt::format("stuck: {}, silent for {:.1f} s\n", part.name, part.age.seconds());
  }
  return stuck.empty() ? with(200, "ok\n") : with(503, stuck);
}

Response ready(const View& view) {
  auto why = not_ready(*view.status);
  for (const auto& part : view.parts) {
    if (part.stuck()) why.push_back("stuck: " + part.name);
  }
  if (why.empty()) return with(200, "ready\n");
  std::string text;
  for (const auto& w : why) text += w + "\n";
  return with(503, text);
}

Response without_reasons(const Response& full) {
  return with(full.status, full.status == 200 ? full.body : std::string{"no\n"});
}

Response unread() {
  auto refused = with(401, "reading needs the read token: a bearer token, or the password of any name\n");
  refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"voltage\"");
  return refused;
}

std::optional<event::OperatorAction> action_of(std::string_view text) {
  if (text == "pause") return event::OperatorAction::pause;
  if (text == "resume") return event::OperatorAction::resume;
  if (text == "kill") return event::OperatorAction::kill;
  return std::nullopt;
}

Response control(const Request& request, const DeskActions& actions) {
  venue::JsonDocument document;
  const auto root = document.parse(request.body);
  if (!root) return with(400, root.error().message + "\n");
  venue::Flaws flaws;
  venue::Fields f{*root, "body", flaws};
  const std::string action{f.text("action")}, reason{f.text("reason")};
  if (!flaws.error.empty()) return with(400, flaws.error + "\n");
  const auto what = action_of(action);
  if (!what) return with(400, "body.action: pause, resume or kill\n");
  if (reason.empty() || reason.size() > kReasonMax)
    return with(400, fmt::format("body.reason: 1 to {} characters are needed\n", kReasonMax));
  for (const char c : reason) {
    if (static_cast<unsigned char>(c) < ' ') return with(400, "body.reason: holds a control character\n");
  }
  if (!actions.ask({*what, reason})) return with(409, "nobody trades: there is nothing to " + action + "\n");
  return with(202, action + " asked for; the run takes it with its next event\n");
}

Response acknowledge(const Request& request, const DeskActions& actions) {
  venue::JsonDocument document;
  const auto root = document.parse(request.body);
  if (!root) return with(400, root.error().message + "\n");
  venue::Flaws flaws;
  venue::Fields f{*root, "body", flaws};
  const std::string alert{f.text("alert")}, about{f.text_or("about")};
  if (!flaws.error.empty()) return with(400, flaws.error + "\n");
  if (!actions.acknowledge(alert, about)) return with(404, "no such alert fires\n");
  return with(200, "acknowledged\n");
}

std::string number(double v) {
  return std::isfinite(v) ? fmt::format("{}", v) : std::string{"null"};
}

}  // namespace

std::string status_json(const View& view) {
  const Snapshot& s = *view.status;
  io::JsonWriter w;
  w.begin_object().string("mode", s.mode).string("phase", name(s.phase)).string("version", s.version);
  w.string("run", s.run).string("notice", s.notice).string("step", s.step).raw("progress", number(s.progress));
  w.integer("at_ms", s.at.ms()).raw("bitcoin", number(s.bitcoin)).string("model", s.model);
  w.raw("history_filled", number(s.past.filled)).raw("history_left_s", number(s.past.seconds_left));
  w.string("features_stand_on", s.past.standing);
  w.boolean("ready", not_ready(s).empty()).begin_array("not_ready");
  for (const auto& why : not_ready(s)) w.string(why);
  w.end_array().boolean("halted", s.halted);
  w.integer("events", s.events).integer("orders", s.orders_placed).integer("fills", s.fills_seen);
  w.integer("forecasts", s.forecasts).integer("settled", s.settled).integer("open_orders", s.open_orders);
  w.money("cash", s.cash).money("net", s.profit.net).money("fees", s.profit.fees);
  w.money("open_at_cost", s.profit.open_at_cost).integer("instants", s.profit.instants);
  w.raw("net_low", number(s.profit.low)).raw("net_high", number(s.profit.high));
  w.begin_array("streams");
  for (const auto& x : s.streams) {
    w.begin_object().string("name", x.name).string("health", name(x.health)).string("why", x.why);
    w.boolean("needed", x.needed).end_object();
  }
  w.end_array().begin_array("markets");
  for (const auto& m : s.markets) {
    w.begin_object().string("ticker", m.ticker).raw("seconds_left", number(m.seconds_left)).string("book", m.trust);
    w.raw("fair", number(m.fair)).raw("blend", number(m.blend)).qty("position", m.position).begin_array("vetoes");
    for (const auto& v : m.vetoes) w.string(v);
    w.end_array().end_object();
  }
  w.end_array().begin_array("alerts");
  for (const auto& a : view.alerts) {
    w.begin_object().string("alert", a.alert).string("about", a.about).string("text", a.text);
    w.boolean("acknowledged", a.acknowledged).end_object();
  }
  return w.end_array().end_object().take();
}

Response answer(const Request& request, const Access& access, const View& view, const DeskActions& actions) {
  if (auto refused = access.refuses(request)) return *refused;
  const auto path = request.path();
  const bool post = path == "/control" || path == "/acknowledge";
  if (post) {
    if (request.method != "POST") return with(405, "POST only\n");
    if (!access.may_act(request)) return with(401, "the token is missing or wrong\n");
    return path == "/control" ? control(request, actions) : acknowledge(request, actions);
  }
  if (request.method != "GET" && request.method != "HEAD") return with(405, "GET only\n");
  const bool reads = access.may_read(request);
  // Whether it lives and is ready, without a word on why, is for every supervisor.
  if (path == "/healthz") return reads ? health(view) : without_reasons(health(view));
  if (path == "/readyz") return reads ? ready(view) : without_reasons(ready(view));
  if (!reads) return unread();
  if (path == "/") return with(200, page_html(view), "text/html; charset=utf-8");
  if (path == "/main") return with(200, page_main(view), "text/html; charset=utf-8");
  if (path == "/page.css") return with(200, page_css(), "text/css; charset=utf-8");
  if (path == "/page.js") return with(200, page_js(), "text/javascript; charset=utf-8");
  if (path == "/status.json") return with(200, status_json(view) + "\n", "application/json");
  if (path == "/metrics") return with(200, metrics_text(view), "text/plain; version=0.0.4; charset=utf-8");
  return with(404, "nothing here\n");
}

}  // namespace voltage::app::watch
