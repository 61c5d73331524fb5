// The feeds over real sockets against the virtual venues, plain and TLS.
#include <chrono>
#include <map>

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"
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
  // Runs the feeds until `enough` says so, or ten seconds have passed.
  bool run(const std::function<bool()>& enough) {
    auto feeds = LiveFeeds::make(loop, endpoints, {{"KXBTC15M", "KXBTCD"}, false, {}},
                                 [this](Time, event::Payload e) { ++seen[e.index()]; });
    EXPECT_TRUE(feeds) << (feeds ? "" : feeds.error().message);
    (*feeds)->start();
    bool met = false;
    loop.every(20_ms, [&] {
      counts = (*feeds)->counts();
      if (enough()) met = true, loop.stop();
    });
    loop.after(10_s, [&] { loop.stop(); });
    loop.run();
    return met;
  }

  voltage::testing::TempFolder folder;
  net::Loop loop;
  std::unique_ptr<virtual_kalshi::VenueServer> server;
  Endpoints endpoints;
  LiveFeeds::Counts counts;
  std::map<std::size_t, int> seen;
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
  EXPECT_FALSE(untrusted.run([&] { return untrusted.counts.books > 0 || untrusted.counts.connections_kalshi > 4; }) &&
               untrusted.counts.books > 0);
  EXPECT_EQ(untrusted.counts.books, 0U);
}

TEST(Loopback, a_socket_that_is_cut_comes_back_with_its_books) {
  Loopback l{false, "cut of=orderbook_delta after=20 every=60 times=2"};
  EXPECT_TRUE(l.run([&] { return l.counts.connections_kalshi >= 3 && l.counts.books >= 5; }));
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
