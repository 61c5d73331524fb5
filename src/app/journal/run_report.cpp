#include "app/journal/run_report.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "app/backtest/profit_parts.hpp"
#include "app/evaluation/clustered_ratio.hpp"
#include "app/journal/replay.hpp"
#include "base/time.hpp"

namespace voltage::app::journal {
namespace {

using namespace literals;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kIncidentsMax = 1000;  // of one report: a flapping stream would fill a book

// A weighted mean under way.
struct Mean {
  double sum{0}, weight{0};
  void add(double value, double w) {
    sum += value * w;
    weight += w;
  }
  double value() const { return weight > 0 ? sum / weight : kNaN; }
};

// Follows one run through its replay.
class Reader {
 public:
  Reader(const Core& core, std::string run, RunReport& report)
      : core_{core}, run_{std::move(run)}, report_{report}, parts_{core} {}

  void before(const event::Event& e) {
    run_markouts(e.at);
    parts_.before(e);
    ++report_.events;
    if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
      ++report_.fills;
      contracts_[fill->contract] += fill->qty;
      for (std::size_t i = 0; i < kLater.size(); ++i) later_.push_back({e.at + kLater[i], i, *fill});
    } else if (const auto* health = std::get_if<event::StreamHealth>(&e.what)) {
      if (health->health == event::Health::stale || health->health == event::Health::down)
        incident(e.at, fmt::format("stream {} {}: {}", kStreams[static_cast<std::size_t>(health->stream)],
                                   health->health == event::Health::stale ? "stale" : "down", health->why));
    } else if (const auto* said = std::get_if<event::OperatorSaid>(&e.what)) {
      incident(e.at, (said->action == event::OperatorAction::resume ? "resumed: " : "stopped: ") + said->reason);
    } else if (const auto* settled = std::get_if<event::Settled>(&e.what)) {
      outcomes_[settled->contract] = settled->outcome;
    } else if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) {
      ++report_.forecasts;
      report_.model_hash = ready->model_hash;
    } else if (std::holds_alternative<event::ForecastFailed>(e.what)) {
      ++report_.forecasts_failed;
    } else if (std::holds_alternative<event::OrderRefused>(e.what)) {
      ++report_.refused;
    } else if (std::holds_alternative<event::OrderUnknown>(e.what)) {
      ++report_.unknown;
    }
  }

  void after(const event::Event& e, std::span<const event::Effect> effects) {
    for (const auto& fx : effects) {
      if (std::holds_alternative<event::PlaceOrder>(fx)) ++report_.orders;
      if (const auto* d = std::get_if<event::Decision>(&fx)) {
        ++report_.decisions;
        for (std::size_t i = 0; i < event::kVetoes; ++i) report_.vetoes[i] += (d->vetoes >> i) & 1U;
      }
      if (const auto* q = std::get_if<event::Quote>(&fx); q != nullptr && std::isfinite(q->fair) && q->bid && q->ask)
        quotes_.push_back({q->contract, q->fair, 0.5 * (q->bid->dollars() + q->ask->dollars())});
      if (std::holds_alternative<event::CashChange>(fx)) follow_equity();
    }
    const bool halted = core_.engine().gate().halted();
    if (halted && !halted_) incident(e.at, "halted: " + core_.engine().gate().halted_why());
    halted_ = halted;
  }

  void end() {
    const auto& ledger = core_.engine().ledger();
    report_.parts += parts_.settled();
    for (const auto& listing : core_.engine().books().all()) {
      const auto& p = ledger.position(listing.contract.id);
      const auto filled = contracts_.find(listing.contract.id);
      if (filled == contracts_.end()) continue;
      report_.markets.push_back({run_, listing.contract.ticker, filled->second, p.flow, p.fees, p.outcome});
      if (p.held()) report_.open_at_cost += p.basis();
    }
    for (const auto& q : quotes_) {
      const auto outcome = outcomes_.find(q.contract);
      if (outcome == outcomes_.end()) continue;
      const double y = outcome->second == event::Outcome::yes ? 1 : 0;
      fair_.add((q.fair - y) * (q.fair - y), 1);
      market_.add((q.mid - y) * (q.mid - y), 1);
    }
  }

  static constexpr std::array<Duration, 3> kLater{1_s, 10_s, 60_s};
  std::array<Mean, 3> markouts_;  // cents a contract
  Mean fair_, market_;

 private:
  static constexpr std::array<const char*, event::kStreams> kStreams{"kalshi_market", "kalshi_private", "index",
                                                                     "spot",          "candles",        "journal"};
  struct Later {
    Time due{};
    std::size_t which{};
    event::FillSeen fill;
  };
  struct Judged {
    event::ContractId contract;
    double fair, mid;
  };

