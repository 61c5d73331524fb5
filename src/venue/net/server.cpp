#include "venue/net/server.hpp"

#include <deque>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include "venue/net/loop_impl.hpp"

namespace voltage::venue::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using Error = boost::system::error_code;

constexpr std::uint64_t kBodyMax = 4 << 20;

// What the server can do to a connection, whatever its stream.
struct Connection {
  virtual ~Connection() = default;
  virtual void send(std::string text) = 0;
  virtual void close() = 0;
  virtual void cut() = 0;
  virtual void freeze() = 0;
};

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

Request plain(const http::request<http::string_body>& from) {
  Request out;
  out.method = std::string{from.method_string()};
  out.target = std::string{from.target()};
  out.body = from.body();
  for (const auto& field : from) out.headers[lower(field.name_string())] = std::string{field.value()};
  return out;
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(Loop& l, ServerOptions o, ServerHandlers h)
      : loop{l}, options{std::move(o)}, handlers{std::move(h)}, acceptor{l.impl().context} {}

  void accept();

  Loop& loop;
  ServerOptions options;
  ServerHandlers handlers;
  tcp::acceptor acceptor;
  std::optional<asio::ssl::context> tls;
  std::map<ConnectionId, std::shared_ptr<Connection>> connections;
  ConnectionId last_id{0};
  bool stopped{false};
};

namespace {

// A WebSocket after its upgrade.
template <class Stream>
class Socket : public Connection, public std::enable_shared_from_this<Socket<Stream>> {
 public:
  Socket(std::shared_ptr<Server::Impl> server, ConnectionId id, Stream&& stream)
      : server_{std::move(server)}, id_{id}, ws_{std::move(stream)}, timer_{server_->loop.impl().context} {}

  template <class Message>
  void accept(const Message& request) {
    ws_.set_option(websocket::stream_base::timeout{std::chrono::seconds{30}, websocket::stream_base::none(), false});
    ws_.read_message_max(kBodyMax);
    ws_.async_accept(request, [self = this->shared_from_this()](const Error& e) {
      if (e) return self->finish();
      self->open_ = true;
      self->read();
      self->write();
      self->ping();
    });
  }

  void send(std::string text) override {
    if (frozen_) return;
    queue_.push_back(std::move(text));
    if (queue_.size() > server_->options.queue_max && !slow_) {
      slow_ = true;
      server_->handlers.on_slow(id_);
    }
    if (open_ && !writing_) write();
  }
  void close() override {
    if (!open_) return cut();
    ws_.async_close(websocket::close_code::normal, [self = this->shared_from_this()](const Error&) { self->finish(); });
  }
  void cut() override {
    Error ignored;
    beast::get_lowest_layer(ws_).socket().close(ignored);
    finish();
  }
  void freeze() override {
    frozen_ = true;
    timer_.cancel();
  }

 private:
  void read() {
    ws_.async_read(buffer_, [self = this->shared_from_this()](const Error& e, std::size_t) {
      if (e) return self->finish();
      const std::string text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      if (self->frozen_) return;
      self->server_->handlers.on_text(self->id_, text);
      self->read();
    });
  }

  void write() {
    if (queue_.empty() || frozen_) return;
    writing_ = true;
    ws_.text(true);
    ws_.async_write(asio::buffer(queue_.front()), [self = this->shared_from_this()](const Error& e, std::size_t) {
      self->writing_ = false;
      if (e) return self->finish();
      self->queue_.pop_front();
      self->slow_ = self->slow_ && !self->queue_.empty();
      self->write();
    });
  }

  void ping() {
    if (server_->options.ping_every.ns <= 0) return;
    timer_.expires_after(std::chrono::nanoseconds{server_->options.ping_every.ns});
    timer_.async_wait([self = this->shared_from_this()](const Error& e) {
      if (e || self->finished_ || self->frozen_) return;
      const auto& body = self->server_->options.ping_body;
      self->ws_.async_ping(websocket::ping_data{body.data(), body.size()}, [self](const Error& failed) {
        if (!failed) self->ping();
      });
    });
  }

  void finish() {
    if (finished_) return;
    finished_ = true;
    timer_.cancel();
    server_->connections.erase(id_);
    if (!server_->stopped) server_->handlers.on_close(id_);
  }

  std::shared_ptr<Server::Impl> server_;
  ConnectionId id_;
  websocket::stream<Stream> ws_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  bool open_{false}, writing_{false}, slow_{false}, frozen_{false}, finished_{false};
};

// One connection while it speaks HTTP.
template <class Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(std::shared_ptr<Server::Impl> server, Stream&& stream)
      : server_{std::move(server)}, stream_{std::move(stream)}, timer_{server_->loop.impl().context} {}

