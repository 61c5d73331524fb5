// voltage ledger: the books made again from the venue, settlements and fees audited, disposals for taxes.
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/books/audit.hpp"
#include "app/books/rebuild.hpp"
#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/guard/config.hpp"
#include "app/journal/replay.hpp"
#include "app/journal/run_folder.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string config, venue_file, run, data{journal::kDataDefault}, out;
  bool json{false};
};

struct Account {
  guard::GuardConfig config;
  books::VenueHistory history;
};

Result<Account> account_of(const Options& o) {
  Account a;
  if (o.config.empty() && o.venue_file.empty()) return fail("--config or --venue is needed: which account?");
  if (!o.config.empty()) {
    auto read = guard::read_config(o.config);
    if (!read) return tl::unexpected(read.error());
    a.config = std::move(*read);
  }
  if (!o.venue_file.empty()) {
    if (const auto read = venue::read_endpoints(o.venue_file, a.config.endpoints); !read)
      return tl::unexpected(read.error());
  }
  auto history = books::read_history(a.config.endpoints);
  if (!history) return tl::unexpected(history.error());
  a.history = std::move(*history);
  return a;
}

// A run's ledger and the index as it recorded it.
struct OldRun {
  std::vector<books::Line> lines;
  books::IndexTape index;
};

Result<OldRun> read_run(const Options& o) {
  const auto folder = journal::find_run(o.data, o.run);
  if (!folder) return tl::unexpected(folder.error());
  auto replayer = journal::Replayer::open(*folder);
  if (!replayer) return tl::unexpected(replayer.error());
  OldRun out;
  for (;;) {
    const auto next = (*replayer)->peek();
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    if (const auto* index = std::get_if<event::IndexSeen>(&(*next)->what))
      out.index[index->value_time.ns / 1'000'000'000] = index->value.e8;
    const auto acted = (*replayer)->act();
    if (!acted) return tl::unexpected(acted.error());
  }
  std::vector<std::string> tickers;
  for (const auto& listing : (*replayer)->core().engine().books().all()) {
    const auto id = listing.contract.id.v;
    if (tickers.size() <= id) tickers.resize(id + 1);
    tickers[id] = listing.contract.ticker;
  }
  out.lines = books::lines_of((*replayer)->core().engine().ledger(), tickers);
  return out;
}

void show_cash(const books::VenueHistory& h) {
  fmt::print("cash ${}", format_money(h.balance.total));
  for (const auto& [shard, cash] : h.balance.by_shard) fmt::print("  shard {}: ${}", shard, format_money(cash));
  fmt::print("\n");
}

// The lists are read one after the other: a settlement between two of them looks like a difference, once.
constexpr int kReadings = 3;

Result<int> run_rebuild(const Options& o) {
  auto account = account_of(o);
  if (!account) return tl::unexpected(account.error());
  auto made = books::rebuild(account->history, account->config.ownership);
  for (int i = 1; i < kReadings && made && !made->differences.empty(); ++i) {
    account = account_of(o);
    if (!account) return tl::unexpected(account.error());
    made = books::rebuild(account->history, account->config.ownership);
  }
  if (!made) return tl::unexpected(made.error());
  auto wrong = made->differences;
  bool compared = false;
  if (!o.run.empty()) {
    const auto old = read_run(o);
    if (!old) return tl::unexpected(old.error());
    compared = true;
    for (auto& line : books::compare(old->lines, made->ours)) wrong.push_back("run " + o.run + ": " + line);
    fmt::print("{} contracts of run {}\n", old->lines.size(), o.run);
  }
  show_cash(account->history);
  for (const auto& line : made->ours) {
    if (line.held.centis != 0) fmt::print("{}  ours: {} YES\n", line.ticker, format_qty(line.held));
  }
  fmt::print("{} fills of ours in {} contracts: realised ${}, fees ${}; {} foreign fills, left apart\n", made->fills,
             made->ours.size(), format_money(made->realised), format_money(made->fees), made->foreign_fills);
  for (const auto& line : wrong) fmt::print("DIFFERENT  {}\n", line);
  if (wrong.empty()) fmt::print("equal to the venue's positions{}\n", compared ? " and to the run's ledger" : "");
  if (o.json) {
    io::JsonWriter w;
    w.begin_object().boolean("equal", wrong.empty()).integer("contracts", static_cast<std::int64_t>(made->ours.size()));
    w.integer("fills", made->fills).integer("foreign_fills", made->foreign_fills).money("realised", made->realised);
    w.money("fees", made->fees).money("cash", account->history.balance.total).begin_object("cash_by_shard");
    for (const auto& [shard, cash] : account->history.balance.by_shard) w.money(std::to_string(shard), cash);
    fmt::print("{}\n", w.end_object().end_object().take());
  }
  return wrong.empty() ? 0 : 1;
}

Result<int> run_audit(const Options& o) {
  const auto account = account_of(o);
  if (!account) return tl::unexpected(account.error());
  books::IndexTape index;
  if (!o.run.empty()) {
    auto old = read_run(o);
    if (!old) return tl::unexpected(old.error());
    index = std::move(old->index);
  }
  const auto audited = books::audit(account->history, index);
  if (!audited) return tl::unexpected(audited.error());
  const books::Audit& found = *audited;
  std::int64_t averaged = 0;
  for (const auto& s : found.settlements) {
    averaged += s.own_average.has_value();
    if (!s.wrong.empty()) fmt::print("WRONG  {} {}: {}\n", format_iso(s.at), s.ticker, s.wrong);
  }
  for (const auto& w : found.fees.wrong) fmt::print("WRONG  fee: {}\n", w);
  fmt::print(
      "{} settlements, {} of them against our own average of 60 values; {} fees, {} equal to the schedule "
      "(charged ${}, computed ${}): {}\n",
      found.settlements.size(), averaged, found.fees.fills, found.fees.equal, format_money(found.fees.charged),
      format_money(found.fees.expected), found.clean() ? "clean" : "NOT clean");
  if (o.json) {
    io::JsonWriter w;
    w.begin_object().boolean("clean", found.clean());
    w.integer("settlements", static_cast<std::int64_t>(found.settlements.size())).integer("own_averages", averaged);
    w.integer("fees", found.fees.fills).integer("fees_equal", found.fees.equal);
    w.money("fees_charged", found.fees.charged).money("fees_computed", found.fees.expected).end_object();
    fmt::print("{}\n", w.take());
  }
  return found.clean() ? 0 : 1;
}

Result<int> run_export(const Options& o) {
  const auto account = account_of(o);
  if (!account) return tl::unexpected(account.error());
  const std::string csv = books::tax_csv(account->history, account->config.ownership);
  if (o.out.empty()) {
    fmt::print("{}", csv);
    return 0;
  }
  if (auto ok = io::write_file(o.out, csv); !ok) return tl::unexpected(ok.error());
  return 0;
}

}  // namespace

