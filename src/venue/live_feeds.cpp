#include "venue/live_feeds.hpp"

#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "venue/kalshi/feed.hpp"
#include "venue/kalshi/signer.hpp"
#include "venue/kraken/feed.hpp"
#include "venue/net/client.hpp"
#include "venue/net/safe_url.hpp"

namespace voltage::venue {
namespace {

using namespace literals;

constexpr Duration kTick{20'000'000};
constexpr Duration kRestTimeout{15'000'000'000};

// The socket of one generation; older ones die a moment later, outside their own callbacks.
class Link {
 public:
  Link(net::Loop& loop, net::Url url, std::string ca_file)
      : loop_{loop}, url_{std::move(url)}, ca_file_{std::move(ca_file)} {}

  void open(std::uint64_t generation, const std::map<std::string, std::string>& headers, net::WsHandlers handlers) {
    drop();
    generation_ = generation;
    ++connections_;
    socket_ = std::make_shared<net::WsClient>(loop_, url_, headers, std::move(handlers), ca_file_);
  }
  void send(std::uint64_t generation, std::string text) {
    if (socket_ && generation == generation_) socket_->send(std::move(text));
  }
  void close(std::uint64_t generation) {
    if (generation == generation_) drop();
  }
  const net::Url& url() const { return url_; }
  std::int64_t connections() const { return connections_; }

 private:
  void drop() {
    if (socket_) loop_.post([old = std::move(socket_)] {});
    socket_.reset();
  }
  net::Loop& loop_;
  net::Url url_;
  std::string ca_file_;
  std::shared_ptr<net::WsClient> socket_;
  std::uint64_t generation_{0};
  std::int64_t connections_{0};
};

}  // namespace

struct LiveFeeds::Impl {
  Impl(net::Loop& l, const Endpoints& e, const LiveRules& r, Sink s, PrivateSink p,
       std::shared_ptr<kalshi::Credential> c, std::array<net::Url, 4> urls)
      : loop{l},
        endpoints{e},
        sink{std::move(s)},
        private_sink{std::move(p)},
        credential{std::move(c)},
        kalshi_feed{kalshi_rules(r, e.clock), 1},
        kraken_feed{kraken_rules(r, e.clock), 2},
        kalshi_link{l, urls[0], e.ca_file},
        kraken_link{l, urls[1], e.ca_file},
        kalshi_rest{l, urls[2], e.ca_file},
        kraken_rest{l, urls[3], e.ca_file} {}

  // Waits for our own side (the network, a busy machine) last as long on the wall at every speed.
  static StreamRules stream_rules(const VenueClock& clock) {
    StreamRules rules;
    for (Duration* d : {&rules.connect_timeout, &rules.transport_timeout, &rules.ack_timeout, &rules.resubscribe_grace,
                        &rules.backoff_first, &rules.backoff_cap})
      *d = clock.ours(*d);
    rules.content_timeout = 60_s + clock.ours(rules.content_timeout - 60_s);
    return rules;
  }
  static kalshi::FeedRules kalshi_rules(const LiveRules& r, const VenueClock& clock) {
    kalshi::FeedRules rules;
    rules.series = r.series;
    rules.index = r.index;
    rules.tickers = r.tickers;
    rules.fees_of_series = r.fees;
    rules.stream = stream_rules(clock);
    for (Duration* d : {&rules.status_every, &rules.transport_timeout, &rules.index_timeout, &rules.index_stale,
                        &rules.snapshot_timeout, &rules.crossed_max, &rules.age_alarm, &rules.age_limit})
      *d = clock.ours(*d);
    return rules;
  }
  static kraken::FeedRules kraken_rules(const LiveRules& r, const VenueClock& clock) {
    kraken::FeedRules rules;
    rules.stream = stream_rules(clock);
    rules.v1 = r.kraken_v1;
    rules.history = r.history;
    return rules;
  }

  Time now() const { return endpoints.clock.now(); }
  void pump() {
    pump_kalshi();
    pump_kraken();
  }
  void pump_kalshi();
  void pump_kraken();
  std::map<std::string, std::string> signed_headers() const;

