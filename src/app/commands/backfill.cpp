// voltage backfill: Kraken's trades of a span as one-minute bars, by REST.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"
#include "venue/kraken/backfill.hpp"
#include "venue/net/client.hpp"

namespace voltage::app {
namespace {

using namespace literals;

struct Options {
  std::string from, to, out{"kraken_btcusd_1m.csv"}, base{"https://api.kraken.com"}, ca_file, spacing{"1100ms"};
  bool json{false};
};

constexpr Duration kRequestTimeout{30'000'000'000};
constexpr int kFailuresMax = 8;

// Drives one backfill over one HTTP client until it is done or has failed for good.
class Job {
 public:
  Job(venue::net::Loop& loop, venue::net::Url url, const Options& options, Time from, Time to, Duration spacing)
      : loop_{loop},
        client_{loop, std::move(url), options.ca_file},
        backfill_{from, to},
        spacing_{spacing},
        show_{::isatty(2) == 1} {}

  Status run() {
    loop_.on_signal([this] { end(fail("interrupted; nothing was written")); });
    ask();
    loop_.run();
    if (show_) fmt::print(stderr, "\r\033[K");
    return status_;
  }
  const venue::kraken::Backfill& backfill() const { return backfill_; }
  std::int64_t requests() const { return requests_; }

 private:
  void end(Status status) {
    status_ = std::move(status);
    loop_.stop();
  }
  void ask() {
    ++requests_;
    client_.send({"GET", backfill_.target(), "", {}}, kRequestTimeout,
                 [this](const venue::net::Outcome& o) { on_answer(o); });
  }
  void again(const std::string& why) {
    if (++failures_ > kFailuresMax) return end(fail("Kraken does not answer: " + why + "; nothing was written"));
    loop_.after(spacing_ * (std::int64_t{1} << failures_), [this] { ask(); });
  }
  void on_answer(const venue::net::Outcome& o) {
    if (o.delivery != venue::net::Delivery::answered) return again(o.why);
    if (o.response.status != 200) return again(fmt::format("HTTP {}", o.response.status));
    const auto step = backfill_.answer(o.response.body);
    if (!step) return end(fail(step.error().message + "; nothing was written"));
    if (!step->refused.empty()) return again(step->refused);
    failures_ = 0;
    if (show_) show();
    if (step->done) return end({});
    loop_.after(spacing_, [this] { ask(); });
  }
  void show() const {
    const double done = backfill_.progress();
    const double left = done > 0 ? static_cast<double>(requests_) * spacing_.seconds() * (1 - done) / done : 0;
    fmt::print(stderr, "\r\033[K{:5.1f} %  {} trades  about {} left", 100 * done, backfill_.trades(),
               format_duration(Duration{static_cast<std::int64_t>(left) * 1'000'000'000}));
  }

  venue::net::Loop& loop_;
  venue::net::HttpClient client_;
  venue::kraken::Backfill backfill_;
  Duration spacing_;
  bool show_;
  Status status_;
  std::int64_t requests_{0};
  int failures_{0};
};

std::string csv_of(const std::vector<market::Candle>& bars) {
  std::string text = "ts_ms,open,high,low,close,volume,trades,taker_buy_volume\n";
  for (const auto& b : bars) {
    text += fmt::format("{},{},{},{},{},{:.8f},{:.0f},{:.8f}\n", b.begin.ms(), b.open, b.high, b.low, b.close, b.volume,
                        b.trades, b.taker_buy);
  }
  return text;
}

Result<int> backfill(const Options& options) {
  const auto from = parse_time(options.from), to = parse_time(options.to);
  if (!from) return fail("--from: '" + options.from + "' is no time (2026-05-11T05:45:00Z or Unix milliseconds)");
  if (!to) return fail("--to: '" + options.to + "' is no time (2026-05-11T05:45:00Z or Unix milliseconds)");
  if (*to < *from) return fail("--to lies before --from");
  const auto spacing = parse_duration(options.spacing);
  if (!spacing || spacing->ns <= 0) return fail("--spacing: '" + options.spacing + "' is no duration (1100ms)");
  auto url = venue::net::Url::parse(options.base);
  if (!url) return fail("--base: " + url.error().message);
  venue::net::Loop loop;
  Job job{loop, std::move(*url), options, *from, *to, *spacing};
  if (const auto done = job.run(); !done) return fail(done.error().message);
  const auto& b = job.backfill();
  if (const auto written = io::write_file(options.out, csv_of(b.bars())); !written)
    return fail(written.error().message);
  if (options.json) {
    io::JsonWriter w;
    w.begin_object().integer("bars", static_cast<std::int64_t>(b.bars().size())).integer("trades", b.trades());
    w.integer("first_id", b.first_id()).integer("last_id", b.last_id()).integer("requests", job.requests());
    fmt::print("{}\n", w.boolean("contiguous", true).end_object().take());
  } else {
    fmt::print("{}: {} bars of {} trades, ids {} to {} without a hole, {} requests\n", options.out, b.bars().size(),
               b.trades(), b.first_id(), b.last_id(), job.requests());
  }
  return 0;
}

}  // namespace

Command add_backfill(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c =
      root.add_subcommand("backfill", "Fetch Kraken's BTC/USD trades of a span and make one-minute candles of them");
  c->add_option("--from", o->from, "first minute, ISO 8601 UTC or Unix milliseconds")->required();
  c->add_option("--to", o->to, "last minute, included")->required();
  c->add_option("--out", o->out, "the candle file")->capture_default_str();
  c->add_option("--base", o->base, "Kraken's REST, or kraken_rest of voltage venue")->capture_default_str();
  c->add_option("--ca-file", o->ca_file, "a certificate to trust besides the system's");
  c->add_option("--spacing", o->spacing, "between requests; the public limit is about one a second")
      ->capture_default_str();
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Every trade id must follow the one before it, else nothing is written. Minutes without a trade are flat at\n"
      "the last close with volume 0. The file can be given to train, forecast and backtest.\n\n"
      "Example: voltage backfill --from 2026-05-11T00:00:00Z --to 2026-05-11T11:59:00Z --out kraken.csv");
  return {c, [o] { return backfill(*o); }};
}

}  // namespace voltage::app
