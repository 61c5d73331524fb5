// voltage models: the bundles of a store, which one is in use, and the way back.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/lifecycle/retrain.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"
#include "io/candle_file.hpp"
#include "model/bundle_files.hpp"
#include "model/bundle_store.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app {
namespace {

using nlohmann::json;

struct Options {
  std::string store, bundle, sealed{"28d"}, without_test, why;
  std::vector<std::string> candles;
  bool json{false};
};

// Looking at a store does not make one.
Status is_there(const Options& o) {
  if (std::filesystem::is_directory(o.store)) return {};
  return fail(o.store + ": there is no store of bundles; voltage train --every or voltage models promote makes one");
}

Result<int> list(const Options& o) {
  if (const auto there = is_there(o); !there) return tl::unexpected(there.error());
  const auto store = model::BundleStore::open(o.store);
  if (!store) return tl::unexpected(store.error());
  const auto history = store->history();
  if (!history) return tl::unexpected(history.error());
  const auto current = store->current();
  json out = {{"current", current}, {"bundles", json::array()}, {"history", json::array()}};
  for (const auto& hash : store->list()) {
    const auto bundle = model::load_bundle(store->path_of(hash));
    const char* mark = hash == current ? "*" : " ";
    if (!bundle) {
      fmt::print("{} {}  can't be used: {}\n", mark, hash, bundle.error().message);
      out["bundles"].push_back({{"hash", hash}, {"fault", bundle.error().message}});
      continue;
    }
    const auto& f = bundle->facts;
    fmt::print("{} {}  {} to {}  expires {}\n", mark, hash, format_iso(f.trained_from), format_iso(f.trained_to),
               format_iso(f.expires));
    out["bundles"].push_back({{"hash", hash},
                              {"trained_from", format_iso(f.trained_from)},
                              {"trained_to", format_iso(f.trained_to)},
                              {"expires", format_iso(f.expires)}});
  }
  for (const auto& e : *history) {
    fmt::print("{}  {:<11} {}  {}\n", format_iso(e.at), name(e.action), e.hash, e.why);
    out["history"].push_back(
        {{"at", format_iso(e.at)}, {"action", name(e.action)}, {"hash", e.hash}, {"before", e.before}, {"why", e.why}});
  }
  if (current.empty()) fmt::print("none is in use\n");
  if (o.json) fmt::print("{}\n", out.dump());
  return 0;
}

// A hash of the store, or a bundle's folder, which is then added.
Result<std::string> named_bundle(model::BundleStore& store, const std::string& bundle) {
  if (auto found = store.find(bundle)) return found;
  auto added = store.add(bundle);
  if (!added)
    return fail(fmt::format("\"{}\" is neither in the store nor a bundle: {}", bundle, added.error().message));
  return added;
}

Result<int> promote(const Options& o) {
  auto store = model::BundleStore::open(o.store);
  if (!store) return tl::unexpected(store.error());
  if (o.candles.empty() == o.without_test.empty())
    return fail("name --candles to judge it on, or --without-test with the reason");
  const auto sealed = duration_argument("--sealed", o.sealed);
  if (!sealed) return tl::unexpected(sealed.error());
  const auto hash = named_bundle(*store, o.bundle);
  if (!hash) return tl::unexpected(hash.error());
  if (!o.without_test.empty()) {
    if (auto s = store->promote(*hash, venue::wall_now(), "by hand, without a test: " + o.without_test); !s)
      return tl::unexpected(s.error());
    fmt::print("{} is in use, without a test\n", *hash);
    if (o.json) fmt::print("{}\n", json{{"current", *hash}}.dump());
    return 0;
  }
  ProgressBar bar{"models"};
  bar.show("reading candles", 0);
  const auto candles = io::read_candles(o.candles);
  if (!candles) return tl::unexpected(candles.error());
  lifecycle::ChallengeRules rules;
  rules.sealed = *sealed;
  bar.show("judging", 0.2);
  const auto verdict = lifecycle::put_forward(*store, *hash, *candles, rules, venue::wall_now());
  bar.clear();
  if (!verdict) return tl::unexpected(verdict.error());
  for (const auto& e : verdict->events) {
    fmt::print("{:<14} {} {:.5f}  challenger {:.5f}  t {:+.2f}\n", e.event, verdict->opponent, e.opponent, e.challenger,
               e.t);
  }
  fmt::print("{} {}: {}\n", *hash, verdict->promote ? "is in use" : "is refused", verdict->why);
  if (o.json) fmt::print("{}\n", lifecycle::verdict_json(*verdict));
  return verdict->promote ? 0 : 1;
}

Result<int> roll_back(const Options& o) {
  if (const auto there = is_there(o); !there) return tl::unexpected(there.error());
  auto store = model::BundleStore::open(o.store);
  if (!store) return tl::unexpected(store.error());
  const auto from = store->current();
  const auto to = store->roll_back(venue::wall_now(), o.why.empty() ? "by hand" : o.why);
  if (!to) return tl::unexpected(to.error());
  fmt::print("{} is in use again, {} no more\n", *to, from);
  if (o.json) fmt::print("{}\n", json{{"current", *to}, {"before", from}}.dump());
  return 0;
}

void add_common(CLI::App* c, const std::shared_ptr<Options>& o) {
  c->add_option("--store", o->store, "folder of the store")->required();
  c->add_flag("--json", o->json, "one JSON object on the last line");
}

}  // namespace

Command add_models(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c =
      root.add_subcommand("models", "a store of bundles: which is in use, promote one, go back to the one before");
  c->require_subcommand(1);
  auto* shown = c->add_subcommand("list", "all bundles, the one in use marked, and what happened to them");
  add_common(shown, o);
  auto* up = c->add_subcommand("promote", "judge a bundle against the one in use on sealed data; use it if it wins");
  add_common(up, o);
  up->add_option("bundle", o->bundle, "its hash in the store (a prefix will do), or its folder")->required();
  up->add_option("--candles", o->candles, "candles that reach past all training")->check(CLI::ExistingFile);
  up->add_option("--sealed", o->sealed, "how much of their end to judge on")
      ->capture_default_str()
      ->check(duration_problem);
  up->add_option("--without-test", o->without_test, "use it at once, for this reason (it goes into the history)");
  auto* back = c->add_subcommand("rollback", "use the bundle again that was in use before");
  add_common(back, o);
  back->add_option("--why", o->why, "for the history");
  c->footer(
      "Example: voltage models list --store models\n"
      "         voltage models promote new_model --store models --candles btc_2024.csv.gz btc_2025.csv.gz\n"
      "         voltage models rollback --store models");
  return {c, [o, shown, up] {
            if (shown->parsed()) return list(*o);
            return up->parsed() ? promote(*o) : roll_back(*o);
          }};
}

}  // namespace voltage::app
