// The feeds over real sockets against the virtual venues, plain and TLS.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"
#include "venue/kalshi/credential.hpp"
#include "venue/live_feeds.hpp"
#include "venue/net/client.hpp"
#include "venue/virtual/venue_server.hpp"

namespace voltage::venue {
namespace {

using namespace literals;

struct Loopback {
  explicit Loopback(bool tls, const std::string& faults = {}) {
    virtual_kalshi::VenueOptions options;
    options.world.start = wall_now();
    options.world.history = 40_min;
    options.world.ladder = {6, 100};
    options.tls = tls;
    options.key_folder = folder.path();
    auto script = virtual_kalshi::FaultScript::parse(faults);
    EXPECT_TRUE(script);
    options.faults = std::move(*script);
    auto started = virtual_kalshi::VenueServer::start(loop, options);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    server = std::move(*started);
    const auto& a = server->address();
    endpoints = {a.kalshi_rest, a.kalshi_ws,    a.kalshi_key_id, a.kalshi_key_file,
                 a.kraken_rest, a.kraken_ws_v1, a.kraken_ws_v2,  a.tls_ca_file};
  }
  // Runs the feeds until `enough` says so, or the time has passed.
  bool run(const std::function<bool()>& enough, Duration at_most = 60_s) {
    auto feeds =
        LiveFeeds::make(loop, endpoints, {{"KXBTC15M", "KXBTCD"}, false, {}}, [this](Time, const event::Payload& e) {
          ++seen[e.index()];
          if (on_event) on_event(e);
        });
    EXPECT_TRUE(feeds) << (feeds ? "" : feeds.error().message);
    (*feeds)->start();
    bool met = false;
    loop.every(20_ms, [&] {
      counts = (*feeds)->counts();
      if (enough()) met = true, loop.stop();
    });
    loop.after(at_most, [&] { loop.stop(); });
    loop.run();
    return met;
  }

  voltage::testing::TempFolder folder;
  net::Loop loop;
  std::unique_ptr<virtual_kalshi::VenueServer> server;
  Endpoints endpoints;
  LiveFeeds::Counts counts;
  std::map<std::size_t, int> seen;
  std::function<void(const event::Payload&)> on_event;
};

TEST(Loopback, books_come_over_plain_sockets) {
  Loopback l{false};
  EXPECT_TRUE(l.run([&] { return l.counts.books >= 5; }));
  EXPECT_EQ(l.counts.undecodable, 0);
}

TEST(Loopback, books_come_over_tls_and_only_from_whom_we_trust) {
  Loopback trusted{true};
  EXPECT_TRUE(trusted.run([&] { return trusted.counts.books >= 5; }));
  Loopback untrusted{true};
  untrusted.endpoints.ca_file.clear();
  EXPECT_FALSE(
      untrusted.run([&] { return untrusted.counts.books > 0 || untrusted.counts.connections_kalshi > 4; }, 10_s) &&
      untrusted.counts.books > 0);
  EXPECT_EQ(untrusted.counts.books, 0U);
}

TEST(Loopback, a_socket_that_is_cut_comes_back_with_its_books) {
  Loopback l{false, "cut of=orderbook_delta after=20 every=60 times=2"};
  EXPECT_TRUE(l.run([&] { return l.counts.connections_kalshi >= 3 && l.counts.books >= 5; }));
}

// From the loss of the books to the last of them back, over a real socket. The fastest of several cuts: what else
// runs on the machine must not decide.
TEST(Loopback, a_reconnection_has_valid_books_within_a_quarter_of_a_second) {
  Loopback l{false, "cut of=orderbook_delta after=60 every=150 times=6"};
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> lost;
  std::size_t before = 0, now = 0;
  std::vector<double> ms;
  l.on_event = [&](const event::Payload& e) {
    if (std::holds_alternative<event::BookSnapshot>(e)) ++now;
    if (std::holds_alternative<event::BookLost>(e)) {
      if (!lost) lost = Clock::now(), before = now;
      --now;
    }
    if (!lost || now < before || before == 0) return;
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - *lost).count());
    lost.reset();
  };
  EXPECT_TRUE(l.run([&] { return ms.size() >= 5; }, 40_s)) << ms.size();
  ASSERT_FALSE(ms.empty());
  std::sort(ms.begin(), ms.end());
  std::printf("reconnections: fastest %.0f ms, median %.0f ms of %zu\n", ms.front(), ms[ms.size() / 2], ms.size());
  EXPECT_LT(ms.front(), 250);
}

