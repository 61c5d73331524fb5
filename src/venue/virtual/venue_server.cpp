#include "venue/virtual/venue_server.hpp"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"
#include "venue/clock.hpp"
#include "venue/net/http_date.hpp"
#include "venue/net/server.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_session.hpp"
#include "venue/virtual/kraken_api.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

constexpr std::string_view kWsPath = "/trade-api/ws/v2";
constexpr Duration kTick{10'000'000};

}  // namespace

std::string VenueAddress::json() const {
  io::JsonWriter w;
  w.begin_object().string("kalshi_rest", kalshi_rest).string("kalshi_ws", kalshi_ws);
  w.string("kalshi_key_id", kalshi_key_id).string("kalshi_key_file", kalshi_key_file);
  w.string("kraken_rest", kraken_rest).string("kraken_ws_v1", kraken_ws_v1).string("kraken_ws_v2", kraken_ws_v2);
  if (!tls_ca_file.empty()) w.string("tls_ca_file", tls_ca_file);
  w.begin_object("clock").integer("wall_ms", wall.ms()).integer("venue_ms", venue.ms());
  w.raw("speed", fmt::format("{:.6f}", speed)).end_object();
  return w.end_object().take();
}

struct VenueServer::Impl {
  Impl(net::Loop& l, const VenueOptions& o, Gate g, const Tier& t)
      : loop{l},
        options{o},
        world{o.world},
        gate{std::move(g)},
        api{world, gate, t},
        faults{o.faults},
        started{std::chrono::steady_clock::now()},
        origin{o.world.start} {}

  Time virtual_now() const {
    const std::chrono::duration<double, std::nano> real = std::chrono::steady_clock::now() - started;
    return origin + Duration{static_cast<std::int64_t>(real.count() * options.speed)};
  }

  void advance();
  net::Reply on_kalshi(const net::Request& request);
  std::optional<net::Response> upgrade_kalshi(net::ConnectionId id, const net::Request& request);
  std::optional<net::Response> upgrade_kraken(net::ConnectionId id, const net::Request& request);
  void pump(net::ConnectionId id, KalshiSession& session);
  void pump(net::ConnectionId id, virtual_kraken::KrakenSession& session);
  void deliver(net::Server& server, net::ConnectionId id, std::string frame);
  Status listen();

  net::Loop& loop;
  VenueOptions options;
  World world;
  Gate gate;
  KalshiApi api;
  FaultScript faults;
  std::chrono::steady_clock::time_point started;
  Time origin;
  VenueAddress address;
  std::map<net::ConnectionId, std::unique_ptr<KalshiSession>> kalshi_sessions;
  std::map<net::ConnectionId, std::unique_ptr<virtual_kraken::KrakenSession>> kraken_sessions;
  std::map<std::pair<net::Server*, net::ConnectionId>, std::string> held_back;  // reordered behind the next frame
  std::unique_ptr<net::Server> kalshi, kraken;
};

void VenueServer::Impl::advance() {
  world.advance(virtual_now());
  const auto notices = world.exchange().take_notices();
  const auto index = world.take_index();
  for (auto& [id, session] : kalshi_sessions) {
    for (const auto& notice : notices) session->on_notice(notice);
    for (const auto& second : index) session->on_index(second);
    session->flush();
    pump(id, *session);
  }
  for (auto& [id, session] : kraken_sessions) {
    session->on_time(world.now());
    pump(id, *session);
  }
}

void VenueServer::Impl::deliver(net::Server& server, net::ConnectionId id, std::string frame) {
  if (!faults.empty()) faults.reshape(frame);
  const auto fault = faults.empty() ? std::nullopt : faults.on_frame(frame);
  auto& waiting = held_back[{&server, id}];
  const auto send = [&](std::string text) {
    server.send(id, std::move(text));
    if (!waiting.empty()) server.send(id, std::exchange(waiting, {}));
  };
  if (!fault) return send(std::move(frame));
  switch (fault->kind) {
    case FaultKind::drop:
      return;
    case FaultKind::duplicate:
      server.send(id, frame);
      return send(std::move(frame));
    case FaultKind::reorder:
      waiting = std::move(frame);
      return;
    case FaultKind::hold:
      loop.after(fault->length, [this, &server, id, late = std::move(frame)] { server.send(id, late); });
      return;
    case FaultKind::silence:
      return server.freeze(id);
    case FaultKind::cut:
      // Not here: the sessions are being walked, and a cut ends one.
      return loop.post([&server, id] { server.cut(id); });
    default:
      break;
  }
  const auto at = frame.find(fault->of);
  if (fault->kind == FaultKind::rename) {
    frame[at] = frame[at] == 'x' ? 'y' : 'x';
  } else {
    // The value behind the name: "price":"0.5" becomes "price":7,"_":"0.5".
    const auto colon = frame.find(':', at);
    if (colon != std::string::npos) frame.insert(colon + 1, "7,\"_\":");
  }
  send(std::move(frame));
}

