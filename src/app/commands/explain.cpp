#include <cmath>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/explain.hpp"
#include "app/journal/run_folder.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"

namespace voltage::app {
namespace {

struct Arguments {
  std::string what, run, html, data{journal::kDataDefault};
  std::int64_t check{0};
  bool json{false};
};

Result<std::string> run_folder(const Arguments& a) {
  if (!a.run.empty()) return journal::find_run(a.data, a.run);
  const auto all = journal::run_folders(a.data);
  if (all.empty()) return fail("no run under " + journal::runs_folder(a.data) + "; name one with --run");
  std::string newest = all.front();
  for (const auto& folder : all) {
    std::error_code ec;
    const auto file = "/" + io::segment_name(1);
    if (std::filesystem::last_write_time(folder + file, ec) > std::filesystem::last_write_time(newest + file, ec)) {
      newest = folder;
    }
  }
  return newest;
}

Result<journal::Reason> find(const std::string& folder, const std::string& what) {
  const auto at_sign = what.find('@');
  if (at_sign == std::string::npos) {
    if (what.empty() || what.size() > 19 || what.find_first_not_of("0123456789") != std::string::npos) {
      return fail(what + ": neither an order's number nor MARKET@TIME");
    }
    return journal::explain_order(folder, std::stoull(what));
  }
  const auto at = parse_time(what.substr(at_sign + 1));
  if (!at) return fail(what + ": the time after @ is neither ISO 8601 nor Unix milliseconds");
  return journal::explain_market(folder, what.substr(0, at_sign), *at);
}

std::string to_json(const journal::Reason& r) {
  io::JsonWriter json;
  json.begin_object()
      .raw("seq", std::to_string(r.seq))
      .string("at", format_iso(r.at))
      .string("market", r.contract.ticker);
  if (r.order)
    json.raw("order", std::to_string(r.order->order.v)).price("limit", r.order->limit).qty("qty", r.order->qty);
  if (r.decision) {
    json.raw("fair", std::isnan(r.decision->fair) ? "null" : fmt::format("{}", r.decision->fair))
        .raw("blend", std::isnan(r.decision->blend) ? "null" : fmt::format("{}", r.decision->blend))
        .raw("edge", std::isnan(r.decision->edge) ? "null" : fmt::format("{}", r.decision->edge));
  }
  json.begin_array("vetoes");
  for (const auto& veto : r.vetoes) json.string(veto);
  json.end_array().boolean("equal_to_recorded", true).end_object();
  return json.take();
}

Result<int> run_check(const Arguments& a, const std::string& folder) {
  const auto check = journal::check_explanations(folder, a.check, 1);
  if (!check) return tl::unexpected(check.error());
  fmt::print("{} of {} random orders explained, {} of {} random seconds without one; all equal to what was recorded\n",
             check->orders_explained, check->orders, check->seconds_explained, check->seconds);
  for (const auto& line : check->failures) fmt::print("{}\n", line);
  if (a.json) {
    fmt::print(R"({{"orders":{},"orders_explained":{},"seconds":{},"seconds_explained":{}}})"
               "\n",
               check->orders, check->orders_explained, check->seconds, check->seconds_explained);
  }
  return check->failures.empty() ? 0 : 1;
}

Result<int> run(const Arguments& a) {
  const auto folder = run_folder(a);
  if (!folder) return tl::unexpected(folder.error());
  if (a.check > 0) return run_check(a, *folder);
  const auto reason = find(*folder, a.what);
  if (!reason) return tl::unexpected(reason.error());
  fmt::print("{}Run again from the journal: equal to what was recorded.\n", reason->text);
  if (!a.html.empty()) {
    if (const auto written = io::write_file(a.html, reason->page); !written) return tl::unexpected(written.error());
    fmt::print("Page: {}\n", a.html);
  }
  if (a.json) fmt::print("{}\n", to_json(*reason));
  return 0;
}

}  // namespace

Command add_explain(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("explain", "Why an order was placed, or why none was");
  c->add_option("what", a->what, "an order's number, or MARKET@TIME");
  c->add_option("--run", a->run, "name of a run or its folder; the newest if not given");
  add_runs_folder(*c, a->data);
  c->add_option("--check", a->check, "instead: explain so many random orders and seconds, exit 1 if one can't be");
  c->add_option("--html", a->html,
                "write the explanation as a page: book, candles, features, members, density, limits");
  c->add_flag("--json", a->json, "print the result as JSON on the last line");
  c->footer(
      "Example:\n  voltage explain 4294967298 --html why.html\n  voltage explain "
      "SIM15M-26MAR010015-15@2026-03-01T00:05:00Z");
  return {c, [a] { return run(*a); }};
}

}  // namespace voltage::app
