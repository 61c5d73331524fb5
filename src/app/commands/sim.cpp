#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/sim/simulation.hpp"
#include "app/terminal.hpp"
#include "app/version.hpp"

namespace voltage::app {
namespace {

using namespace literals;

struct Arguments {
  std::string seeds{"1..200"}, canary;
  unsigned threads{2};
  std::string crash_sweep;
  std::int64_t stride{1};
  bool json{false};
};

struct Seeds {
  std::uint64_t from{}, to{};
};

Result<Seeds> parse_seeds(const std::string& text) {
  const auto dots = text.find("..");
  const std::string from = text.substr(0, dots), to = dots == std::string::npos ? from : text.substr(dots + 2);
  const auto digits = [](const std::string& s) {
    return !s.empty() && s.size() < 19 && s.find_first_not_of("0123456789") == std::string::npos;
  };
  if (!digits(from) || !digits(to) || std::stoull(from) > std::stoull(to)) {
    return fail("--seeds " + text + ": not a range; write 1..200, both ends included");
  }
  return Seeds{std::stoull(from), std::stoull(to)};
}

struct Canary {
  const char* name;
  bool sim::Canaries::* bug;
};
constexpr std::array kCanaries{Canary{"lost-answer-is-refusal", &sim::Canaries::lost_answer_is_refusal},
                               Canary{"lost-amend-is-refusal", &sim::Canaries::lost_amend_is_refusal},
                               Canary{"cancels-dropped", &sim::Canaries::cancels_dropped},
                               Canary{"fills-of-a-minute", &sim::Canaries::fills_of_a_minute},
                               Canary{"second-fill-is-new", &sim::Canaries::second_fill_is_new},
                               Canary{"gaps-ignored", &sim::Canaries::gaps_ignored},
                               Canary{"caps-ignored", &sim::Canaries::caps_ignored},
                               Canary{"path-ignored", &sim::Canaries::path_ignored},
                               Canary{"delta-ignored", &sim::Canaries::delta_ignored},
                               Canary{"vega-ignored", &sim::Canaries::vega_ignored},
                               Canary{"old-quotes-left", &sim::Canaries::old_quotes_left},
                               Canary{"forecast-age-ignored", &sim::Canaries::forecast_age_ignored}};

std::string canary_names() {
  std::string out;
  for (const auto& c : kCanaries) out += (out.empty() ? "" : ", ") + std::string{c.name};
  return out;
}

Result<sim::Canaries> parse_canary(const std::string& name) {
  sim::Canaries bugs;
  if (name.empty()) return bugs;
  for (const auto& c : kCanaries) {
    if (name != c.name) continue;
    bugs.*c.bug = true;
    return bugs;
  }
  return fail("--canary " + name + ": one of " + canary_names());
}

struct Total {
  std::int64_t seeds{0}, events{0}, book_messages{0}, contracts{0}, orders{0}, fills{0}, faults{0}, crashes{0};
  std::int64_t quotes{0}, amends{0}, amends_cut{0}, maker_fills{0};
  std::int64_t orders_least{-1}, book_messages_least{-1}, fault_kinds_least{-1};
  std::vector<sim::SimResult> failed;
};

void add(const sim::SimResult& r, Total& total) {
  ++total.seeds;
  total.events += r.events;
  total.book_messages += r.book_messages;
  total.contracts += r.contracts;
  total.orders += r.orders;
  total.fills += r.fills;
  total.quotes += r.quotes;
  total.amends += r.amends;
  total.amends_cut += r.amends_cut;
  total.maker_fills += r.maker_fills;
  total.crashes += r.crashes;
  total.faults += static_cast<std::int64_t>(r.faults.size());
  if (!r.violation.empty()) {
    total.failed.push_back(r);
    return;
  }
  std::uint32_t kinds = 0;
  for (const auto& f : r.faults) kinds |= 1U << static_cast<unsigned>(f.kind);
  const auto least = [](std::int64_t& low, std::int64_t value) { low = low < 0 ? value : std::min(low, value); };
  least(total.orders_least, r.orders);
  least(total.book_messages_least, r.book_messages);
  least(total.fault_kinds_least, std::popcount(kinds));
}

void tell_failure(const sim::SimResult& r, const sim::SimOptions& options, const std::string& canary) {
  fmt::print("seed {}, commit {}: seq {}: {}\n", r.seed, commit(), r.violation_seq, r.violation);
  const auto small = sim::shrink(r, options);
  fmt::print("  with {} of its {} faults left: seq {}: {}\n", small.faults.size(), r.faults.size(), small.violation_seq,
             small.violation);
  for (const auto& f : small.faults) {
    fmt::print("  {:>9.3f} s  {} for {:.3f} s\n", static_cast<double>(f.at.ns % (1_h).ns) * 1e-9, sim::name(f.kind),
               f.length.seconds());
  }
  fmt::print("  again: voltage sim --seeds {0}..{0}{1}\n", r.seed, canary.empty() ? "" : " --canary " + canary);
}

// A ten-minute session, say, killed at each record of its journal in turn.
Result<int> sweep(const Arguments& a) {
  const auto span = duration_argument("--crash-sweep", a.crash_sweep);
  if (!span) return tl::unexpected(span.error());
  const auto seeds = parse_seeds(a.seeds);
  if (!seeds) return tl::unexpected(seeds.error());
  const auto begin = std::chrono::steady_clock::now();
  std::vector<sim::Sweep> parts(a.threads);
  std::vector<std::thread> threads;
  const auto work = [&](unsigned part) {
    parts[part] = sim::crash_sweep(seeds->from, *span, a.stride * a.threads, 1 + a.stride * part);
  };
  for (unsigned i = 1; i < a.threads; ++i) threads.emplace_back(work, i);
  work(0);
  for (auto& t : threads) t.join();
  std::int64_t crashes = 0;
  std::vector<sim::SimResult> failed;
  for (auto& part : parts) {
    crashes += part.crashes;
    failed.insert(failed.end(), part.failed.begin(), part.failed.end());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (std::size_t i = 0; i < std::min<std::size_t>(3, failed.size()); ++i)
    fmt::print("seed {}, commit {}: seq {}: {}\n", seeds->from, commit(), failed[i].violation_seq, failed[i].violation);
  fmt::print("{} records in the journal; killed and started again at {} of them in {:.1f} s: {} violations\n",
             parts[0].writes, crashes, seconds, failed.size());
  if (a.json)
    fmt::print(R"({{"seed":{},"writes":{},"crashes":{},"violations":{},"seconds":{:.3f},"commit":"{}"}})"
               "\n",
               seeds->from, parts[0].writes, crashes, failed.size(), seconds, commit());
  return failed.empty() ? 0 : 1;
}

Result<int> run(const Arguments& a) {
  if (!a.crash_sweep.empty()) return sweep(a);
  const auto seeds = parse_seeds(a.seeds);
  if (!seeds) return tl::unexpected(seeds.error());
  const auto canaries = parse_canary(a.canary);
  if (!canaries) return tl::unexpected(canaries.error());
  sim::SimOptions options;
  options.canaries = *canaries;
  Total total;
  std::mutex mutex;
  std::atomic<std::uint64_t> next{seeds->from};
  ProgressBar bar{"sim"};
  const auto begin = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed <= seeds->to; seed = next++) {
      sim::SimOptions of_seed = options;
      of_seed.check_replay = seed % 20 == 0;
      const auto result = sim::simulate(seed, of_seed);
      const std::scoped_lock lock{mutex};
      add(result, total);
      const double all = static_cast<double>(seeds->to - seeds->from + 1);
      bar.show(fmt::format("{} seeds", total.seeds), static_cast<double>(total.seeds) / all);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < a.threads; ++i) threads.emplace_back(work);
  work();
  for (auto& t : threads) t.join();
  bar.clear();
  const double seconds =
      std::chrono::duration_cast<std::chrono::duration<double>>(std::chrono::steady_clock::now() - begin).count();
  std::sort(total.failed.begin(), total.failed.end(), [](const auto& x, const auto& y) { return x.seed < y.seed; });
  constexpr std::size_t kShown = 3;
  for (std::size_t i = 0; i < std::min(kShown, total.failed.size()); ++i)
    tell_failure(total.failed[i], options, a.canary);
  fmt::print(
      "{} simulated hours in {:.1f} s ({:.0f} an hour of wall time): {} events, {} contracts, {} orders, {} fills, {} "
      "faults; "
      "{} violations\n",
      total.seeds, seconds, static_cast<double>(total.seeds) / seconds * 3600, total.events, total.contracts,
      total.orders, total.fills, total.faults, total.failed.size());
  fmt::print(
      "{} of the orders were quotes to rest, amended {} times ({} of the amends were cut); {} fills were theirs.\n",
      total.quotes, total.amends, total.amends_cut, total.maker_fills);
  fmt::print("The quietest hour had {} book messages, {} orders and {} kinds of faults; {} processes were killed.\n",
             total.book_messages_least, total.orders_least, total.fault_kinds_least, total.crashes);
  if (a.json) {
    fmt::print(
        R"({{"seeds":{},"simulated_hours":{},"events":{},"orders":{},"faults":{},"violations":{},"seconds":{:.3f},"fills":{},"quotes":{},"amends":{},"amends_cut":{},"maker_fills":{},"contracts":{},"book_messages":{},"crashes":{},"orders_least":{},"book_messages_least":{},"fault_kinds_least":{},"first_failing_seed":{},"commit":"{}"}})"
        "\n",
        total.seeds, total.seeds, total.events, total.orders, total.faults, total.failed.size(), seconds, total.fills,
        total.quotes, total.amends, total.amends_cut, total.maker_fills, total.contracts, total.book_messages,
        total.crashes, total.orders_least, total.book_messages_least, total.fault_kinds_least,
        total.failed.empty() ? "null" : std::to_string(total.failed[0].seed), commit());
  }
  return total.failed.empty() ? 0 : 1;
}

}  // namespace

Command add_sim(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("sim", "The whole core against simulated markets and faults, audited");
  c->add_option("--seeds", a->seeds, "A..B, both included; one simulated hour each")->capture_default_str();
  c->add_option("--canary", a->canary, "a bug on purpose, which must be found: " + canary_names());
  c->add_option("--threads", a->threads, "seeds at the same time")->check(CLI::Range(1, 256))->capture_default_str();
  c->add_option("--crash-sweep", a->crash_sweep,
                "instead: a session this long, killed at each record of its journal in turn (10m)");
  c->add_option("--stride", a->stride, "of the sweep: every so many records")->check(CLI::PositiveNumber);
  c->add_flag("--json", a->json, "print the totals as JSON on the last line");
  c->footer(
      "Exit 1 if a rule was broken; the seed, the commit and the fewest faults that do it are printed.\n"
      "Examples:\n  voltage sim --seeds 1..200\n  voltage sim --crash-sweep 10m --seeds 7");
  return {c, [a] { return run(*a); }};
}

}  // namespace voltage::app
