#include <csignal>
#include <cstdlib>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "venue/net/loop_impl.hpp"

namespace voltage::venue::net {
namespace {

namespace asio = boost::asio;

struct Repeating : std::enable_shared_from_this<Repeating> {
  Repeating(asio::io_context& context, Duration period, std::function<void()> call)
      : timer{context}, every{period.ns}, f{std::move(call)} {}

  void start() {
    next = std::chrono::steady_clock::now();
    arm();
  }
  void arm() {
    next += every;
    const auto now = std::chrono::steady_clock::now();
    if (next < now) next = now;  // a slow call delays the next, it does not pile them up
    timer.expires_at(next);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& e) {
      if (e) return;
      self->f();
      self->arm();
    });
  }

  asio::steady_timer timer;
  std::chrono::nanoseconds every;
  std::chrono::steady_clock::time_point next;
  std::function<void()> f;
};

}  // namespace

Loop::Loop() : impl_{std::make_unique<Impl>()} {}
Loop::~Loop() = default;

void Loop::run() {
  const auto guard = asio::make_work_guard(impl_->context);
  impl_->context.restart();
  impl_->context.run();
}

void Loop::stop() {
  impl_->context.stop();
}

void Loop::post(std::function<void()> f) {
  asio::post(impl_->context, std::move(f));
}

void Loop::after(Duration d, std::function<void()> f) {
  auto timer = std::make_shared<asio::steady_timer>(impl_->context, std::chrono::nanoseconds{d.ns});
  timer->async_wait([timer, call = std::move(f)](const boost::system::error_code& e) {
    if (!e) call();
  });
}

void Loop::every(Duration d, std::function<void()> f) {
  std::make_shared<Repeating>(impl_->context, d, std::move(f))->start();
}

void Loop::on_signal(std::function<void()> f) {
  auto signals = std::make_shared<asio::signal_set>(impl_->context, SIGINT, SIGTERM);
  // A terminal that closes; nohup means that it is to be outlived.
  struct sigaction hangup{};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) signals->add(SIGHUP);
  signals->async_wait([signals, call = std::move(f)](const boost::system::error_code& e, int) {
    if (e) return;
    boost::system::error_code ignored;
    signals->clear(ignored);
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGHUP, SIG_IGN);  // a terminal that closes says so more than once
    call();
  });
}

}  // namespace voltage::venue::net
