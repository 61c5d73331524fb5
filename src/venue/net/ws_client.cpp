#include <deque>
#include <utility>

#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "venue/net/client_impl.hpp"

namespace voltage::venue::net {
namespace {

using namespace detail;
namespace websocket = boost::beast::websocket;

constexpr std::size_t kMessageMax = 16 << 20;

}  // namespace

struct WsClient::Impl {
  virtual ~Impl() = default;
  virtual void send(std::string text) = 0;
  virtual void stop() = 0;
};

namespace {

template <class Stream>
class SocketOver : public WsClient::Impl, public std::enable_shared_from_this<SocketOver<Stream>> {
 public:
  template <class... Args>
  SocketOver(asio::io_context& context, Url url, std::map<std::string, std::string> headers, WsHandlers handlers,
             std::shared_ptr<asio::ssl::context> tls, Args&&... args)
      : tls_{std::move(tls)},
        url_{std::move(url)},
        headers_{std::move(headers)},
        handlers_{std::move(handlers)},
        ws_{std::forward<Args>(args)...},
        resolver_{context} {}

  void start() {
    auto self = this->shared_from_this();
    open_stream(ws_.next_layer(), resolver_, url_, [self](const NetError& e, const char* stage) {
      if (e) return self->end(std::string{stage} + ": " + e.message(), 0);
      self->upgrade();
    });
  }
  void send(std::string text) override {
    queue_.push_back(std::move(text));
    if (open_ && !writing_) write();
  }
  void stop() override {
    stopped_ = true;
    NetError ignored;
    resolver_.cancel();
    beast::get_lowest_layer(ws_).socket().close(ignored);
  }

 private:
  void upgrade() {
    // Our own watchdogs decide what is dead; a second set of timeouts would only hide it.
    ws_.set_option(websocket::stream_base::timeout{std::chrono::seconds{10}, websocket::stream_base::none(), false});
    ws_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      for (const auto& [key, value] : headers_) request.set(key, value);
    }));
    ws_.read_message_max(kMessageMax);
    ws_.control_callback([this](websocket::frame_type, beast::string_view) {
      if (!stopped_ && handlers_.on_ping) handlers_.on_ping();
    });
    const std::string host = url_.host + ":" + url_.port;
    ws_.async_handshake(response_, host, url_.path.empty() ? "/" : url_.path,
                        [self = this->shared_from_this()](const NetError& e) {
                          if (e)
                            return self->end("upgrade: " + e.message(), static_cast<int>(self->response_.result_int()));
                          self->open_ = true;
                          if (!self->stopped_) self->handlers_.on_open();
                          self->read();
                          if (!self->writing_) self->write();
                        });
  }
  void read() {
    ws_.async_read(buffer_, [self = this->shared_from_this()](const NetError& e, std::size_t) {
      if (e) return self->end("read: " + e.message(), 0);
      if (self->stopped_) return;
      const auto data = self->buffer_.cdata();
      self->handlers_.on_text({static_cast<const char*>(data.data()), data.size()});
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }
  void write() {
    if (queue_.empty()) return;
    writing_ = true;
    ws_.text(true);
    ws_.async_write(asio::buffer(queue_.front()), [self = this->shared_from_this()](const NetError& e, std::size_t) {
      self->writing_ = false;
      if (e) return self->end("write: " + e.message(), 0);
      self->queue_.pop_front();
      self->write();
    });
  }
  void end(const std::string& why, int status) {
    if (std::exchange(ended_, true) || stopped_) return;
    handlers_.on_close(why, status);
  }

  std::shared_ptr<asio::ssl::context> tls_;
  Url url_;
  std::map<std::string, std::string> headers_;
  WsHandlers handlers_;
  websocket::stream<Stream> ws_;
  tcp::resolver resolver_;
  websocket::response_type response_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  bool open_{false}, writing_{false}, stopped_{false}, ended_{false};
};

}  // namespace

WsClient::WsClient(Loop& loop, const Url& url, const std::map<std::string, std::string>& headers, WsHandlers handlers,
                   std::string ca_file) {
  auto& context = loop.impl().context;
  if (!url.tls) {
    auto socket =
        std::make_shared<SocketOver<PlainStream>>(context, url, headers, std::move(handlers), nullptr, context);
    impl_ = socket;
    socket->start();
    return;
  }
  std::string why;
  auto tls = tls_context(ca_file, why);
  if (!why.empty()) {
    loop.post([close = handlers.on_close, why] { close(why, 0); });
    return;
  }
  auto socket = std::make_shared<SocketOver<TlsStream>>(context, url, headers, std::move(handlers), tls, context, *tls);
  impl_ = socket;
  socket->start();
}

WsClient::~WsClient() {
  if (impl_) impl_->stop();
}

void WsClient::send(std::string text) {
  if (impl_) impl_->send(std::move(text));
}

}  // namespace voltage::venue::net
