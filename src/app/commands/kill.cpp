// voltage kill: pulls the kill switch and takes our orders down; clears it, with a reason.
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/guard/config.hpp"
#include "base/decimal.hpp"
#include "io/latch.hpp"
#include "venue/kalshi/sweeper.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

struct Options {
  std::string config, venue_file, control, reason;
  bool clear{false}, status{false}, cancel_all{false}, yes{false};
};

Result<guard::GuardConfig> config_of(const Options& o) {
  guard::GuardConfig config;
  if (!o.config.empty()) {
    auto read = guard::read_config(o.config);
    if (!read) return read;
    config = std::move(*read);
  }
  if (!o.venue_file.empty()) {
    if (const auto read = venue::read_endpoints(o.venue_file, config.endpoints); !read)
      return tl::unexpected(read.error());
  }
  if (!o.control.empty()) config.control = o.control;
  return config;
}

void show(const char* whose, const std::vector<kalshi::Order>& orders) {
  for (const auto& o : orders) {
    fmt::print("{}  {}  {} {} at ${}  {}\n", whose, o.ticker, o.side == Side::bid ? "bid" : "ask",
               format_qty(o.remaining), format_price(o.price), o.order_id);
  }
}

// Sweeps until two lists in a row hold nothing of ours, or the time is up.
class TakeDown {
 public:
  TakeDown(venue::net::Loop& loop, kalshi::SignedRest& rest, const kalshi::Ownership& ownership)
      : loop_{loop}, sweeper_{rest, ownership} {}

  bool run() {
    loop_.post([this] { pass(); });
    loop_.after(20_s, [this] { loop_.stop(); });
    loop_.run();
    return empty_ >= 2;
  }

 private:
  void pass() {
    sweeper_.sweep([this](const kalshi::SweepResult& r) {
      if (!r.listed) {
        fmt::print(stderr, "voltage kill: the venue can't be asked: {}\n", r.why);
      } else if (r.ours.empty()) {
        if (++empty_ >= 2) {
          fmt::print("Nothing of ours rests.\n");
          show("left alone", r.foreign);
          return loop_.stop();
        }
      } else {
        empty_ = 0;
        show("cancelled", r.ours);
        if (!r.why.empty()) fmt::print(stderr, "voltage kill: {}\n", r.why);
      }
      loop_.after(400_ms, [this] { pass(); });
    });
  }

  venue::net::Loop& loop_;
  kalshi::Sweeper sweeper_;
  int empty_{0};
};

// The venue's own cancel-all: what it would hit is shown, and only --yes does it.
Result<int> last_resort(venue::net::Loop& loop, kalshi::SignedRest& rest, const kalshi::Ownership& ownership,
                        bool yes) {
  kalshi::Sweeper sweeper{rest, ownership};
  int code = 1;
  loop.post([&] {
    sweeper.list([&](const kalshi::SweepResult& r) {
      if (!r.listed) fmt::print(stderr, "voltage kill: the venue can't be asked: {}\n", r.why);
      fmt::print("Cancel-all hits every resting order of the account, and orders placed within the next minute:\n");
      show("ours", r.ours);
      show("FOREIGN", r.foreign);
      if (!yes) {
        fmt::print("Nothing was done. Say --yes to do it.\n");
        return loop.stop();
      }
      sweeper.cancel_all([&](bool ok, const std::string& why) {
        fmt::print("{}\n", ok ? std::string{"Cancel-all was accepted."} : "Cancel-all failed: " + why);
        code = ok ? 0 : 1;
        loop.stop();
      });
    });
  });
  loop.after(20_s, [&] { loop.stop(); });
  loop.run();
  return code;
}

Result<int> kill(const Options& o) {
  const auto config = config_of(o);
  if (!config) return tl::unexpected(config.error());
  const io::Latch latch{config->control};
  if (o.status) {
    const auto pulled = latch.pulled();
    if (pulled)
      fmt::print("pulled {} by {}: {}\n", pulled->at, pulled->by, pulled->why);
    else
      fmt::print("not pulled\n");
    return pulled ? 1 : 0;
  }
  if (o.clear) {
    if (auto ok = latch.clear(venue::wall_now(), o.reason); !ok) return tl::unexpected(ok.error());
    fmt::print("The kill switch is cleared. The trader resumes when it is told to or started again.\n");
    return 0;
  }
  const auto pulled = latch.pull(venue::wall_now(), "operator", o.reason.empty() ? "killed by a person" : o.reason);
  // A full disk must not keep orders at the venue.
  if (!pulled) fmt::print(stderr, "voltage kill: {}\n", pulled.error().message);
  if (config->endpoints.kalshi_key_file.empty()) {
    if (!pulled) return 1;
    fmt::print("The kill switch is pulled; no key is given, so orders are left to trader and guard.\n");
    return 0;
  }
  venue::net::Loop loop;
  auto rest = kalshi::SignedRest::make(loop, config->endpoints);
  if (!rest) return tl::unexpected(rest.error());
  if (o.cancel_all) return last_resort(loop, **rest, config->ownership, o.yes);
  if (!TakeDown{loop, **rest, config->ownership}.run())
    return fail("orders of ours may still rest; run it again, or see --cancel-all");
  return pulled ? 0 : 1;
}

}  // namespace

Command add_kill(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("kill", "Pull the kill switch: no new order, and ours taken down; or clear it");
  c->add_option("--config", o->config, "the configuration that live reads too (TOML)");
  c->add_option("--venue", o->venue_file, "a file with the line that voltage venue printed");
  c->add_option("--control", o->control, "folder of the kill switch; default: the configuration's");
  c->add_option("--reason", o->reason, "kept with the switch and in its log; needed to clear it");
  c->add_flag("--status", o->status, "say whether it is pulled (exit 1) or not (0)");
  c->add_flag("--clear", o->clear, "take the switch back");
  c->add_flag("--cancel-all", o->cancel_all, "the venue's cancel-all, which hits foreign orders too: shows them");
  c->add_flag("--yes", o->yes, "with --cancel-all: do it");
  c->footer(
      "It outlives every restart of trader and guard (docs/GUARD.md).\n\n"
      "Example: voltage kill --config voltage.toml --reason 'fees look wrong'");
  return {c, [o] { return kill(*o); }};
}

}  // namespace voltage::app