void VenueServer::Impl::pump(net::ConnectionId id, KalshiSession& session) {
  for (auto& frame : session.take_frames()) deliver(*kalshi, id, std::move(frame));
}

void VenueServer::Impl::pump(net::ConnectionId id, virtual_kraken::KrakenSession& session) {
  for (auto& frame : session.take_frames()) deliver(*kraken, id, std::move(frame));
}

net::Reply VenueServer::Impl::on_kalshi(const net::Request& request) {
  const auto fault = faults.empty() ? std::nullopt : faults.on_request(request.method + " " + request.target);
  if (fault && fault->kind == FaultKind::cut_before) return {{}, true, {}};
  const bool error = fault && fault->kind >= FaultKind::error_401 && fault->kind <= FaultKind::error_503;
  if (error) {
    const int status = status_of(fault->kind);
    return {{status,
             status == 429 ? R"({"error":"too many requests"})"
                           : error_body({status, "injected", "injected by the fault script", ""}),
             "application/json"},
            false,
            {}};
  }
  advance();
  net::Reply reply{api.handle(request, wall_now()), false, {}};
  advance();
  if (!faults.empty()) faults.reshape(reply.response.body);
  reply.date = net::format_http_date(virtual_now());
  if (fault && fault->kind == FaultKind::cut_after) reply.drop = true;
  if (fault && fault->kind == FaultKind::delay) reply.delay = fault->length;
  return reply;
}

std::optional<net::Response> VenueServer::Impl::upgrade_kalshi(net::ConnectionId id, const net::Request& request) {
  if (request.path() != kWsPath)
    return net::Response{404, error_body({404, "not_found", "not found", ""}), "application/json"};
  const std::string refused = gate.refuse(request, wall_now(), virtual_now());
  if (!refused.empty()) {
    return net::Response{401, error_body({401, "authentication_error", "authentication_error", refused}),
                         "application/json"};
  }
  kalshi_sessions[id] = std::make_unique<KalshiSession>(world, world.account());
  return std::nullopt;
}

std::optional<net::Response> VenueServer::Impl::upgrade_kraken(net::ConnectionId id, const net::Request& request) {
  using virtual_kraken::Version;
  const bool v2 = request.path() == "/v2";
  if (!v2 && request.path() != "/" && !request.path().empty()) return net::Response{404, "", "text/plain"};
  // Above 2^63, as the real ones are.
  const std::uint64_t connection = 0xC000'0000'0000'0000 + id;
  auto session = std::make_unique<virtual_kraken::KrakenSession>(world.kraken(), v2 ? Version::v2 : Version::v1,
                                                                 world.now(), connection);
  kraken_sessions[id] = std::move(session);
  loop.post([this, id] {
    const auto found = kraken_sessions.find(id);
    if (found != kraken_sessions.end()) pump(id, *found->second);
  });
  return std::nullopt;
}

