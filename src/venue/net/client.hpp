#pragma once
// HTTP and WebSocket clients on a loop, plain or TLS. TLS verifies the certificate and the host name, always;
// `ca_file` adds a trust anchor and switches nothing off. Callbacks come on the loop's thread.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "venue/net/http.hpp"
#include "venue/net/loop.hpp"

namespace voltage::venue::net {

struct Url {
  bool tls{};
  std::string host;
  std::string port;
  std::string path;  // with the leading slash; no trailing one
  // http, https, ws or wss; anything else is refused with what is wrong.
  static Result<Url> parse(std::string_view text);
};

// What became of a request. Only `answered` and `not_sent` are facts about the server; `unknown` is none:
// the bytes, or part of them, had left.
enum class Delivery : std::uint8_t { answered, not_sent, unknown };
struct Outcome {
  Delivery delivery{};
  Response response;   // answered only
  std::string why;     // else
  std::string date{};  // answered only: the server's clock, as it said it
};

class HttpClient {
 public:
  HttpClient(Loop& loop, Url base, std::string ca_file = {});
  ~HttpClient();

  // `request.target` is appended to the base's path. One request at a time is on the wire; others wait.
  void send(Request request, Duration timeout, std::function<void(Outcome)> done);
  const Url& base() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

struct WsHandlers {
  std::function<void()> on_open;
  std::function<void(std::string_view)> on_text;
  std::function<void()> on_ping;  // a ping or pong: the transport lives
  // Once, also when the connection never came to be. `http_status`: of a refused upgrade, else 0.
  std::function<void(const std::string& why, int http_status)> on_close;
};

class WsClient {
 public:
  // Connects at once. No handler is called after the destructor.
  WsClient(Loop& loop, const Url& url, const std::map<std::string, std::string>& headers, WsHandlers handlers,
           std::string ca_file = {});
  ~WsClient();
  void send(std::string text);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace voltage::venue::net
