// voltage live: the whole loop with orders that leave.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/live_options.hpp"
#include "app/doctor/doctor.hpp"
#include "app/live/report.hpp"
#include "app/live/session.hpp"
#include "base/decimal.hpp"
#include "io/folder_lock.hpp"
#include "venue/assumptions.hpp"

namespace voltage::app {
namespace {

struct Options : LiveOptions {
  bool live{false}, shadow{false}, resume{false};
  std::vector<std::string> accept;
};

constexpr const char* kEligibility =
    "Trading event contracts can lose all that is put in. Kalshi's own rules say who may trade there; by going on you\n"
    "say that you are one of them and that the account and its key are yours.\n";

std::string dollars(Money m) {
  const std::string text = format_money(m);
  return text.substr(0, text.find('.') + 3);
}

// Without --live: what would be at stake. The account is read, nothing is changed.
Result<int> refuse(const live::SessionOptions& session) {
  const auto account = live::open_account(session.config, false);
  if (!account) {
    return fail(fmt::format(
        "nothing was sent: orders leave only with --live. By the limits alone the most you can lose today is ${}; the "
        "account can't be read: {}",
        dollars(live::loss_max_today(session.config, Money{kQtyMax.centis})), account.error().message));
  }
  return fail(fmt::format("nothing was sent: orders leave only with --live. The most you can lose today is ${}",
                          dollars(live::loss_max_today(session.config, account->cash))));
}

// What others have on the account: seen, counted by the venue against its cash, and left alone.
std::string foreign_orders(const live::Opening& opening) {
  if (opening.foreign.empty()) return "";
  constexpr std::size_t kShown = 20;
  std::string out = fmt::format("Orders of others, ${} of the account's cash held back for them:\n",
                                dollars(opening.foreign_reserved));
  for (std::size_t i = 0; i < std::min(kShown, opening.foreign.size()); ++i) {
    const auto& o = opening.foreign[i];
    out += fmt::format("  {} {} {} YES at {}\n", o.ticker, o.side == Side::bid ? "buys" : "sells",
                       format_qty(o.remaining), format_price(o.price));
  }
  if (opening.foreign.size() > kShown) out += fmt::format("  and {} more\n", opening.foreign.size() - kShown);
  return out;
}

Result<int> end(const live::SessionOptions& session, const live::SessionReport& report, bool as_json) {
  if (session.shadow) {
    fmt::print(
        "\nShadow: orders were composed and not sent ({}/unsent.ndjson); fills were simulated on the live books.\n",
        report.folder);
  } else {
    fmt::print("\nLive: orders went to the venue.\n");
  }
  fmt::print("{}", live::summary(report));
  if (as_json) fmt::print("{}\n", live::json(report));
  if (session.account && !report.equal.value_or(false)) return fail("our books are not the venue's: " + report.why);
  return 0;
}

Result<int> trade(const Options& options) {
  auto session = session_of(options);
  if (!session) return tl::unexpected(session.error());
  if (options.shadow) session->config.rung = "shadow";
  const bool sends = !live::in_shadow(session->config);
  if (!options.live && !options.shadow) return refuse(*session);
  if (!session->config.cap) return fail("a cap is needed: --cap DOLLARS, or cap = \"…\" in the configuration");
  if (session->config.data.empty()) return fail("live keeps a journal: --data or data = \"…\" must name a folder");
  if (const auto ready = live::stand_on_rung(session->config); !ready) return tl::unexpected(ready.error());
  const auto findings = venue::read_findings(venue::findings_file(session->config.data));
  if (!findings) return tl::unexpected(findings.error());
  const auto where = venue::environment_of(session->config.endpoints.kalshi_rest);
  if (const auto fit = venue::may_risk_money(where, *findings, options.accept); sends && !fit)
    return fail("nothing was sent: " + fit.error().message + " (--accept NAME)");
  const auto lock = io::FolderLock::take(session->config.data);
  if (!lock) return tl::unexpected(lock.error());
  auto facts = doctor::gather(session->config, sends, options.accept, false);
  doctor::look_at_page(options.watch, facts);
  const auto examined = [&]() -> Status {
    const auto lines = doctor::judge(facts, session->config, options.resume);
    if (doctor::any_red(lines) || facts.statement) fmt::print("{}\n", doctor::text(lines));
    std::fflush(stdout);
    if (!doctor::any_red(lines)) return {};
    return fail("not ready, nothing was sent: " + doctor::first_red(lines));
  };
  if (const auto fit = examined(); !fit) return tl::unexpected(fit.error());
  if (facts.before) session->losses = facts.before->losses;
  for (const auto& [series, fees] : facts.fees) session->config.feeds.fees[series] = *fees;
  auto account = live::open_account(session->config, sends);
  if (!account) return tl::unexpected(account.error());
  facts.statement = account->statement;
  if (const auto fit = examined(); !fit) return tl::unexpected(fit.error());
  (sends ? session->account : session->shadow) = std::move(*account);
  session->resumed = options.resume;
  if (facts.before) {
    // Paid in while nothing ran, it would look like a gain that may be lost again on top of the day's limit.
    const auto moved = live::moved_since(session->config, facts.before->known_until, facts.before->moves);
    if (!moved) return fail("deposits and withdrawals since the run before can't be read: " + moved.error().message);
    session->losses.deposit(*moved);
  }
  const live::Opening& opening = sends ? *session->account : *session->shadow;
  fmt::print(
      "{}\nKalshi at {}: ${} on the account, {} held, {} orders of others left alone, {} old ones of ours "
      "cancelled.\n{}The most you can lose today is ${}{}.\n\n",
      kEligibility, session->config.endpoints.kalshi_rest, dollars(opening.cash), opening.tickers.size(),
      opening.foreign.size(), opening.cancelled, foreign_orders(opening),
      dollars(live::loss_max_today(session->config, opening.cash, session->losses)),
      sends ? "" : " if these orders were sent; they are not");
  std::fflush(stdout);
  const auto report = live::run_session(*session);
  if (!report) return tl::unexpected(report.error());
  return end(*session, *report, options.json);
}

}  // namespace

Command add_live(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("live", "Trade on the venue that the configuration names; refuses without --live");
  add_live_options(*c, *o);
  c->add_flag("--live", o->live, "orders leave; without it the command says what could be lost, and ends");
  c->add_flag("--shadow", o->shadow, "as --live in everything, but each order is composed and written down, not sent")
      ->excludes("--live");
  c->add_flag("--resume", o->resume, "a person lifts the halt that the run before left");
  c->add_option("--cap", o->cap, "dollars that may be lost in a day, whatever the configuration's limits say");
  c->add_option("--accept", o->accept, "assumptions that touch money and are not proved (voltage probe --list)")
      ->delimiter(',');
  c->footer(
      "The base URLs and the key in the configuration choose production, Kalshi's demo or a virtual venue, and\n"
      "nothing else does. Exit 1 if the books at the end are not the venue's.\n\n"
      "Example: voltage live --live --config live.toml --cap 100");
  return {c, [o] { return trade(*o); }};
}

}  // namespace voltage::app
