#pragma once
// What the two clients share inside: a TLS context that verifies, and the way to an open stream. Nobody
// outside src/venue/net includes this.
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>

#include "venue/net/client.hpp"
#include "venue/net/loop_impl.hpp"

namespace voltage::venue::net::detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using NetError = boost::system::error_code;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

inline std::shared_ptr<asio::ssl::context> tls_context(const std::string& ca_file, std::string& why) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  NetError e;
  context->set_default_verify_paths(e);
  context->set_verify_mode(asio::ssl::verify_peer, e);
  if (!ca_file.empty() && context->load_verify_file(ca_file, e)) why = ca_file + ": " + e.message();
  return context;
}

// Resolves, connects, shakes hands; then calls done(error, stage).
template <class Stream>
void open_stream(Stream& stream, tcp::resolver& resolver, const Url& url,
                 std::function<void(const NetError&, const char*)> done) {
  resolver.async_resolve(url.host, url.port, [&stream, url, done](const NetError& e, tcp::resolver::results_type to) {
    if (e) return done(e, "resolve");
    beast::get_lowest_layer(stream).async_connect(
        to, [&stream, url, done](const NetError& failed, const tcp::endpoint&) {
          if (failed) return done(failed, "connect");
          NetError ignored;
          beast::get_lowest_layer(stream).socket().set_option(tcp::no_delay{true}, ignored);
          if constexpr (std::is_same_v<Stream, TlsStream>) {
            SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
            stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
            stream.async_handshake(asio::ssl::stream_base::client,
                                   [done](const NetError& bad) { done(bad, "TLS handshake"); });
          } else {
            done({}, "");
          }
        });
  });
}

}  // namespace voltage::venue::net::detail
