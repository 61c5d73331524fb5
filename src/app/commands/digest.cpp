// voltage digest: the week in one page and one message.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/digest/digest.hpp"
#include "app/journal/run_folder.hpp"
#include "app/watch/webhooks.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "venue/live_feeds.hpp"
#include "venue/net/client.hpp"

namespace voltage::app {
namespace {

using namespace literals;

struct Arguments {
  std::string from, to, html, send, data{journal::kDataDefault};
  std::vector<std::string> kinds;
  bool json{false};
};

// To every webhook of the file; fails if one of them does not take it.
Status send(const std::string& file, const std::string& text) {
  const auto hooks = watch::read_hooks(file);
  if (!hooks) return tl::unexpected(hooks.error());
  if (hooks->hooks.empty()) return fail(file + ": names no webhook");
  std::string refused;
  for (const auto& hook : hooks->hooks) {
    venue::net::Loop loop;
    venue::net::HttpClient client{loop, *venue::net::Url::parse(hook.url)};
    venue::net::Outcome outcome;
    client.send(watch::note_of(hook, "voltage: digest", text), 15_s, [&](venue::net::Outcome o) {
      outcome = std::move(o);
      loop.stop();
    });
    loop.run();
    const bool taken = outcome.delivery == venue::net::Delivery::answered && outcome.response.status < 300;
    if (!taken) refused += fmt::format("{}{}", refused.empty() ? "" : ", ", watch::name(hook.kind));
  }
  if (!refused.empty()) return fail("the message was not taken by: " + refused);
  return {};
}

Result<int> run(const Arguments& a) {
  digest::Window window;
  const auto to = a.to.empty() ? std::optional{venue::wall_now()} : parse_time(a.to);
  if (!to) return fail("--to " + a.to + ": not a time");
  window.to = *to;
  const auto from = a.from.empty() ? std::optional{*to - 24_h * 7} : parse_time(a.from);
  if (!from) return fail("--from " + a.from + ": not a time");
  window.from = *from;
  const auto made = digest::make(a.data, window, a.kinds);
  if (!made) return tl::unexpected(made.error());
  for (const auto& why : made->refused) fmt::print(stderr, "voltage digest: {}\n", why);
  if (made->runs.empty()) return fail("no run of that time under " + journal::runs_folder(a.data));
  const std::string text = digest::message(*made);
  fmt::print("{}", text);
  if (!a.html.empty()) {
    if (const auto written = io::write_file(a.html, digest::page(*made)); !written)
      return tl::unexpected(written.error());
    fmt::print("Page: {}\n", a.html);
  }
  if (!a.send.empty()) {
    if (const auto sent = send(a.send, text); !sent) return tl::unexpected(sent.error());
  }
  if (a.json) fmt::print("{}\n", digest::json(*made));
  return 0;
}

}  // namespace

Command add_digest(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("digest", "The week: earned, how sure, evidence, calibration, incidents");
  c->add_option("--from", a->from, "of the run's time; default: a week before --to");
  c->add_option("--to", a->to, "default: now");
  c->add_option("--kind", a->kinds, "runs of these kinds alone (demo, paper, live)")->delimiter(',');
  add_runs_folder(*c, a->data);
  c->add_option("--html", a->html, "write it as a page");
  c->add_option("--send", a->send, "send the message to the webhooks of this file (as of --alerts)");
  c->add_flag("--json", a->json, "one JSON object as the last line");
  c->footer(
      "Every run is run again from its journal, so that every number is one that happened.\n\n"
      "Example:\n  voltage digest --kind paper,live --html week.html --send webhooks");
  return {c, [a] { return run(*a); }};
}

}  // namespace voltage::app