  void incident(Time at, std::string what) {
    if (report_.incidents.size() < kIncidentsMax) report_.incidents.push_back({run_, at, std::move(what)});
  }
  void run_markouts(Time now) {
    std::erase_if(later_, [&](const Later& l) {
      if (l.due > now) return false;
      const auto& listing = core_.engine().books().at(l.fill.contract);
      const auto mid = listing.trust == market::Trust::valid ? listing.book.mid() : std::nullopt;
      const double price = l.fill.price.dollars(), side = static_cast<double>(sign(l.fill.side));
      if (mid) markouts_[l.which].add(100 * side * (*mid - price), l.fill.qty.contracts());
      return true;
    });
  }
  void follow_equity() {
    const Money equity = core_.engine().ledger().equity_at_cost();
    highest_ = highest_ ? max(*highest_, equity) : equity;
    report_.drawdown_max = max(report_.drawdown_max, *highest_ - equity);
  }

  const Core& core_;
  std::string run_;
  RunReport& report_;
  backtest::ProfitParts parts_;
  std::map<event::ContractId, Qty> contracts_;
  std::map<event::ContractId, event::Outcome> outcomes_;
  std::vector<Later> later_;
  std::vector<Judged> quotes_;
  std::optional<Money> highest_;
  bool halted_{false};
};

struct Means {
  std::array<Mean, 3> markouts;
  Mean fair, market;
};

Status read_run(const std::string& folder, RunReport& report, Means& means) {
  auto opened = Replayer::open(folder);
  if (!opened) return tl::unexpected(opened.error());
  Replayer& run = **opened;
  const std::string name = std::filesystem::path{folder}.filename().string();
  Reader reader{run.core(), name, report};
  std::optional<Time> first;
  Time last{};
  for (;;) {
    const auto e = run.peek();
    if (!e) return tl::unexpected(e.error());
    if (!*e) break;
    if (!first) first = (*e)->at;
    last = (*e)->at;
    reader.before(**e);
    const auto difference = run.act();
    if (!difference) return tl::unexpected(difference.error());
    if (*difference) {
      return fail(
          fmt::format("{}: does not replay as recorded at seq {}; no numbers are made from it. See voltage replay",
                      folder, (*difference)->seq));
    }
    reader.after(**e, run.effects());
  }
  reader.end();
  const auto& ledger = run.core().engine().ledger();
  if (report.runs.empty()) {
    report.kind = run.manifest().kind;
    report.from = first.value_or(run.manifest().start);
    report.cash_start = ledger.start();
  }
  report.runs.push_back(name);
  report.from = std::min(report.from, first.value_or(report.from));
  report.to = std::max(report.to, last);
  report.cash_end = ledger.cash();
  report.fees += ledger.fees();
  report.torn_bytes += static_cast<std::int64_t>(run.torn_bytes());
  report.ended_in_order = report.ended_in_order && run.ended_in_order();
  for (std::size_t i = 0; i < means.markouts.size(); ++i) {
    means.markouts[i].sum += reader.markouts_[i].sum;
    means.markouts[i].weight += reader.markouts_[i].weight;
  }
  means.fair.add(reader.fair_.sum, 1);
  means.fair.weight += reader.fair_.weight - 1;
  means.market.add(reader.market_.sum, 1);
  means.market.weight += reader.market_.weight - 1;
  return {};
}

void estimate(RunReport& r) {
  std::vector<evaluation::Cluster> settled;
  for (const auto& m : r.markets) {
    if (!m.outcome) continue;
    r.net += m.net;
    settled.push_back({100 * m.net.dollars(), m.contracts.contracts()});
  }
  const auto cents = evaluation::clustered_ratio(settled);
  r.net_cents = cents.ratio;
  r.interval_low = cents.low;
  r.interval_high = cents.high;
  r.smallest_edge = cents.smallest_edge;
}

}  // namespace

Result<RunReport> report_runs(const std::vector<std::string>& folders) {
  RunReport report;
  Means means;
  for (const auto& folder : folders) {
    if (auto ok = read_run(folder, report, means); !ok) return tl::unexpected(ok.error());
  }
  estimate(report);
  report.markout_1s = means.markouts[0].value();
  report.markout_10s = means.markouts[1].value();
  report.markout_60s = means.markouts[2].value();
  report.brier_fair = means.fair.value();
  report.brier_market = means.market.value();
  report.quotes_judged = static_cast<std::int64_t>(means.fair.weight);
  return report;
}

}  // namespace voltage::app::journal