Status VenueServer::Impl::listen() {
  net::ServerOptions server_options;
  server_options.port = options.kalshi_port;
  if (options.tls) {
    auto certificate = net::self_signed();
    if (!certificate) return fail(certificate.error().message);
    address.tls_ca_file = options.key_folder + "/virtual-venue-ca.pem";
    if (const auto written = io::write_file(address.tls_ca_file, certificate->certificate_pem); !written)
      return written;
    server_options.tls = std::move(*certificate);
  }
  server_options.ping_every = 10_s;
  server_options.ping_body = "heartbeat";
  net::ServerHandlers handlers;
  handlers.on_request = [this](const net::Request& r) { return on_kalshi(r); };
  handlers.on_upgrade = [this](net::ConnectionId id, const net::Request& r) { return upgrade_kalshi(id, r); };
  handlers.on_text = [this](net::ConnectionId id, std::string_view text) {
    const auto session = kalshi_sessions.find(id);
    if (session == kalshi_sessions.end()) return;
    advance();  // a snapshot must not hold what later deltas will say again
    session->second->on_text(text);
    pump(id, *session->second);
  };
  handlers.on_slow = [this](net::ConnectionId id) {
    const auto session = kalshi_sessions.find(id);
    if (session != kalshi_sessions.end()) session->second->overflow();
  };
  handlers.on_close = [this](net::ConnectionId id) { kalshi_sessions.erase(id); };
  auto first = net::Server::start(loop, server_options, handlers);
  if (!first) return fail(first.error().message);
  kalshi = std::move(*first);

  server_options.port = options.kraken_port;
  server_options.ping_every = {};
  handlers.on_request = [this](const net::Request& r) {
    world.advance(virtual_now());
    net::Reply reply{virtual_kraken::rest(world.kraken(), r, world.now()), false, {}};
    if (!faults.empty()) faults.reshape(reply.response.body);
    return reply;
  };
  handlers.on_upgrade = [this](net::ConnectionId id, const net::Request& r) { return upgrade_kraken(id, r); };
  handlers.on_text = [this](net::ConnectionId id, std::string_view text) {
    const auto session = kraken_sessions.find(id);
    if (session == kraken_sessions.end()) return;
    session->second->on_text(text, world.now());
    pump(id, *session->second);
  };
  handlers.on_slow = [this](net::ConnectionId id) { loop.post([this, id] { kraken->cut(id); }); };
  handlers.on_close = [this](net::ConnectionId id) { kraken_sessions.erase(id); };
  auto second = net::Server::start(loop, server_options, handlers);
  if (!second) return fail(second.error().message);
  kraken = std::move(*second);
  return {};
}

VenueServer::VenueServer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

VenueServer::~VenueServer() {
  ::unlink(impl_->address.kalshi_key_file.c_str());
  if (!impl_->address.tls_ca_file.empty()) ::unlink(impl_->address.tls_ca_file.c_str());
}

const VenueAddress& VenueServer::address() const {
  return impl_->address;
}
World& VenueServer::world() {
  return impl_->world;
}

Result<std::unique_ptr<VenueServer>> VenueServer::start(net::Loop& loop, const VenueOptions& options) {
  const auto tier = tier_of(options.tier);
  if (!tier)
    return fail("tier '" + options.tier + "' is not one of basic, advanced, expert, premier, paragon, prime, prestige");
  auto key = kalshi::Key::generate(options.ed25519 ? kalshi::Key::Kind::ed25519 : kalshi::Key::Kind::rsa);
  if (!key) return fail(key.error().message);
  const std::string key_id = uuid_of('k', static_cast<std::uint64_t>(::getpid()));
  const std::string key_file = fmt::format("{}/virtual-kalshi-{}.pem", options.key_folder, ::getpid());
  ::unlink(key_file.c_str());
  if (const auto written = key->write(key_file); !written) return fail(written.error().message);
  auto impl = std::make_unique<Impl>(loop, options, Gate{key_id, std::move(*key)}, *tier);
  impl->address.kalshi_key_id = key_id;
  impl->address.kalshi_key_file = key_file;
  if (const auto listening = impl->listen(); !listening) {
    ::unlink(key_file.c_str());
    return fail(listening.error().message);
  }
  const char* s = options.tls ? "s" : "";
  auto& a = impl->address;
  a.kalshi_rest = fmt::format("http{}://127.0.0.1:{}/trade-api/v2", s, impl->kalshi->port());
  a.kalshi_ws = fmt::format("ws{}://127.0.0.1:{}{}", s, impl->kalshi->port(), kWsPath);
  a.kraken_rest = fmt::format("http{}://127.0.0.1:{}", s, impl->kraken->port());
  a.kraken_ws_v1 = fmt::format("ws{}://127.0.0.1:{}/", s, impl->kraken->port());
  a.kraken_ws_v2 = fmt::format("ws{}://127.0.0.1:{}/v2", s, impl->kraken->port());
  // The world was made while the wall clock went on: start from where it now is.
  impl->started = std::chrono::steady_clock::now();
  a.wall = wall_now();
  a.venue = impl->origin;
  a.speed = options.speed;
  auto* raw = impl.get();
  loop.every(kTick, [raw] { raw->advance(); });
  return std::unique_ptr<VenueServer>{new VenueServer{std::move(impl)}};
}

}  // namespace voltage::venue::virtual_kalshi
