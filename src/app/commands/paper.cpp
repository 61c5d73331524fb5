// voltage paper: the whole loop on live streams, orders filled by a simulated exchange on the live books.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/journal/run_folder.hpp"
#include "app/run/baseline_edge.hpp"
#include "app/run/core.hpp"
#include "app/run/recorder.hpp"
#include "app/run/world.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app {
namespace {

using namespace literals;

struct Options {
  venue::Endpoints endpoints;
  venue::LiveRules live;
  std::string venue_file, run_for, history{"90m"}, data{journal::kDataDefault};
  bool json{false};
};

// Tells what happens in a line each, and counts.
class Teller final : public Recorder {
 public:
  explicit Teller(const engine::Engine& engine) : engine_{engine} {}

  void record(const event::Event& e) override {
    ++events;
    if (const auto* health = std::get_if<event::StreamHealth>(&e.what)) {
      constexpr const char* kStates[] = {"unknown", "healthy", "stale", "down"};
      fmt::print("{}  stream {}: {} {}\n", clock(e.at), static_cast<int>(health->stream),
                 kStates[static_cast<std::size_t>(health->health)], health->why);
    }
    if (std::holds_alternative<event::ForecastReady>(e.what)) ++forecasts;
    if (std::holds_alternative<event::BookSnapshot>(e.what)) ++snapshots;
    if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
      ++fills;
      fmt::print("{}  {}  {} {} at ${} fee ${}\n", clock(e.at), ticker(fill->contract),
                 fill->side == Side::bid ? "bought" : "sold", format_qty(fill->qty), format_price(fill->price),
                 format_money(fill->fee));
    }
    if (const auto* s = std::get_if<event::Settled>(&e.what)) {
      ++settled;
      fmt::print("{}  {}  settled {}\n", clock(e.at), ticker(s->contract),
                 s->outcome == event::Outcome::yes ? "YES" : "NO");
    }
    std::fflush(stdout);
  }
  void record(const event::Event& cause, const event::Effect& fx) override {
    if (std::holds_alternative<event::PlaceOrder>(fx)) ++orders;
    const auto* q = std::get_if<event::Quote>(&fx);
    if (q == nullptr || !(q->fair >= 0)) return;
    const auto price = [](const std::optional<Price>& p) { return p ? format_price(*p) : std::string{"-"}; };
    fmt::print("{}  {}  {:.0f} s left  market {} / {}  fair {:.3f}\n", clock(cause.at), ticker(q->contract),
               q->seconds_left, price(q->bid), price(q->ask), q->fair);
  }

  std::int64_t events{0}, forecasts{0}, orders{0}, fills{0}, settled{0}, snapshots{0};

 private:
  static std::string clock(Time t) { return format_iso(t).substr(11, 8); }
  const std::string& ticker(event::ContractId id) const { return engine_.books().at(id).contract.ticker; }
  const engine::Engine& engine_;
};

