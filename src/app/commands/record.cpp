// voltage record: the raw frames of both venues on disk, byte for byte, for as long as it runs.
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "io/frame_log.hpp"
#include "io/json_writer.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/rest.hpp"
#include "venue/kalshi/signature.hpp"
#include "venue/net/client.hpp"
#include "venue/stream_supervisor.hpp"

namespace voltage::app {
namespace {

using namespace literals;
namespace net = venue::net;

struct Options {
  venue::Endpoints endpoints;
  std::string venue_file, folder{"recordings"}, run_for, keep{"30d"}, only;
  std::vector<std::string> series{"KXBTC15M", "KXBTCD", "KXBTC"};
  double budget_gb{20};
  bool json{false};
};

Time wall_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

// One WebSocket whose every frame goes to a log, kept alive by a supervisor.
class Recording {
 public:
  Recording(net::Loop& loop, net::Url url, std::string ca_file, const venue::StreamRules& rules,
            const io::FrameLogRules& log)
      : loop_{loop}, url_{std::move(url)}, ca_file_{std::move(ca_file)}, supervisor_{rules, 1}, log_{log} {}
  virtual ~Recording() = default;

  void start() { supervisor_.start(wall_now()), act(); }
  void tick() {
    supervisor_.tick(wall_now());
    act();
    on_tick();
  }
  Status close() {
    socket_.reset();
    return log_.close();
  }
  const Status& status() const { return status_; }
  const io::FrameLog& log() const { return log_; }
  std::int64_t connections() const { return connections_; }
  bool receiving() const { return log_.frames() > 0; }
  const std::string& why() const { return supervisor_.why(); }

 protected:
  virtual std::map<std::string, std::string> headers() { return {}; }
  virtual void subscribe() = 0;
  virtual void on_tick() {}
  void say(std::string text) {
    if (socket_) socket_->send(std::move(text));
  }
  void keep(Status status) {
    if (!status && status_) status_ = std::move(status);
  }
  bool open() const { return socket_ != nullptr && supervisor_.phase() != venue::StreamPhase::connecting; }

 private:
  void act() {
    for (auto& action : supervisor_.take_actions()) {
      if (const auto* c = std::get_if<venue::stream::Connect>(&action)) connect(c->generation);
      if (std::holds_alternative<venue::stream::Subscribe>(action)) subscribe();
      if (const auto* r = std::get_if<venue::stream::Recover>(&action))
        supervisor_.recovered(r->generation, wall_now());
      if (const auto* c = std::get_if<venue::stream::Close>(&action)) {
        keep(log_.note(wall_now(), "disconnected: " + c->why));
        loop_.post([old = std::shared_ptr{std::move(socket_)}] {});
      }
    }
  }
  void connect(std::uint64_t g) {
    net::WsHandlers handlers;
    handlers.on_open = [this, g] {
      ++connections_;
      keep(log_.note(wall_now(), "connected"));
      supervisor_.opened(g, wall_now());
      act();
    };
    handlers.on_text = [this, g](std::string_view text) {
      const Time now = wall_now();
      keep(log_.frame(now, text));
      supervisor_.heard(g, now);
      // A recorder believes whatever comes: any frame stands for acknowledgement and data.
      supervisor_.acked(g, now);
      supervisor_.data(g, now);
      act();
    };
    handlers.on_ping = [this, g] { supervisor_.heard(g, wall_now()); };
    handlers.on_close = [this, g](const std::string& why, int status) {
      supervisor_.failed(g, status > 101 ? fmt::format("{} (HTTP {})", why, status) : why, wall_now());
      act();
    };
    socket_ = std::make_unique<net::WsClient>(loop_, url_, headers(), std::move(handlers), ca_file_);
  }

