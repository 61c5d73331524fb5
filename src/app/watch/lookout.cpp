#include "app/watch/lookout.hpp"

#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "app/watch/access.hpp"
#include "app/watch/desk.hpp"
#include "app/watch/systemd.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/net/server.hpp"

namespace voltage::app::watch {
namespace {

Duration steady_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
              .count()};
}

Time wall_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

struct Lookout::Impl {
  explicit Impl(LookoutOptions o) : options{std::move(o)} {}

  Status open();
  void look();
  void log(const LogLine& line);
  void drain_log();
  void escalate();

  LookoutOptions options;
  Board board;
  Heartbeats parts;
  std::string token;
  std::uint16_t bound{0};
  std::FILE* log_file{nullptr};
  std::int64_t log_dropped{0};
  venue::net::Loop loop;
  std::optional<Access> access;
  std::unique_ptr<Courier> courier;
  std::unique_ptr<venue::net::Server> server;
  AlertBook alerts;
  View view;
  int looks{0};
  bool hopeless_told{false}, ready_told{false};
  std::thread thread;
};

Status Lookout::Impl::open() {
  view.status = board.latest();
  if (!options.log.empty()) {
    log_file = std::fopen(options.log.c_str(), "ae");
    if (log_file == nullptr) return fail(options.log + ": the log can't be opened");
    ::fchmod(::fileno(log_file), 0600);  // what is traded is nobody else's business
  }
  auto made = Courier::make(loop, options.hooks, options.courier,
                            [this](const std::string& text) { log({{}, "courier", text}); });
  if (!made) return tl::unexpected(made.error());
  courier = std::move(*made);
  if (!options.port) return {};
  auto fresh = fresh_token();
  if (!fresh) return tl::unexpected(fresh.error());
  token = std::move(*fresh);
  access.emplace(token, options.read_token);
  venue::net::ServerOptions listening;
  listening.port = *options.port;
  listening.name = "voltage";
  venue::net::ServerHandlers handlers;
  const DeskActions actions{[this](event::OperatorSaid said) { return board.ask(std::move(said)); },
                            [this](const std::string& alert, const std::string& about) {
                              const bool known = alerts.acknowledge(alert, about);
                              if (known) log({{}, "acknowledged", alert + " " + about});
                              return known;
                            }};
  handlers.on_request = [this, actions](const venue::net::Request& request) {
    view.status = board.latest();
    view.parts = parts.look();
    return venue::net::Reply{answer(request, *access, view, actions), false, {}};
  };
  handlers.on_upgrade = [](venue::net::ConnectionId, const venue::net::Request&) {
    return std::optional{venue::net::Response{404, "no WebSocket here\n", "text/plain", {}}};
  };
  handlers.on_text = [](venue::net::ConnectionId, std::string_view) {};
  handlers.on_slow = [](venue::net::ConnectionId) {};
  handlers.on_close = [](venue::net::ConnectionId) {};
  auto started = venue::net::Server::start(loop, listening, std::move(handlers));
  if (!started) return tl::unexpected(started.error());
  server = std::move(*started);
  bound = server->port();
  if (options.data.empty()) return {};
  return write_control_file(options.data, {bound, token});
}

void Lookout::Impl::log(const LogLine& line) {
  if (log_file == nullptr) return;
  io::JsonWriter w;
  w.begin_object().string("time", format_iso(wall_now()));
  if (line.at.ns != 0) w.string("run_time", format_iso(line.at));
  w.string("what", line.what).string("text", line.text);
  std::fputs((w.end_object().take() + "\n").c_str(), log_file);
}

void Lookout::Impl::drain_log() {
  const auto before = log_dropped;
  for (const auto& line : board.take_said(log_dropped)) log(line);
  if (log_dropped > before) log({{}, "log", fmt::format("{} lines were dropped", log_dropped - before)});
  if (log_file != nullptr) std::fflush(log_file);
}

void Lookout::Impl::look() {
  const Duration now = steady_now();
  view.status = board.latest();
  view.parts = parts.look();
  if (looks++ % 20 == 0) view.machine = look_at_machine(options.data);
  view.alerts_sent = courier->sent();
  view.alert_failures = courier->failures();
  view.pings = courier->pings();
  view.ping_failures = courier->ping_failures();
  view.since_self_test = courier->since_self_test(now);
  for (const auto& message : alerts.follow(now, conditions(view, options.alerts, courier->since_ping(now)))) {
    log({{}, "alert", title(message) + ": " + message.text});
    courier->send(message);
  }
  view.alerts = alerts.firing(now);
  bool well = true;
  for (const auto& part : view.parts) well = well && !part.stuck();
  courier->tick(now, well);
  if (!std::exchange(ready_told, true)) tell_systemd("READY=1");
  // Silence towards systemd is the last resort: it ends the process and starts it anew.
  if (well) tell_systemd("WATCHDOG=1");
  escalate();
  drain_log();
}

void Lookout::Impl::escalate() {
  if (options.hopeless.ns <= 0 || hopeless_told) return;
  for (const auto& part : view.parts) {
    if (part.limit.ns <= 0 || part.age < part.limit + options.hopeless) continue;
    hopeless_told = true;
    log({{}, "hopeless", part.name + " does not come back"});
    drain_log();
    if (options.on_hopeless) options.on_hopeless(part.name);
    return;
  }
}

Lookout::Lookout(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Result<std::unique_ptr<Lookout>> Lookout::start(LookoutOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (const auto opened = impl->open(); !opened) return tl::unexpected(opened.error());
  Impl* m = impl.get();
  m->loop.every(m->options.look_every, [m] { m->look(); });
  m->thread = std::thread{[m] { m->loop.run(); }};
  return std::unique_ptr<Lookout>{new Lookout{std::move(impl)}};
}

Lookout::~Lookout() {
  tell_systemd("STOPPING=1");
  // Posted, not called: a thread that has only just begun would otherwise miss it and never end.
  impl_->loop.post([m = impl_.get()] { m->loop.stop(); });
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->drain_log();
  if (impl_->log_file != nullptr) std::fclose(impl_->log_file);
  if (!impl_->options.data.empty() && impl_->bound != 0) std::remove(control_path(impl_->options.data).c_str());
}

Board& Lookout::board() {
  return impl_->board;
}
Heartbeats& Lookout::parts() {
  return impl_->parts;
}
std::uint16_t Lookout::port() const {
  return impl_->bound;
}
const std::string& Lookout::token() const {
  return impl_->token;
}

void end_for_a_restart(const std::string& part) {
  std::fprintf(stderr, "voltage: %s does not come back; ending, so that a fresh process can take over\n", part.c_str());
  constexpr int kSoftwareFault = 70;
  std::_Exit(kSoftwareFault);
}

}  // namespace voltage::app::watch
