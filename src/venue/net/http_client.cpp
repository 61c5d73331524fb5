#include <sys/socket.h>

#include <cerrno>
#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http.hpp>

#include "venue/net/client_impl.hpp"

namespace voltage::venue::net {
namespace {

using namespace detail;
namespace http = boost::beast::http;

constexpr std::uint64_t kBodyMax = 64 << 20;

struct Waiting {
  Request request;
  Duration timeout;
  std::function<void(Outcome)> done;
};

// One connection, kept alive between requests.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(const Request& request, const Url& base, std::function<void(Outcome, bool keep)> done) = 0;
  virtual void cut() = 0;
  // Nothing came since the last answer. What comes then is the other side's goodbye: a request written after it would
  // be lost, and nobody could say whether it was heard.
  virtual bool fit() = 0;
};

template <class Stream>
class WireOver : public Wire, public std::enable_shared_from_this<WireOver<Stream>> {
 public:
  template <class... Args>
  explicit WireOver(asio::io_context& context, std::shared_ptr<asio::ssl::context> tls, Args&&... args)
      : tls_{std::move(tls)}, stream_{std::forward<Args>(args)...}, resolver_{context} {}

  void send(const Request& request, const Url& base, std::function<void(Outcome, bool)> done) override {
    done_ = std::move(done);
    message_ = {};
    message_.version(11);
    message_.method_string(request.method);
    message_.target(base.path + request.target);
    message_.set(http::field::host, base.host + ":" + base.port);
    message_.set(http::field::user_agent, "voltage");
    for (const auto& [key, value] : request.headers) message_.set(key, value);
    if (!request.body.empty()) message_.set(http::field::content_type, "application/json");
    message_.body() = request.body;
    message_.prepare_payload();
    message_.keep_alive(true);
    if (open_) return write();
    auto self = this->shared_from_this();
    open_stream(stream_, resolver_, base, [self](const NetError& e, const char* stage) {
      if (e) return self->end({Delivery::not_sent, {}, std::string{stage} + ": " + e.message()}, false);
      self->open_ = true;
      self->write();
    });
  }
  void cut() override {
    NetError ignored;
    resolver_.cancel();
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

  bool fit() override {
    char first = 0;
    const auto there =
        ::recv(beast::get_lowest_layer(stream_).socket().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    return there < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && buffer_.size() == 0;
  }

 private:
  void write() {
    http::async_write(stream_, message_, [self = this->shared_from_this()](const NetError& e, std::size_t) {
      // Even a failed write may have carried the whole request.
      if (e) return self->end({Delivery::unknown, {}, "write: " + e.message()}, false);
      self->read();
    });
  }
  void read() {
    parser_.emplace();
    parser_->body_limit(kBodyMax);
    http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](const NetError& e, std::size_t) {
      if (e) return self->end({Delivery::unknown, {}, "read: " + e.message()}, false);
      auto& answer = self->parser_->get();
      Outcome out{Delivery::answered, {static_cast<int>(answer.result_int()), std::move(answer.body()), ""}, ""};
      if (const auto date = answer.find(http::field::date); date != answer.end()) out.date = std::string{date->value()};
      self->end(std::move(out), answer.keep_alive());
    });
  }
  void end(Outcome outcome, bool keep) {
    if (done_) std::exchange(done_, nullptr)(std::move(outcome), keep);
  }

  std::shared_ptr<asio::ssl::context> tls_;
  Stream stream_;
  tcp::resolver resolver_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> message_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::function<void(Outcome, bool)> done_;
  bool open_{false};
};

}  // namespace

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
  Impl(Loop& l, Url b, std::string ca) : loop{l}, base{std::move(b)}, ca_file{std::move(ca)}, timer{l.impl().context} {}

  void next() {
    if (busy || queue.empty()) return;
    busy = true;
    auto& context = loop.impl().context;
    if (wire && !wire->fit()) {
      wire->cut();
      wire.reset();
    }
    if (!wire && base.tls) {
      std::string why;
      auto tls = tls_context(ca_file, why);
      if (!why.empty()) return finish({Delivery::not_sent, {}, why}, false);
      wire = std::make_shared<WireOver<TlsStream>>(context, tls, context, *tls);
    } else if (!wire) {
      wire = std::make_shared<WireOver<PlainStream>>(context, nullptr, context);
    }
    timer.expires_after(std::chrono::nanoseconds{queue.front().timeout.ns});
    timer.async_wait([self = shared_from_this(), mine = ++generation](const NetError& e) {
      if (e || mine != self->generation || !self->busy) return;
      self->finish({Delivery::unknown, {}, "no answer in time"}, false);
    });
    const auto mine = generation;
    wire->send(queue.front().request, base, [self = shared_from_this(), mine](Outcome outcome, bool keep) {
      if (mine == self->generation && self->busy) self->finish(std::move(outcome), keep);
    });
  }

  void finish(Outcome outcome, bool keep) {
    ++generation;
    timer.cancel();
    if (!keep && wire) {
      wire->cut();
      wire.reset();
    }
    Waiting done = std::move(queue.front());
    queue.pop_front();
    busy = false;
    if (!stopped) done.done(std::move(outcome));
    next();
  }

  Loop& loop;
  Url base;
  std::string ca_file;
  asio::steady_timer timer;
  std::deque<Waiting> queue;
  std::shared_ptr<Wire> wire;
  std::uint64_t generation{0};
  bool busy{false}, stopped{false};
};

HttpClient::HttpClient(Loop& loop, Url base, std::string ca_file)
    : impl_{std::make_shared<Impl>(loop, std::move(base), std::move(ca_file))} {}

HttpClient::~HttpClient() {
  impl_->stopped = true;
  impl_->queue.clear();
  impl_->busy = false;
  ++impl_->generation;
  impl_->timer.cancel();
  if (impl_->wire) impl_->wire->cut();
}

const Url& HttpClient::base() const {
  return impl_->base;
}

void HttpClient::send(Request request, Duration timeout, std::function<void(Outcome)> done) {
  impl_->queue.push_back({std::move(request), timeout, std::move(done)});
  impl_->next();
}

}  // namespace voltage::venue::net
