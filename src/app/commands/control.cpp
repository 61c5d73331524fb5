// voltage control: what a person says to a run that is under way, and how it is, from a terminal.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/run_folder.hpp"
#include "app/watch/access.hpp"
#include "io/json_writer.hpp"
#include "venue/net/client.hpp"

namespace voltage::app {
namespace {

using namespace literals;

struct Arguments {
  std::string action, reason, data{journal::kDataDefault};
};

Result<venue::net::Response> ask(std::uint16_t port, venue::net::Request request) {
  venue::net::Loop loop;
  const auto url = venue::net::Url::parse(fmt::format("http://127.0.0.1:{}", port));
  if (!url) return tl::unexpected(url.error());
  venue::net::HttpClient client{loop, *url};
  venue::net::Outcome outcome;
  client.send(std::move(request), 5_s, [&](venue::net::Outcome o) {
    outcome = std::move(o);
    loop.stop();
  });
  loop.run();
  if (outcome.delivery == venue::net::Delivery::answered) return outcome.response;
  return fail(fmt::format("no answer from 127.0.0.1:{} ({}): the run is gone or hangs", port, outcome.why));
}

Result<int> control(const Arguments& a) {
  const auto file = watch::read_control_file(a.data);
  if (!file) return tl::unexpected(file.error());
  const bool asks = a.action == "health" || a.action == "ready" || a.action == "status";
  venue::net::Request request;
  if (asks) {
    const char* target = a.action == "health" ? "/healthz" : a.action == "ready" ? "/readyz" : "/status.json";
    request = {"GET", target, "", {{"authorization", "Bearer " + file->token}}};
  } else {
    if (a.reason.empty()) return fail(a.action + " needs a --reason; it is kept in the journal");
    io::JsonWriter body;
    body.begin_object().string("action", a.action).string("reason", a.reason);
    request = {"POST", "/control", body.end_object().take(), {{"authorization", "Bearer " + file->token}}};
  }
  const auto response = ask(file->port, std::move(request));
  if (!response) return tl::unexpected(response.error());
  std::string text = response->body;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (response->status >= 200 && response->status < 300) {
    fmt::print("{}\n", text);
    return 0;
  }
  if (!asks) return fail(text);
  fmt::print("{}\n", text);
  return 1;
}

}  // namespace

Command add_control(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("control", "Pause, resume or kill a run that serves a dashboard; ask how it is");
  c->add_option("action", a->action, "pause, resume, kill; health, ready, status")
      ->required()
      ->check(CLI::IsMember({"pause", "resume", "kill", "health", "ready", "status"}));
  c->add_option("--reason", a->reason, "why; goes into the journal with the action");
  add_runs_folder(*c, a->data, "the data folder of the run");
  c->footer(
      "pause: no new orders; kill: open ones are cancelled too; resume: ends both. health and ready exit with 1 when\n"
      "they are not.\n\nExample:\n  voltage control pause --reason \"news at 14:30\"");
  return {c, [a] { return control(*a); }};
}

}  // namespace voltage::app
