#include "guard/processes.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "io/json_writer.hpp"
#include "venue/net/client.hpp"

namespace voltage::testing {

using namespace literals;

Child::Child(const std::vector<std::string>& argv) {
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return;
  std::vector<char*> raw;
  for (const auto& a : argv) raw.push_back(const_cast<char*>(a.c_str()));
  raw.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(out[1], 1);
    ::execv(raw[0], raw.data());
    std::_Exit(127);
  }
  ::close(out[1]);
  out_ = out[0];
}
Child::~Child() {
  kill_and_wait();
  if (out_ >= 0) ::close(out_);
}
std::string Child::line() {
  std::string text;
  char c = 0;
  while (::read(out_, &c, 1) == 1 && c != '\n') text += c;
  return text;
}
void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}
int Child::wait() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, 0) != pid_) return -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
void Child::kill_and_wait() {
  signal(SIGKILL);
  wait();
}

struct Wire::Shared {
  std::mutex mutex;
  std::set<int> sockets;
  bool cut{false};
  int listener{-1};

  bool add(int fd) {
    const std::lock_guard lock{mutex};
    if (cut) return false;
    sockets.insert(fd);
    return true;
  }
  static void pump(const std::shared_ptr<Shared>& shared, int from, int to) {
    char bytes[16'384];
    for (;;) {
      const ssize_t n = ::recv(from, bytes, sizeof bytes, 0);
      if (n <= 0 || ::send(to, bytes, static_cast<std::size_t>(n), MSG_NOSIGNAL) != n) break;
    }
    ::shutdown(from, SHUT_RDWR);
    ::shutdown(to, SHUT_RDWR);
    static_cast<void>(shared);
  }
};

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<std::uint16_t>(port));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

}  // namespace

Wire::Wire(int to_port) : shared_{std::make_shared<Shared>()} {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener, 16), 0);
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  shared_->listener = listener;
  std::thread{[shared = shared_, listener, to_port] {
    for (;;) {
      const int near = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (near < 0) return;
      const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in to = loopback(to_port);
      if (::connect(far, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 || !shared->add(near) || !shared->add(far)) {
        ::close(near);
        ::close(far);
        continue;
      }
      std::thread{[shared, near, far] { Shared::pump(shared, near, far); }}.detach();
      std::thread{[shared, near, far] { Shared::pump(shared, far, near); }}.detach();
    }
  }}.detach();
}
void Wire::cut() {
  const std::lock_guard lock{shared_->mutex};
  if (shared_->cut) return;
  shared_->cut = true;
  ::shutdown(shared_->listener, SHUT_RDWR);
  for (const int fd : shared_->sockets) ::shutdown(fd, SHUT_RDWR);
}
Wire::~Wire() {
  cut();
}

TestVenue::TestVenue(const std::string& options) {
  std::vector<std::string> argv{VOLTAGE_BINARY, "venue",   "--history",    "10m",
                                "--tier",       "premier", "--key-folder", folder_.path()};
  for (std::size_t from = 0; from < options.size();) {
    const auto space = std::min(options.find(' ', from), options.size());
    argv.push_back(options.substr(from, space - from));
    from = space + 1;
  }
  child_ = std::make_unique<Child>(argv);
  line_ = child_->line();
  file_ = folder_.write("venue.json", line_);
  const auto read = venue::read_endpoints(file_, endpoints_);
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
}
int TestVenue::port() const {
  const auto url = venue::net::Url::parse(endpoints_.kalshi_rest);
  return std::atoi(url->port.c_str());
}
std::string TestVenue::file_through(const Wire& wire) const {
  std::string line = line_;
  const std::string from = ":" + std::to_string(port()) + "/", to = ":" + std::to_string(wire.port()) + "/";
  for (auto at = line.find(from); at != std::string::npos; at = line.find(from, at + to.size()))
    line.replace(at, from.size(), to);
  return folder_.write("venue-" + std::to_string(wire.port()) + ".json", line);
}

Eyes::Eyes(const TestVenue& venue) {
  auto rest = venue::kalshi::SignedRest::make(loop_, venue.endpoints());
  EXPECT_TRUE(rest) << (rest ? "" : rest.error().message);
  rest_ = std::move(*rest);
  sweeper_ = std::make_unique<venue::kalshi::Sweeper>(*rest_, venue::kalshi::Ownership{});
}
// A list that could not be had says nothing of the orders: it is asked for again.
venue::kalshi::SweepResult Eyes::orders() {
  venue::kalshi::SweepResult out;
  for (int tries = 0; tries < 8 && !out.listed; ++tries) {
    loop_.post([&] {
      sweeper_->list([&](const venue::kalshi::SweepResult& r) {
        out = r;
        loop_.stop();
      });
    });
    loop_.run();
  }
  return out;
}
venue::net::Outcome Eyes::ask(const std::string& method, const std::string& target, const std::string& body) {
  venue::net::Outcome out;
  loop_.post([&] {
    rest_->send(method, target, body, 10_s, [&](const venue::net::Outcome& o) {
      out = o;
      loop_.stop();
    });
  });
  loop_.run();
  return out;
}
std::string Eyes::ticker() {
  const auto o = ask("GET", "/markets?series_ticker=KXBTCD&status=open&limit=1000");
  venue::JsonDocument document;
  venue::kalshi::Counts counts;
  const auto root = document.parse(o.response.body);
  const auto object = venue::kalshi::decode_rest(*root, counts);
  const auto& markets = std::get<venue::kalshi::Markets>(*object).markets;
  const auto furthest =
      std::max_element(markets.begin(), markets.end(), [](const auto& a, const auto& b) { return a.close < b.close; });
  return furthest->ticker;
}
bool Eyes::place_foreign(const std::string& client_id, int exchange_index, const std::string& ticker) {
  io::JsonWriter w;
  w.begin_object().string("ticker", ticker).string("client_order_id", client_id).string("side", "bid");
  w.qty("count", Qty{100}).price("price", Price{100}).string("time_in_force", "good_till_canceled");
  w.string("self_trade_prevention_type", "taker_at_cross").integer("exchange_index", exchange_index).end_object();
  return ask("POST", "/portfolio/events/orders", w.take()).response.status == 201;
}

}  // namespace voltage::testing