  net::Loop& loop;
  Endpoints endpoints;
  Sink sink;
  PrivateSink private_sink;
  std::shared_ptr<const kalshi::Credential> credential;
  kalshi::Feed kalshi_feed;
  kraken::Feed kraken_feed;
  Link kalshi_link, kraken_link;
  net::HttpClient kalshi_rest, kraken_rest;
  std::function<void(const kraken::Filling&)> filling_sink;
};

std::map<std::string, std::string> LiveFeeds::Impl::signed_headers() const {
  auto headers = credential->headers("GET", kalshi_link.url().path);
  return headers ? std::move(*headers) : std::map<std::string, std::string>{};
}

void LiveFeeds::Impl::pump_kalshi() {
  for (auto& action : kalshi_feed.take_actions()) {
    if (const auto* connect = std::get_if<kalshi::out::Connect>(&action)) {
      const auto g = connect->generation;
      net::WsHandlers handlers;
      handlers.on_open = [this, g] { kalshi_feed.opened(g, now()), pump_kalshi(); };
      handlers.on_text = [this, g](std::string_view text) { kalshi_feed.text(g, text, now()), pump_kalshi(); };
      handlers.on_ping = [this, g] { kalshi_feed.pinged(g, now()); };
      handlers.on_close = [this, g](const std::string& why, int) { kalshi_feed.closed(g, why, now()), pump_kalshi(); };
      kalshi_link.open(g, signed_headers(), std::move(handlers));
    } else if (auto* send = std::get_if<kalshi::out::Send>(&action)) {
      kalshi_link.send(send->generation, std::move(send->text));
    } else if (const auto* close = std::get_if<kalshi::out::Close>(&action)) {
      kalshi_link.close(close->generation);
    } else {
      const auto& get = std::get<kalshi::out::Get>(action);
      kalshi_rest.send({"GET", get.target, "", {}}, kRestTimeout, [this, request = get.request](const net::Outcome& o) {
        if (o.delivery == net::Delivery::answered) {
          kalshi_feed.rest_answer(request, o.response.status, o.response.body, now());
        } else {
          kalshi_feed.rest_failed(request);
        }
        pump_kalshi();
      });
    }
  }
  for (auto& e : kalshi_feed.take_events()) sink(now(), std::move(e));
  for (const auto& order : kalshi_feed.take_orders()) {
    if (private_sink.order) private_sink.order(order);
  }
  for (const auto& fill : kalshi_feed.take_fills()) {
    if (private_sink.fill) private_sink.fill(fill);
  }
  for (const auto& position : kalshi_feed.take_positions()) {
    if (private_sink.position) private_sink.position(position);
  }
}

void LiveFeeds::Impl::pump_kraken() {
  for (auto& action : kraken_feed.take_actions()) {
    if (const auto* connect = std::get_if<kraken::out::Connect>(&action)) {
      const auto g = connect->generation;
      net::WsHandlers handlers;
      handlers.on_open = [this, g] { kraken_feed.opened(g, now()), pump_kraken(); };
      handlers.on_text = [this, g](std::string_view text) { kraken_feed.text(g, text, now()), pump_kraken(); };
      handlers.on_close = [this, g](const std::string& why, int) { kraken_feed.closed(g, why, now()), pump_kraken(); };
      kraken_link.open(g, {}, std::move(handlers));
    } else if (auto* send = std::get_if<kraken::out::Send>(&action)) {
      kraken_link.send(send->generation, std::move(send->text));
    } else if (const auto* close = std::get_if<kraken::out::Close>(&action)) {
      kraken_link.close(close->generation);
    } else {
      const auto& get = std::get<kraken::out::Get>(action);
      kraken_rest.send({"GET", get.target, "", {}}, kRestTimeout, [this, request = get.request](const net::Outcome& o) {
        const bool good = o.delivery == net::Delivery::answered && o.response.status == 200;
        if (good) {
          kraken_feed.rest_answer(request, o.response.body, now());
        } else {
          kraken_feed.rest_failed(request, o.why, now());
        }
        pump_kraken();
      });
    }
  }
  for (auto& e : kraken_feed.take_events()) sink(now(), std::move(e));
  if (const auto filling = kraken_feed.take_filling(); filling && filling_sink) filling_sink(*filling);
}

LiveFeeds::LiveFeeds(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
LiveFeeds::~LiveFeeds() = default;

Result<std::unique_ptr<LiveFeeds>> LiveFeeds::make(net::Loop& loop, const Endpoints& e, const LiveRules& rules,
                                                   Sink sink, PrivateSink private_sink) {
  auto credential = kalshi::Credential::of(e);
  if (!credential) return tl::unexpected(credential.error());
  const std::pair<const char*, const std::string*> texts[] = {
      {"kalshi_ws", &e.kalshi_ws},
      {"kraken_ws", rules.kraken_v1 ? &e.kraken_ws_v1 : &e.kraken_ws_v2},
      {"kalshi_rest", &e.kalshi_rest},
      {"kraken_rest", &e.kraken_rest}};
  std::array<net::Url, 4> urls;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    auto url = net::Url::parse(*texts[i].second);
    if (!url) return fail(std::string{texts[i].first} + ": " + url.error().message);
    if (!net::safe(*url)) return fail(fmt::format("{}: '{}' is not encrypted", texts[i].first, *texts[i].second));
    urls[i] = std::move(*url);
  }
  return std::unique_ptr<LiveFeeds>{new LiveFeeds{std::make_unique<Impl>(
      loop, e, rules, std::move(sink), std::move(private_sink), std::move(*credential), std::move(urls))}};
}

void LiveFeeds::on_filling(std::function<void(const kraken::Filling&)> sink) {
  impl_->filling_sink = std::move(sink);
}

void LiveFeeds::start() {
  impl_->kalshi_feed.start(impl_->now());
  impl_->kraken_feed.start(impl_->now());
  impl_->pump();
  impl_->loop.every(kTick, [impl = impl_.get()] {
    impl->kalshi_feed.tick(impl->now());
    impl->kraken_feed.tick(impl->now());
    impl->pump();
  });
}

LiveFeeds::Counts LiveFeeds::counts() const {
  return {impl_->kalshi_link.connections(), impl_->kraken_link.connections(), impl_->kalshi_feed.gaps(),
          impl_->kalshi_feed.undecodable() + impl_->kraken_feed.undecodable(), impl_->kalshi_feed.valid_books()};
}

}  // namespace voltage::venue