  void run() {
    if constexpr (requires { stream_.next_layer(); }) {
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](const Error& e) {
        if (!e) self->read();
      });
    } else {
      read();
    }
  }

 private:
  void read() {
    parser_.emplace();
    parser_->body_limit(kBodyMax);
    beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds{120});
    http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](const Error& e, std::size_t) {
      if (!e) self->on_request();
    });
  }

  void on_request() {
    const auto& message = parser_->get();
    const Request request = plain(message);
    if (websocket::is_upgrade(message)) {
      const ConnectionId id = ++server_->last_id;
      if (const auto refused = server_->handlers.on_upgrade(id, request)) return answer({*refused, false, {}});
      beast::get_lowest_layer(stream_).expires_never();
      const auto upgrade = parser_->release();
      auto socket = std::make_shared<Socket<Stream>>(server_, id, std::move(stream_));
      server_->connections[id] = socket;
      socket->accept(upgrade);
      return;
    }
    Reply reply = server_->handlers.on_request(request);
    if (reply.drop) {
      Error ignored;
      beast::get_lowest_layer(stream_).socket().close(ignored);
      return;
    }
    if (reply.delay.ns <= 0) return answer(std::move(reply));
    timer_.expires_after(std::chrono::nanoseconds{reply.delay.ns});
    timer_.async_wait([self = this->shared_from_this(), late = std::move(reply)](const Error& e) mutable {
      if (!e) self->answer(std::move(late));
    });
  }

  void answer(Reply reply) {
    const auto& request = parser_->get();
    auto message = std::make_shared<http::response<http::string_body>>(static_cast<http::status>(reply.response.status),
                                                                       request.version());
    message->set(http::field::server, server_->options.name);
    for (const auto& [key, value] : reply.response.headers) message->set(key, value);
    if (!reply.response.body.empty()) message->set(http::field::content_type, reply.response.content_type);
    message->keep_alive(request.keep_alive());
    message->body() = std::move(reply.response.body);
    if (reply.response.status != 204) message->prepare_payload();
    if (!reply.date.empty()) message->set(http::field::date, reply.date);
    http::async_write(stream_, *message, [self = this->shared_from_this(), message](const Error& e, std::size_t) {
      if (e || !message->keep_alive()) return;
      self->read();
    });
  }

  std::shared_ptr<Server::Impl> server_;
  Stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
};

}  // namespace

void Server::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](const Error& e, tcp::socket socket) {
    if (self->stopped) return;
    if (!e) {
      Error ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      if (self->tls) {
        using Tls = beast::ssl_stream<beast::tcp_stream>;
        std::make_shared<Session<Tls>>(self, Tls{beast::tcp_stream{std::move(socket)}, *self->tls})->run();
      } else {
        std::make_shared<Session<beast::tcp_stream>>(self, beast::tcp_stream{std::move(socket)})->run();
      }
    }
    self->accept();
  });
}

Server::Server(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

Server::~Server() {
  impl_->stopped = true;
  Error ignored;
  impl_->acceptor.close(ignored);
  const auto open = impl_->connections;
  for (const auto& [id, connection] : open) connection->cut();
}

Result<std::unique_ptr<Server>> Server::start(Loop& loop, ServerOptions options, ServerHandlers handlers) {
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(handlers));
  Error e;
  const tcp::endpoint at{asio::ip::address_v4::loopback(), impl->options.port};
  impl->acceptor.open(at.protocol(), e);
  if (!e) impl->acceptor.set_option(asio::socket_base::reuse_address{true}, e);
  if (!e) impl->acceptor.bind(at, e);
  if (!e) impl->acceptor.listen(asio::socket_base::max_listen_connections, e);
  if (e) return fail(fmt::format("cannot listen on 127.0.0.1:{}: {}", impl->options.port, e.message()));
  if (impl->options.tls) {
    auto& tls = impl->tls.emplace(asio::ssl::context::tls_server);
    tls.use_certificate_chain(asio::buffer(impl->options.tls->certificate_pem), e);
    if (!e) tls.use_private_key(asio::buffer(impl->options.tls->key_pem), asio::ssl::context::pem, e);
    if (e) return fail("cannot use the TLS certificate: " + e.message());
  }
  impl->accept();
  return std::unique_ptr<Server>{new Server{std::move(impl)}};
}

std::uint16_t Server::port() const {
  return impl_->acceptor.local_endpoint().port();
}

void Server::send(ConnectionId to, std::string text) {
  const auto found = impl_->connections.find(to);
  if (found != impl_->connections.end()) found->second->send(std::move(text));
}
void Server::close(ConnectionId connection) {
  const auto found = impl_->connections.find(connection);
  if (found != impl_->connections.end()) std::shared_ptr {
      found->second
    } -> close();
}
void Server::cut(ConnectionId connection) {
  const auto found = impl_->connections.find(connection);
  if (found != impl_->connections.end()) std::shared_ptr {
      found->second
    } -> cut();
}
void Server::freeze(ConnectionId connection) {
  const auto found = impl_->connections.find(connection);
  if (found != impl_->connections.end()) found->second->freeze();
}

}  // namespace voltage::venue::net
