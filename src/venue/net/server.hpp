#pragma once
// An HTTP/1.1 and WebSocket server on loopback, plain or TLS: requests and text frames come to callbacks on
// the loop's thread. A connection whose outbound queue passes its bound is told once and goes on.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "venue/net/http.hpp"
#include "venue/net/loop.hpp"
#include "venue/net/tls.hpp"

namespace voltage::venue::net {

using ConnectionId = std::uint64_t;

// How an answer leaves. `drop`: the connection is cut instead of answered.
struct Reply {
  Response response;
  bool drop{false};
  Duration delay{};
  std::string date{};  // its Date; empty: none is sent
};

struct ServerHandlers {
  std::function<Reply(const Request&)> on_request;
  // Empty: accepted, and the connection is a WebSocket from here on. Else the answer that refuses it.
  std::function<std::optional<Response>(ConnectionId, const Request&)> on_upgrade;
  std::function<void(ConnectionId, std::string_view)> on_text;
  std::function<void(ConnectionId)> on_slow;
  std::function<void(ConnectionId)> on_close;
};

struct ServerOptions {
  std::uint16_t port{0};  // 0: any free one
  std::string name{"voltage-virtual"};
  std::optional<Certificate> tls;
  Duration ping_every{};  // 0: never
  std::string ping_body;
  std::size_t queue_max{50'000};  // frames
};

class Server {
 public:
  static Result<std::unique_ptr<Server>> start(Loop& loop, ServerOptions options, ServerHandlers handlers);
  ~Server();

  std::uint16_t port() const;
  void send(ConnectionId to, std::string text);
  void close(ConnectionId connection);  // with a close frame
  void cut(ConnectionId connection);    // without a word
  // Stops reading from and writing to the connection, and leaves it open: a half-open socket.
  void freeze(ConnectionId connection);

  struct Impl;

 private:
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace voltage::venue::net