Command add_ledger(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("ledger", "The books from the venue alone: rebuild, audit, export");
  c->require_subcommand(1);
  const auto with_account = [&](const char* name, const char* what) {
    auto* sub = c->add_subcommand(name, what);
    sub->add_option("--config", o->config, "the configuration that live reads too (TOML)");
    sub->add_option("--venue", o->venue_file, "a file with the line that voltage venue printed");
    return sub;
  };
  const auto with_run = [&](CLI::App* sub, const char* what) {
    sub->add_option("--run", o->run, what);
    add_runs_folder(*sub, o->data);
    sub->add_flag("--json", o->json, "one JSON object as the last line");
  };
  auto* rebuild = with_account("rebuild", "Make our books again from the venue; exit 1 if anything differs");
  with_run(rebuild, "hold them against this run's ledger too");
  auto* audit = with_account("audit", "Each settlement and fee against our own computation; exit 1 if one differs");
  with_run(audit, "with the index values that this run recorded");
  auto* tax = with_account("export", "Disposals, first in first out, as CSV for a tax adviser");
  tax->add_option("--out", o->out, "file; default: the terminal");
  c->footer("Example: voltage ledger rebuild --config voltage.toml --run live-20261122T160000Z");
  return {c, [o, rebuild, audit] {
            return rebuild->parsed() ? run_rebuild(*o) : audit->parsed() ? run_audit(*o) : run_export(*o);
          }};
}

}  // namespace voltage::app
