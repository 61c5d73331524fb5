// voltage probe: settles what is assumed of Kalshi on a real account, and keeps what was seen.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/journal/run_folder.hpp"
#include "app/live/config.hpp"
#include "io/json_writer.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/probe.hpp"
#include "venue/kalshi/signature.hpp"
#include "venue/live_feeds.hpp"
#include "venue/net/client.hpp"

namespace voltage::app {
namespace {

using venue::kalshi::ProbeAnswer;

struct Options {
  venue::Endpoints endpoints;
  std::string config, venue_file, env, findings;
  double max_usd{0};
  bool live{false}, list{false}, json{false};
};

constexpr Duration kTimeout{15'000'000'000};

// Requests one after the other, each waited for.
class Asker {
 public:
  Asker(venue::net::Url url, const Options& o, venue::kalshi::Key key)
      : options_{o}, key_{std::move(key)}, client_{loop_, std::move(url), o.endpoints.ca_file} {}

  Result<ProbeAnswer> ask(const std::string& method, const std::string& target, const std::string& body,
                          Duration late) {
    const Time at = venue::wall_now() + late;
    const std::string path = client_.base().path + target.substr(0, target.find('?'));
    const auto signature = key_.sign(at, method, path);
    if (!signature) return tl::unexpected(signature.error());
    venue::net::Request request{method, target, body, {}};
    request.headers["KALSHI-ACCESS-KEY"] = options_.endpoints.kalshi_key_id;
    request.headers["KALSHI-ACCESS-TIMESTAMP"] = std::to_string(at.ms());
    request.headers["KALSHI-ACCESS-SIGNATURE"] = *signature;
    std::optional<venue::net::Outcome> outcome;
    client_.send(std::move(request), kTimeout, [&](const venue::net::Outcome& o) {
      outcome = o;
      loop_.stop();
    });
    loop_.run();
    if (outcome->delivery != venue::net::Delivery::answered) return fail(outcome->why);
    return ProbeAnswer{outcome->response.status, std::move(outcome->response.body)};
  }

 private:
  const Options& options_;
  venue::kalshi::Key key_;
  venue::net::Loop loop_;
  venue::net::HttpClient client_;
};

int print_register(const std::vector<venue::Finding>& findings) {
  for (const auto& row : venue::assumptions()) {
    const auto verdict = venue::verdict_for_production(row, findings);
    fmt::print("{:18} {:6} {}\n{:25} assumed: {}\n{:25} if wrong: {}\n{:25} proof: {}\n", row.id, venue::name(verdict),
               row.question, "", row.assumed, "", row.if_wrong, row.money ? "[money] " : "", row.proof);
    for (const auto& f : findings) {
      if (f.id == row.id) fmt::print("{:25} {}: {}: {}\n", "", venue::name(f.where), venue::name(f.verdict), f.seen);
    }
  }
  return 0;
}

std::string as_json(venue::Environment where, const std::vector<venue::Finding>& findings) {
  io::JsonWriter w;
  w.begin_object().string("environment", venue::name(where)).begin_array("findings");
  for (const auto& f : findings) {
    w.begin_object().string("id", f.id).string("verdict", venue::name(f.verdict)).string("seen", f.seen).end_object();
  }
  return w.end_array().end_object().take();
}

// What is named is taken over in this order: the configuration, --env, the ready line of a virtual venue.
Status settle_endpoints(Options& o) {
  std::string data{journal::kDataDefault};
  const venue::Endpoints given = o.endpoints;
  if (!o.config.empty()) {
    live::LiveConfig config;
    if (auto read = live::read_config(o.config, config); !read) return read;
    o.endpoints = config.endpoints;
    if (!config.data.empty()) data = config.data;
    if (!given.kalshi_key_id.empty()) o.endpoints.kalshi_key_id = given.kalshi_key_id;
    if (!given.kalshi_key_file.empty()) o.endpoints.kalshi_key_file = given.kalshi_key_file;
  }
  if (o.env == "demo") o.endpoints.kalshi_rest = "https://external-api.demo.kalshi.co/trade-api/v2";
  if (o.env == "live") o.endpoints.kalshi_rest = venue::Endpoints{}.kalshi_rest;
  if (o.findings.empty()) o.findings = venue::findings_file(data);
  return o.venue_file.empty() ? Status{} : venue::read_endpoints(o.venue_file, o.endpoints);
}

Result<int> probe(Options options) {
  if (const auto settled = settle_endpoints(options); !settled) return tl::unexpected(settled.error());
  auto known = venue::read_findings(options.findings);
  if (!known) return tl::unexpected(known.error());
  if (options.list) return print_register(*known);
  auto& e = options.endpoints;
  const auto where = venue::environment_of(e.kalshi_rest);
  if (options.max_usd >= 1 && where == venue::Environment::production && !options.live)
    return fail("orders on production need --live: at most " + fmt::format("${:.2f}", options.max_usd) + " is at risk");
  if (e.kalshi_key_id.empty() || e.kalshi_key_file.empty())
    return fail("a key is needed: --key-id and --key-file (or --venue with the ready line of voltage venue)");
  auto key = venue::kalshi::Key::read(e.kalshi_key_file);
  if (!key) return tl::unexpected(key.error());
  auto url = venue::net::Url::parse(e.kalshi_rest);
  if (!url) return fail("--kalshi-rest: " + url.error().message);
  Asker asker{std::move(*url), options, std::move(*key)};
  venue::kalshi::ProbeRules rules;
  rules.environment = where;
  rules.spend_max = Money{static_cast<std::int64_t>(options.max_usd * 1e6)};
  rules.run = fmt::format("probe-{}", venue::wall_now().ms());
  const venue::kalshi::ProbeWorld world{
      [&](const std::string& method, const std::string& target, const std::string& body, Duration late) {
        return asker.ask(method, target, body, late);
      },
      [](Duration d) { std::this_thread::sleep_for(std::chrono::nanoseconds{d.ns}); },
      [] { return venue::wall_now(); }};
  const auto found = venue::kalshi::probe(rules, world);
  if (!found) return tl::unexpected(found.error());
  venue::merge(*known, *found);
  if (const auto written = venue::write_findings(options.findings, *known); !written)
    return tl::unexpected(written.error());
  bool wrong = false;
  for (const auto& f : *found) {
    wrong = wrong || f.verdict == venue::Verdict::wrong;
    if (!options.json) fmt::print("{:18} {:6} {}\n", f.id, venue::name(f.verdict), f.seen);
  }
  if (options.json) fmt::print("{}\n", as_json(where, *found));
  return wrong ? 1 : 0;
}

}  // namespace

Command add_probe(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("probe", "Settle on a real account what is assumed of Kalshi; keep what was seen");
  c->add_option("--config", o->config, "the configuration of live, TOML (docs/LIVE.md)");
  c->add_option("--env", o->env, "demo or live: Kalshi's own URLs")->check(CLI::IsMember({"demo", "live"}));
  c->add_option("--venue", o->venue_file, "a file with the line that voltage venue printed");
  c->add_option("--kalshi-rest", o->endpoints.kalshi_rest)->capture_default_str();
  c->add_option("--key-id", o->endpoints.kalshi_key_id, "Kalshi's key id");
  c->add_option("--key-file", o->endpoints.kalshi_key_file, "its private key, PEM, mode 0600");
  c->add_option("--ca-file", o->endpoints.ca_file, "a certificate to trust besides the system's");
  c->add_option("--max-usd", o->max_usd, "at most this much at risk; below 1 nothing is ordered")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  c->add_flag("--live", o->live, "said once more: orders on production");
  c->add_option("--findings", o->findings, "where they are kept; default: assumptions.json beside the runs");
  c->add_flag("--list", o->list, "print the register and what is known; ask nobody");
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Without --max-usd only what reading can tell. With it: one order at a cent, and one contract there and back.\n"
      "Live trading is refused while a row that touches money is open. What a virtual venue says proves nothing.\n\n"
      "Example: voltage probe --env demo --key-id ID --key-file demo.pem --max-usd 1");
  return {c, [o] { return probe(*o); }};
}

}  // namespace voltage::app
