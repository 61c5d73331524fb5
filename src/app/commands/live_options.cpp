#include "app/commands/live_options.hpp"

#include <CLI/CLI.hpp>

#include "app/arguments.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::app {

using namespace literals;

void add_live_options(CLI::App& c, LiveOptions& o) {
  c.add_option("--config", o.config, "the configuration, TOML (docs/LIVE.md)");
  c.add_option("--venue", o.venue_file, "a file with the line that voltage venue printed");
  c.add_option("--for", o.run_for, "stop after this long; default: until interrupted")->check(duration_problem);
  c.add_option("--key-id", o.key_id, "Kalshi's key id; its streams need one");
  c.add_option("--key-file", o.key_file, "its private key, PEM, mode 0600");
  c.add_option("--ca-file", o.ca_file, "a certificate to trust besides the system's");
  c.add_option("--series", o.series, "of Kalshi's markets; default: KXBTC15M")->delimiter(',');
  c.add_flag("--kraken-v1", o.kraken_v1, "Kraken's frozen first WebSocket");
  c.add_option("--history", o.history, "of Kraken's trades to warm up with; default: 90m");
  c.add_option("--model", o.model, "a bundle that voltage train wrote");
  c.add_option("--data", o.data, "where the run is kept; default: voltage-data");
  watch::add_watch_options(c, o.watch);
  c.add_flag("--json", o.json, "one JSON object as the last line");
}

Result<live::SessionOptions> session_of(const LiveOptions& o) {
  live::SessionOptions out;
  auto& config = out.config;
  config.feeds.history = 90_min;
  config.data = "voltage-data";
  if (!o.config.empty()) {
    if (const auto read = live::read_config(o.config, config); !read) return fail(read.error().message);
  }
  if (!o.venue_file.empty()) {
    if (const auto read = venue::read_endpoints(o.venue_file, config.endpoints); !read)
      return fail(read.error().message);
  }
  const auto take = [](const std::string& given, std::string& into) {
    if (!given.empty()) into = given;
  };
  take(o.key_id, config.endpoints.kalshi_key_id);
  take(o.key_file, config.endpoints.kalshi_key_file);
  take(o.ca_file, config.endpoints.ca_file);
  take(o.model, config.model);
  take(o.data, config.data);
  if (!o.series.empty()) config.feeds.series = o.series;
  if (o.kraken_v1) config.feeds.kraken_v1 = true;
  if (!o.history.empty()) {
    const auto history = parse_duration(o.history);
    if (!history || history->ns < 0) return fail("--history: '" + o.history + "' is no duration (90m)");
    config.feeds.history = *history;
  }
  if (!o.cap.empty()) {
    const auto cap = parse_money(o.cap);
    if (!cap || cap->micros <= 0) return fail("--cap: '" + o.cap + "' is no amount of dollars (100)");
    config.cap = cap;
  }
  live::apply_cap(config);
  out.watch = o.watch;
  if (!o.run_for.empty()) out.run_for = parse_duration(o.run_for);
  return out;
}

}  // namespace voltage::app