TEST(Loopback, a_half_open_socket_is_found_within_ten_seconds) {
  Loopback l{false, "silence of=orderbook_delta after=100 times=1"};
  using Clock = std::chrono::steady_clock;
  Clock::time_point heard;
  std::optional<double> seconds;
  l.on_event = [&](const event::Payload& e) {
    if (std::holds_alternative<event::IndexSeen>(e) || std::holds_alternative<event::BookDelta>(e))
      heard = Clock::now();
    const auto* health = std::get_if<event::StreamHealth>(&e);
    if (health == nullptr || health->stream != event::Stream::kalshi_market || seconds) return;
    if (health->health == event::Health::down && heard.time_since_epoch().count() != 0)
      seconds = std::chrono::duration<double>(Clock::now() - heard).count();
  };
  EXPECT_TRUE(l.run([&] { return seconds && l.counts.connections_kalshi >= 2 && l.counts.books >= 5; }, 40_s));
  ASSERT_TRUE(seconds);
  EXPECT_GT(*seconds, 5);  // it was the silence that was found
  EXPECT_LT(*seconds, 10);
}

// A server that answers once on each connection and then closes it without a word, as a balancer does with an idle one.
class ClosesAfterEach {
 public:
  ClosesAfterEach() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread{[this] {
      for (int fd = 0; (fd = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(fd)) {
        std::string heard;
        char c = 0;
        while (heard.find("\r\n\r\n") == std::string::npos && ::read(fd, &c, 1) == 1) heard += c;
        constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        if (heard.empty()) continue;
        ++answered;  // before the client can know of it
        if (::write(fd, kAnswer.data(), kAnswer.size()) < 0) --answered;
      }
    }};
  }
  ~ClosesAfterEach() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  int port{0};
  std::atomic<int> answered{0};

 private:
  int listener_{-1};
  std::thread thread_;
};

// Else each order after a quiet minute would be one of unknown outcome, and its contract frozen.
TEST(HttpClient, a_connection_that_was_closed_while_idle_loses_no_request) {
  ClosesAfterEach server;
  net::Loop loop;
  net::HttpClient client{loop, *net::Url::parse("http://127.0.0.1:" + std::to_string(server.port))};
  std::vector<net::Delivery> said;
  std::function<void()> ask = [&] {
    client.send({"POST", "/orders", "{}", {}}, 5_s, [&](const net::Outcome& o) {
      said.push_back(o.delivery);
      if (said.size() == 3) return loop.stop();
      loop.after(100_ms, ask);
    });
  };
  ask();
  loop.after(20_s, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(said, std::vector<net::Delivery>(3, net::Delivery::answered));
  EXPECT_EQ(server.answered, 3) << "none was sent twice";
}

TEST(Url, what_is_not_encrypted_never_leaves_the_machine) {
  net::Loop loop;
  Endpoints e;
  e.kalshi_key_id = "id";
  e.kalshi_key_file = "/nowhere";
  const auto refused = [&] {
    const auto made = LiveFeeds::make(loop, e, {}, [](Time, const event::Payload&) {});
    return made ? std::string{} : made.error().message;
  };
  EXPECT_NE(refused().find("/nowhere"), std::string::npos) << "encrypted: the key is what is missing";
  for (const char* plain : {"http://external-api.kalshi.com/trade-api/v2", "http://127.0.0.1.example.com/v2"}) {
    e.kalshi_rest = plain;
    EXPECT_NE(refused().find("is not encrypted"), std::string::npos) << refused();
    EXPECT_FALSE(kalshi::Credential::of(e));
  }
  e.kalshi_rest = "http://127.0.0.1:1/trade-api/v2";
  EXPECT_NE(refused().find("/nowhere"), std::string::npos);
  e.kalshi_ws = "ws://external-api-ws.kalshi.com/trade-api/ws/v2";
  EXPECT_NE(refused().find("is not encrypted"), std::string::npos);
}

TEST(FaultScript, names_the_line_that_it_can_not_read) {
  const auto bad = virtual_kalshi::FaultScript::parse("drop every=3\n\nexplode");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "fault script line 3: 'explode' is no kind of fault");
  EXPECT_FALSE(virtual_kalshi::FaultScript::parse("drop every=0"));
  EXPECT_FALSE(virtual_kalshi::FaultScript::parse("rename"));
}

TEST(FaultScript, hits_what_it_says_when_it_says) {
  auto script = virtual_kalshi::FaultScript::parse("cut_after of=POST after=1 every=2 times=2  # comment");
  ASSERT_TRUE(script);
  std::string hits;
  for (int i = 0; i < 10; ++i) hits += script->on_request("POST /x") ? '1' : '0';
  EXPECT_EQ(hits, "0010100000");
  EXPECT_FALSE(script->on_request("GET /x"));
  EXPECT_FALSE(script->on_frame("POST"));
}

TEST(Url, is_read_or_refused_by_name) {
  const auto url = net::Url::parse("wss://ws.kraken.com/v2");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "ws.kraken.com");
  EXPECT_EQ(url->port, "443");
  EXPECT_EQ(url->path, "/v2");
  for (const char* bad : {"", "kraken.com", "ftp://x", "http://", "http://x:y/", "http://:80"})
    EXPECT_FALSE(net::Url::parse(bad)) << bad;
}

}  // namespace
}  // namespace voltage::venue