  net::Loop& loop_;
  net::Url url_;
  std::string ca_file_;
  venue::StreamSupervisor supervisor_;
  io::FrameLog log_;
  std::unique_ptr<net::WsClient> socket_;
  Status status_;
  std::int64_t connections_{0};
};

class KrakenRecording final : public Recording {
  using Recording::Recording;
  void subscribe() override {
    for (const char* params : {R"("channel":"trade","symbol":["BTC/USD"],"snapshot":false)",
                               R"("channel":"ohlc","symbol":["BTC/USD"],"interval":1)",
                               R"("channel":"ohlc","symbol":["BTC/USD"],"interval":5)",
                               R"("channel":"ticker","symbol":["BTC/USD"],"event_trigger":"bbo")"}) {
      say(fmt::format(R"({{"method":"subscribe","params":{{{}}}}})", params));
    }
  }
};

class KalshiRecording final : public Recording {
 public:
  KalshiRecording(net::Loop& loop, net::Url ws, net::Url rest, const Options& o, venue::kalshi::Key key,
                  const io::FrameLogRules& log)
      : Recording{loop, ws, o.endpoints.ca_file, rules(), log},
        ws_path_{ws.path},
        rest_{loop, std::move(rest), o.endpoints.ca_file},
        options_{o},
        key_{std::move(key)} {
    discover();
    loop.every(30_s, [this] { discover(); });
  }

 private:
  static venue::StreamRules rules() {
    venue::StreamRules r;
    r.transport_timeout = 25_s;  // the venue pings every ten seconds
    return r;
  }
  std::map<std::string, std::string> headers() override {
    const Time now = wall_now();
    const auto signature = key_.sign(now, "GET", ws_path_);
    if (!signature) return {};
    return {{"KALSHI-ACCESS-KEY", options_.endpoints.kalshi_key_id},
            {"KALSHI-ACCESS-TIMESTAMP", std::to_string(now.ms())},
            {"KALSHI-ACCESS-SIGNATURE", *signature}};
  }
  void subscribe() override {
    subscribed_.clear();
    say(R"({"id":1,"cmd":"subscribe","params":{"channels":["cfbenchmarks_value"],"index_ids":["BRTI"]}})");
    say(R"({"id":2,"cmd":"subscribe","params":{"channels":["market_lifecycle_v2"]}})");
    subscribe_new();
  }
  void subscribe_new() {
    if (!open()) return;
    std::string list;
    for (const auto& ticker : wanted_) {
      if (!subscribed_.insert(ticker).second) continue;
      if (!list.empty()) list += ',';
      io::append_json_string(list, ticker);
    }
    if (list.empty()) return;
    // Tickers that join a subscription come with their snapshot; the acknowledgements are in the recording.
    say(fmt::format(
        R"({{"id":{},"cmd":"subscribe","params":{{"channels":["orderbook_delta","ticker","trade"],"market_tickers":[{}],"use_yes_price":false}}}})",
        ++id_, list));
  }
  void discover() {
    for (const auto& series : options_.series) {
      rest_.send({"GET", "/markets?status=open&limit=1000&series_ticker=" + net::percent_encoded(series), "", {}}, 10_s,
                 [this](const net::Outcome& o) {
                   if (o.delivery != net::Delivery::answered || o.response.status != 200) return;
                   venue::JsonDocument document;
                   const auto root = document.parse(o.response.body);
                   venue::kalshi::Counts counts;
                   const auto object =
                       root ? venue::kalshi::decode_rest(*root, counts) : Result<venue::kalshi::RestObject>{fail("")};
                   const auto* markets = object ? std::get_if<venue::kalshi::Markets>(&*object) : nullptr;
                   if (markets == nullptr) return;
                   const Time now = wall_now();
                   for (const auto& m : markets->markets) {
                     if (m.close > now) wanted_.insert(m.ticker);  // the venue lists just settled ones a while longer
                   }
                   subscribe_new();
                 });
    }
  }

