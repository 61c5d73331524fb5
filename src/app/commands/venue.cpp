// voltage venue: a virtual Kalshi and Kraken on this machine, for any client.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/command.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "venue/fields.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/net/http.hpp"
#include "venue/virtual/venue_server.hpp"

namespace voltage::app {
namespace {

using namespace literals;
namespace kalshi = venue::virtual_kalshi;

struct Options {
  kalshi::VenueOptions venue;
  std::string faults_file;
  std::string run_for;
  std::string history{"2d"};
  double cash{10'000};
  std::vector<std::string> bank;
  std::vector<std::string> fees;
  std::vector<std::string> pauses;
};

// "90s:-20.00": after that much virtual time, that many dollars; "90s:0.37:unlisted": in no list.
Result<kalshi::BankMove> bank_of(const std::string& text) {
  const auto colon = text.find(':');
  const auto after = parse_duration(text.substr(0, colon));
  std::string dollars = colon == std::string::npos ? "" : text.substr(colon + 1);
  constexpr std::string_view kUnlisted = ":unlisted";
  const bool listed = !dollars.ends_with(kUnlisted);
  if (!listed) dollars.resize(dollars.size() - kUnlisted.size());
  const auto amount = parse_money(dollars);
  if (!after || !amount || amount->micros % kCent.micros != 0)
    return fail("--bank: '" + text +
                "' is not like 90s:-20.00 or 90s:0.37:unlisted (virtual time after the start, dollars)");
  return kalshi::BankMove{*after, *amount, listed};
}

// "90s:KXBTC15M=quadratic:0.5": after that much virtual time, a series costs that. With an event's ticker: that event
// alone; "90s:EVENT=none" ends it.
Result<kalshi::FeeChange> fees_of(const std::string& text) {
  const auto refuse = [&] {
    return fail("--fees: '" + text +
                "' is not like 90s:KXBTC15M=quadratic:0.5 (virtual time after the start, series or event, type, "
                "multiplier) or 90s:EVENT=none");
  };
  const auto colon = text.find(':'), equals = text.find('=');
  if (colon == std::string::npos || equals == std::string::npos || equals <= colon + 1) return refuse();
  kalshi::FeeChange out;
  const auto after = parse_duration(text.substr(0, colon));
  if (!after) return refuse();
  out.after = *after;
  out.of = text.substr(colon + 1, equals - colon - 1);
  const std::string terms = text.substr(equals + 1);
  if (terms == "none") return out.of_event() ? Result<kalshi::FeeChange>{out} : refuse();
  const auto by = terms.find(':');
  const auto type = venue::kalshi::fee_type(terms.substr(0, by));
  const auto multiplier = by == std::string::npos ? std::nullopt : venue::parse_token(terms.substr(by + 1), 6);
  if (type == market::FeeType::unknown || !multiplier || *multiplier < 0 || *multiplier > 100'000'000) return refuse();
  out.terms = market::FeeTerms{type, *multiplier};
  return out;
}

// "90s:60s:2": after that much virtual time, for so long, that shard.
Result<kalshi::Pause> pause_of(const std::string& text) {
  const auto refuse = [&] {
    return fail("--pause: '" + text + "' is not like 90s:60s:2 (virtual time after the start, how long, shard 0 to 2)");
  };
  const auto parts = venue::net::split(text, ':');
  if (parts.size() != 3) return refuse();
  const auto after = parse_duration(parts[0]), length = parse_duration(parts[1]);
  const auto shard = parse_int(parts[2]).value_or(-1);
  if (!after || !length || shard < 0 || shard > 2) return refuse();
  return kalshi::Pause{*after, *length, shard};
}

Result<int> serve(Options options) {
  auto& venue_options = options.venue;
  if (!options.faults_file.empty()) {
    const auto text = io::read_file(options.faults_file);
    if (!text) return fail(text.error().message);
    auto faults = kalshi::FaultScript::parse(*text);
    if (!faults) return fail(options.faults_file + ": " + faults.error().message);
    venue_options.faults = std::move(*faults);
  }
  const auto history = parse_duration(options.history);
  if (!history || history->ns < 0 || *history > 720_h) return fail("--history: a duration up to 30d is needed");
  std::optional<Duration> run_for;
  if (!options.run_for.empty()) {
    run_for = parse_duration(options.run_for);
    if (!run_for) return fail("--for: '" + options.run_for + "' is no duration (60s, 15m)");
  }
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  venue_options.world.start = Time{std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count()};
  venue_options.world.history = *history;
  for (const auto& text : options.bank) {
    const auto move = bank_of(text);
    if (!move) return tl::unexpected(move.error());
    venue_options.world.bank.push_back(*move);
  }
  const auto by_time = [](const auto& a, const auto& b) { return a.after < b.after; };
  std::stable_sort(venue_options.world.bank.begin(), venue_options.world.bank.end(), by_time);
  for (const auto& text : options.pauses) {
    auto pause = pause_of(text);
    if (!pause) return tl::unexpected(pause.error());
    venue_options.world.pauses.push_back(*pause);
  }
  for (const auto& text : options.fees) {
    auto change = fees_of(text);
    if (!change) return tl::unexpected(change.error());
    venue_options.world.fees.push_back(std::move(*change));
  }
  std::stable_sort(venue_options.world.fees.begin(), venue_options.world.fees.end(), by_time);
  venue_options.world.cash_a_shard = Money{static_cast<std::int64_t>(options.cash * 1e6)};
  std::error_code error;
  if (venue_options.key_folder.empty()) venue_options.key_folder = std::filesystem::temp_directory_path(error).string();
  venue::net::Loop loop;
  auto server = kalshi::VenueServer::start(loop, venue_options);
  if (!server) return fail(server.error().message);
  loop.on_signal([&] { loop.stop(); });
  if (run_for) loop.after(*run_for, [&] { loop.stop(); });
  fmt::print("{}\n", (*server)->address().json());
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace

Command add_venue(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("venue", "Run a virtual Kalshi and Kraken on loopback, for any client");
  c->add_option("--seed", o->venue.world.seed, "of the price path and the other traders")->capture_default_str();
  c->add_option("--speed", o->venue.speed, "virtual seconds a second")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  c->add_flag("--tls", o->venue.tls, "https and wss, with a certificate made on the spot (tls_ca_file in the line)");
  c->add_option("--for", o->run_for, "stop after this much wall time (60s, 2h); default: until interrupted");
  c->add_option("--history", o->history, "of Kraken's trades before the start")->capture_default_str();
  c->add_option("--spot", o->venue.world.spot, "bitcoin in dollars where the history begins")
      ->check(CLI::Range(100.0, 1e7))
      ->capture_default_str();
  c->add_option("--volatility-error", o->venue.world.volatility_error,
                "the makers' volatility over the true one; 1 is an efficient market")
      ->check(CLI::Range(0.1, 10.0))
      ->capture_default_str();
  c->add_option("--cash", o->cash, "dollars of the account on each shard")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  c->add_option(
      "--bank", o->bank,
      "a deposit, or a withdrawal: 90s:50.00 or 90s:-20.00, virtual time after the start; interest, which no list "
      "shows: 90s:0.37:unlisted");
  c->add_option("--fees", o->fees,
                "what a series or an event costs from then on: 90s:KXBTC15M=quadratic:0.5, 90s:EVENT=none");
  c->add_option("--pause", o->pauses,
                "an exchange pause that nobody announced: 90s:60s:2, after so much virtual time, how long, shard");
  c->add_option("--tier", o->venue.tier, "rate limits: basic, advanced, expert, premier, paragon, prime, prestige")
      ->capture_default_str();
  c->add_flag("--ed25519", o->venue.ed25519, "an Ed25519 key instead of RSA");
  c->add_option("--key-folder", o->venue.key_folder, "where the fresh key file is put; default: the temporary folder");
  c->add_option("--kalshi-port", o->venue.kalshi_port, "default: any free one");
  c->add_option("--kraken-port", o->venue.kraken_port, "default: any free one");
  c->add_option("--faults", o->faults_file, "a fault script (docs/VENUES.md)");
  c->footer(
      "Prints one JSON line when ready: kalshi_rest, kalshi_ws, kalshi_key_id, kalshi_key_file, kraken_rest,\n"
      "kraken_ws_v1, kraken_ws_v2. All prices are simulated.\n\nExample: voltage venue --seed 7 --speed 20");
  return {c, [o] { return serve(*o); }};
}

}  // namespace voltage::app