Result<int> paper(Options options) {
  if (!options.venue_file.empty()) {
    if (const auto read = venue::read_endpoints(options.venue_file, options.endpoints); !read)
      return fail(read.error().message);
  }
  const auto history = parse_duration(options.history);
  if (!history || history->ns < 0) return fail("--history: '" + options.history + "' is no duration (90m)");
  options.live.history = *history;
  std::optional<Duration> run_for;
  if (!options.run_for.empty() && !(run_for = parse_duration(options.run_for)))
    return fail("--for: '" + options.run_for + "' is no duration (60s, 2h)");
  const Time start = venue::wall_now();
  CoreConfig config;
  config.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = !options.data.empty();
  Core core{config};
  std::unique_ptr<io::JournalWriter> journal;
  std::string folder;
  if (!options.data.empty()) {
    std::string stamp = format_iso(Time{start.ns - start.ns % (1_s).ns});
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    folder = journal::runs_folder(options.data) + "/paper-" + stamp;
    auto opened = journal::start_run({folder, "paper", 0, start, {}}, config, {});
    if (!opened) return tl::unexpected(opened.error());
    journal = std::move(*opened);
  }
  venue::sim::SimExchange exchange{venue::sim::neutral()};
  BaselineEdge forecasts;
  Teller teller{core.engine()};
  World world{core.engine(), exchange, forecasts, {&teller}, 20_ms, journal.get()};
  Time last = start;
  venue::net::Loop loop;
  auto feeds = venue::LiveFeeds::make(loop, options.endpoints, options.live, [&](Time at, event::Payload what) {
    const auto* bar = std::get_if<event::CandleClosed>(&what);
    // Bars that were over when we came are for the models alone.
    if (bar != nullptr && bar->candle.begin + bar->interval + 1_min < start) return world.preload(*bar);
    last = std::max(last, at);  // a clock that is set back does not turn back the core
    world.happen(last, std::move(what));
  });
  if (!feeds) return fail(feeds.error().message);
  (*feeds)->start();
  loop.every(100_ms, [&] { world.pass(last = std::max(last, venue::wall_now())); });
  loop.on_signal([&] { loop.stop(); });
  if (run_for) loop.after(*run_for, [&] { loop.stop(); });
  loop.run();
  world.rest();
  if (journal) {
    if (const auto closed = journal->close(); !closed) return tl::unexpected(closed.error());
  }
  const auto& ledger = core.engine().ledger();
  const auto counts = (*feeds)->counts();
  fmt::print(
      "\nPaper: orders were filled by a simulation on the live books. {} forecasts, {} orders, {} fills, {} settled; "
      "cash ${} -> ${}\n",
      teller.forecasts, teller.orders, teller.fills, teller.settled, format_money(ledger.start()),
      format_money(ledger.cash()));
  if (!folder.empty()) fmt::print("Journal: {}\n", folder);
  if (options.json) {
    io::JsonWriter w;
    w.begin_object()
        .integer("events", teller.events)
        .integer("snapshots", teller.snapshots)
        .integer("forecasts", teller.forecasts);
    w.integer("orders", teller.orders).integer("fills", teller.fills).integer("settled", teller.settled);
    w.integer("connections_kalshi", counts.connections_kalshi).integer("connections_kraken", counts.connections_kraken);
    w.integer("sequence_holes", counts.gaps).integer("undecodable", counts.undecodable);
    w.money("cash_start", ledger.start()).money("cash_end", ledger.cash()).money("fees", ledger.fees());
    fmt::print("{}\n", w.end_object().take());
  }
  return 0;
}

}  // namespace

Command add_paper(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c =
      root.add_subcommand("paper", "Trade on the live streams with simulated fills; nothing is ever sent to a venue");
  c->add_option("--venue", o->venue_file, "a file with the line that voltage venue printed");
  c->add_option("--for", o->run_for, "stop after this long; default: until interrupted");
  c->add_option("--kalshi-rest", o->endpoints.kalshi_rest)->capture_default_str();
  c->add_option("--kalshi-ws", o->endpoints.kalshi_ws)->capture_default_str();
  c->add_option("--key-id", o->endpoints.kalshi_key_id, "Kalshi's key id; its streams need one");
  c->add_option("--key-file", o->endpoints.kalshi_key_file, "its private key, PEM, mode 0600");
  c->add_option("--kraken-rest", o->endpoints.kraken_rest)->capture_default_str();
  c->add_option("--kraken-ws", o->endpoints.kraken_ws_v2)->capture_default_str();
  c->add_flag("--kraken-v1", o->live.kraken_v1, "Kraken's frozen first WebSocket (kraken_ws_v1)");
  c->add_option("--ca-file", o->endpoints.ca_file, "a certificate to trust besides the system's");
  c->add_option("--series", o->live.series, "of Kalshi's markets")->delimiter(',')->capture_default_str();
  c->add_option("--history", o->history, "of Kraken's trades to warm up with")->capture_default_str();
  c->add_option("--data", o->data, "where the run is kept; empty: nowhere")->capture_default_str();
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Forecasts come from the baseline (an exponentially weighted variance of Kraken's bars).\n\n"
      "Example: voltage venue > venue.json & sleep 5; voltage paper --venue venue.json --for 10m");
  return {c, [o] { return paper(*o); }};
}

}  // namespace voltage::app