  std::string ws_path_;
  net::HttpClient rest_;
  const Options& options_;
  venue::kalshi::Key key_;
  std::set<std::string> wanted_, subscribed_;
  int id_{10};
};

Result<int> finish(const Options& options, const std::vector<std::unique_ptr<Recording>>& all) {
  Status status;
  std::int64_t frames = 0, bytes = 0, connections = 0;
  for (const auto& r : all) {
    if (auto closed = r->close(); !closed && status) status = std::move(closed);
    if (!r->status() && status) status = r->status();
    frames += r->log().frames();
    bytes += r->log().bytes();
    connections += r->connections();
  }
  if (!status) return fail(status.error().message);
  for (const auto& r : all) {
    if (!r->receiving()) return fail("a venue sent nothing: " + r->why());
  }
  if (options.json) {
    fmt::print(R"({{"frames":{},"bytes":{},"connections":{}}})"
               "\n",
               frames, bytes, connections);
  } else {
    fmt::print("{} frames, {} bytes, {} connections, in {}\n", frames, bytes, connections, options.folder);
  }
  return 0;
}

Result<int> record(Options& options) {
  if (!options.venue_file.empty()) {
    if (const auto read = venue::read_endpoints(options.venue_file, options.endpoints); !read)
      return fail(read.error().message);
  }
  const auto keep = parse_duration(options.keep);
  if (!keep || keep->ns <= 0) return fail("--keep: '" + options.keep + "' is no duration (30d)");
  std::optional<Duration> run_for;
  if (!options.run_for.empty() && !(run_for = parse_duration(options.run_for)))
    return fail("--for: '" + options.run_for + "' is no duration (60s, 2h)");
  net::Loop loop;
  std::vector<std::unique_ptr<Recording>> all;
  io::FrameLogRules log{options.folder, "kraken", 1_h, static_cast<std::int64_t>(options.budget_gb * 1e9), *keep};
  if (options.only != "kalshi") {
    auto url = net::Url::parse(options.endpoints.kraken_ws_v2);
    if (!url) return fail("kraken_ws_v2: " + url.error().message);
    all.push_back(
        std::make_unique<KrakenRecording>(loop, std::move(*url), options.endpoints.ca_file, venue::StreamRules{}, log));
  }
  if (options.only != "kraken") {
    auto ws = net::Url::parse(options.endpoints.kalshi_ws), rest = net::Url::parse(options.endpoints.kalshi_rest);
    if (!ws) return fail("kalshi_ws: " + ws.error().message);
    if (!rest) return fail("kalshi_rest: " + rest.error().message);
    if (options.endpoints.kalshi_key_file.empty())
      return fail("Kalshi's streams need a key: --key-id and --key-file (or --only kraken)");
    auto key = venue::kalshi::Key::read(options.endpoints.kalshi_key_file);
    if (!key) return fail(key.error().message);
    log.prefix = "kalshi";
    all.push_back(
        std::make_unique<KalshiRecording>(loop, std::move(*ws), std::move(*rest), options, std::move(*key), log));
  }
  for (const auto& r : all) r->start();
  loop.every(Duration{50'000'000}, [&] {
    for (const auto& r : all) {
      r->tick();
      if (!r->status()) loop.stop();
    }
  });
  loop.on_signal([&] { loop.stop(); });
  if (run_for) loop.after(*run_for, [&] { loop.stop(); });
  loop.run();
  return finish(options, all);
}

}  // namespace

Command add_record(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c =
      root.add_subcommand("record", "Record the raw frames of Kalshi and Kraken, byte for byte, with receive times");
  c->add_option("--dir", o->folder, "where the files go")->capture_default_str();
  c->add_option("--for", o->run_for, "stop after this long; default: until interrupted");
  c->add_option("--only", o->only, "kalshi or kraken")->check(CLI::IsMember({"kalshi", "kraken"}));
  c->add_option("--venue", o->venue_file, "a file with the line that voltage venue printed");
  c->add_option("--kalshi-rest", o->endpoints.kalshi_rest)->capture_default_str();
  c->add_option("--kalshi-ws", o->endpoints.kalshi_ws)->capture_default_str();
  c->add_option("--key-id", o->endpoints.kalshi_key_id, "Kalshi's key id");
  c->add_option("--key-file", o->endpoints.kalshi_key_file, "its private key, PEM, mode 0600");
  c->add_option("--kraken-ws", o->endpoints.kraken_ws_v2)->capture_default_str();
  c->add_option("--ca-file", o->endpoints.ca_file, "a certificate to trust besides the system's");
  c->add_option("--series", o->series, "of Kalshi's markets")->delimiter(',')->capture_default_str();
  c->add_option("--budget-gb", o->budget_gb, "delete the oldest files beyond this")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  c->add_option("--keep", o->keep, "delete files older than this")->capture_default_str();
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Files: kalshi-<time>.jsonl.gz and kraken-<time>.jsonl.gz, one {\"recv_ts_ns\",\"raw\"} a line, a new file each\n"
      "hour; a file that is still written ends in .part. voltage decode reads them.\n\n"
      "Example: voltage record --venue venue.json --dir recordings --for 60s");
  return {c, [o] { return record(*o); }};
}

}  // namespace voltage::app
