// A digest's numbers: each run again from its journal, what happened in the window added up.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "app/digest/digest.hpp"
#include "app/journal/replay.hpp"
#include "app/journal/run_folder.hpp"
#include "market/pause.hpp"

namespace voltage::app::digest {
namespace {

using namespace literals;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kLeast = 5;  // observations that an interval needs
constexpr std::array<const char*, event::kStreams> kStreams{"kalshi_market", "kalshi_private", "index",
                                                            "spot",          "candles",        "journal"};

struct Traded {
  double contracts{0};
  double closing{0}, closing_contracts{0};  // Σ size × (mid − price) on our side
  double markout{0}, markout_contracts{0};
};
struct Fill {
  event::ContractId contract{};
  Side side{};
  double price{}, contracts{};
  Time due{};  // of the markout
};
struct Said {
  double fair{}, market{};
};

// Follows one run.
class Collector {
 public:
  Collector(const journal::Replayer& run, const Window& window, Digest& into)
      : engine_{run.core().engine()}, window_{window}, out_{into} {}

  // After the core has acted on it.
  void on(const event::Event& e, std::span<const event::Effect> effects);
  void finish(Time end);

  std::map<Time, std::pair<Money, Traded>> instants;  // net of what settled, and what was traded, by close

 private:
  bool inside() const { return now_ >= window_.from && now_ <= window_.to; }
  std::optional<double> mid(event::ContractId id) const;
  void settle(const event::Settled& m);
  void incident(const std::string& what, const std::string& text, double seconds = 0);
  void health(const event::StreamHealth& m);

  const engine::Engine& engine_;
  const Window& window_;
  Digest& out_;
  Time now_{};
  std::vector<Fill> fills_;  // whose markout is due
  std::map<event::ContractId, std::vector<Fill>> of_contract_;
  std::map<event::ContractId, double> last_mid_;
  std::map<event::ContractId, std::vector<Said>> quotes_;
  std::array<std::optional<std::pair<Time, std::string>>, event::kStreams> down_since_;
  bool halted_{false};
};

std::optional<double> Collector::mid(event::ContractId id) const {
  const auto& listing = engine_.books().at(id);
  if (listing.trust != market::Trust::valid || !listing.book.two_sided()) return std::nullopt;
  return 0.5 * (listing.book.best(Side::bid)->price.dollars() + listing.book.best(Side::ask)->price.dollars());
}

void Collector::incident(const std::string& what, const std::string& text, double seconds) {
  if (!inside()) return;
  auto& i = out_.incidents[what];
  ++i.count;
  i.seconds += seconds;
  i.last = text;
}

void Collector::health(const event::StreamHealth& m) {
  auto& since = down_since_[static_cast<std::size_t>(m.stream)];
  const bool bad = m.health == event::Health::down || m.health == event::Health::stale;
  if (bad && !since) since = {now_, m.why};
  if (bad || !since) return;
  incident(fmt::format("stream {} not healthy", kStreams[static_cast<std::size_t>(m.stream)]), since->second,
           (now_ - since->first).seconds());
  since.reset();
}

void Collector::settle(const event::Settled& m) {
  const double outcome = m.outcome == event::Outcome::yes ? 1 : 0;
  const auto& contract = engine_.books().at(m.contract).contract;
  if (!inside()) return;
  ++out_.settled;
  for (const auto& said : quotes_[m.contract]) {
    auto& c = out_.calibration;
    auto& bin = c.bins[std::min<std::size_t>(9, static_cast<std::size_t>(said.fair * 10))];
    ++bin.n;
    bin.said += said.fair;
    bin.came += outcome;
    ++c.n;
    c.brier += (said.fair - outcome) * (said.fair - outcome);
    c.market_brier += (said.market - outcome) * (said.market - outcome);
  }
  quotes_.erase(m.contract);
  const auto& position = engine_.ledger().position(m.contract);
  if (!position.traded()) return;
  auto& [net, traded] = instants[contract.close];
  net += position.flow;
  const auto closing = last_mid_.find(m.contract);
  for (const auto& fill : of_contract_[m.contract]) {
    traded.contracts += fill.contracts;
    if (closing == last_mid_.end()) continue;
    traded.closing += fill.contracts * static_cast<double>(sign(fill.side)) * (closing->second - fill.price);
    traded.closing_contracts += fill.contracts;
  }
}

void Collector::on(const event::Event& e, std::span<const event::Effect> effects) {
  now_ = e.at;
  if (const auto* m = std::get_if<event::Settled>(&e.what)) settle(*m);
  if (const auto* m = std::get_if<event::StreamHealth>(&e.what)) health(*m);
  if (const auto* m = std::get_if<event::OrderRefused>(&e.what)) incident("order refused", m->code);
  if (const auto* m = std::get_if<event::OrderUnknown>(&e.what)) incident("order unknown", m->why);
  if (const auto* m = std::get_if<event::ForecastFailed>(&e.what)) incident("forecast refused", m->reason);
  if (const auto* m = std::get_if<event::OperatorSaid>(&e.what)) incident("operator", m->reason);
  if (engine_.gate().halted() && !halted_) incident("halted", engine_.gate().halted_why());
  halted_ = engine_.gate().halted();
  if (const auto* m = std::get_if<event::ForecastReady>(&e.what); m != nullptr && inside()) {
    ++out_.forecasts;
    out_.baseline_forecasts += m->model_hash.starts_with("baseline") ? 1 : 0;
  }
  if (const auto* m = std::get_if<event::FillSeen>(&e.what)) {
    const Fill fill{m->contract, m->side, m->price.dollars(), m->qty.contracts(), now_ + 60_s};
    of_contract_[m->contract].push_back(fill);
    if (inside()) {
      fills_.push_back(fill);
      ++out_.fills;
      out_.contracts += fill.contracts;
    }
  }
  for (const auto& fx : effects) {
    if (const auto* q = std::get_if<event::Quote>(&fx); q != nullptr && inside() && q->bid && q->ask && q->fair >= 0)
      quotes_[q->contract].push_back({q->fair, 0.5 * (q->bid->dollars() + q->ask->dollars())});
    if (std::holds_alternative<event::Decision>(fx) && inside()) ++out_.decisions;
    if (std::holds_alternative<event::PlaceOrder>(fx) && inside()) ++out_.orders;
  }
  if (!std::holds_alternative<event::TimePassed>(e.what)) return;
  for (const auto& [id, fills] : of_contract_) {
    // The closing line: the last mid before the final minute, where the book is still a market.
    if (engine_.books().at(id).contract.close - now_ < 60_s) continue;
    if (const auto now = mid(id)) last_mid_[id] = *now;
  }
  std::erase_if(fills_, [&](const Fill& fill) {
    if (fill.due > now_) return false;
    const auto& contract = engine_.books().at(fill.contract).contract;
    if (const auto later = mid(fill.contract); later && contract.close > now_) {
      auto& traded = instants[contract.close].second;
      traded.markout += fill.contracts * static_cast<double>(sign(fill.side)) * (*later - fill.price);
      traded.markout_contracts += fill.contracts;
    }
    return true;
  });
}

void Collector::finish(Time end) {
  now_ = end;
  for (const auto& since : down_since_) {
    if (since) incident("stream not healthy at the end", since->second, (end - since->first).seconds());
  }
  for (const auto& listing : engine_.books().all()) {
    const auto& position = engine_.ledger().position(listing.contract.id);
    if (position.held()) out_.open_at_cost += position.basis();
  }
}

struct Sums {
  std::vector<double> net, closing, markout;
  risk::EvidenceGate gate;
};

void add(const Collector& collector, Digest& out, Sums& sums) {
  for (const auto& [close, result] : collector.instants) {
    const auto& [net, traded] = result;
    if (traded.markout_contracts > 0) sums.markout.push_back(traded.markout / traded.markout_contracts);
    if (traded.contracts <= 0) continue;
    out.net += net;
    sums.net.push_back(net.dollars());
    if (traded.closing_contracts > 0) sums.closing.push_back(traded.closing / traded.closing_contracts);
    const double closing = traded.closing_contracts > 0 ? traded.closing / traded.closing_contracts : 0;
    sums.gate.on_market(net.dollars() / traded.contracts, closing);
  }
}

Status read_run(const std::string& folder, const std::vector<std::string>& kinds, Digest& out, Sums& sums) {
  auto run = journal::Replayer::open(folder);
  if (!run) return fail(run.error().message);
  auto& replayer = **run;
  const auto& manifest = replayer.manifest();
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), manifest.kind) == kinds.end()) return {};
  if (manifest.start > out.window.to) return {};
  Collector collector{replayer, out.window, out};
  const Money fees_before = out.fees;
  RunRow row{manifest.run, manifest.kind, manifest.start, manifest.start, 0, 0, 0, false};
  const auto orders = out.orders, fills = out.fills;
  for (;;) {
    const auto next = replayer.peek();
    if (!next) return fail(next.error().message);
    if (!*next) break;
    row.end = (*next)->at;
    const auto difference = replayer.act();
    if (!difference) return fail(difference.error().message);
    if (*difference) return fail(fmt::format("{}: runs otherwise than recorded at seq {}", folder, (*difference)->seq));
    if (const auto* fill = std::get_if<event::FillSeen>(&(*next)->what);
        fill != nullptr && row.end >= out.window.from && row.end <= out.window.to)
      out.fees += fill->fee;
    collector.on(**next, replayer.effects());
  }
  row.events = static_cast<std::int64_t>(replayer.events());
  row.ended_in_order = replayer.ended_in_order();
  row.orders = out.orders - orders;
  row.fills = out.fills - fills;
  if (row.end < out.window.from) {
    out.fees = fees_before;
    return {};
  }
  collector.finish(row.end);
  if (!row.ended_in_order) ++out.incidents["run that did not end in order"].count;
  add(collector, out, sums);
  out.runs.push_back(std::move(row));
  return {};
}

}  // namespace

Interval interval_of(const std::vector<double>& values) {
  Interval out{static_cast<std::int64_t>(values.size()), kNaN, kNaN, kNaN};
  if (values.empty()) return out;
  const auto n = static_cast<double>(values.size());
  double sum = 0, square = 0;
  for (const double v : values) sum += v;
  out.mean = sum / n;
  if (out.n < kLeast) return out;
  for (const double v : values) square += (v - out.mean) * (v - out.mean);
  const double error = std::sqrt(square / (n - 1) / n);
  out.low = out.mean - 1.645 * error;
  out.high = out.mean + 1.645 * error;
  return out;
}

Time next_maintenance(Time t) {
  for (Time at{t.ns - t.ns % (1_min).ns}; at < t + 24_h * 15; at = at + 1_min) {
    if (market::exchange_paused(at) && !market::exchange_paused(at - 1_min) && at >= t) return at;
  }
  return {};
}

Result<Digest> make(const std::string& data, const Window& window, const std::vector<std::string>& kinds) {
  Digest out;
  out.window = window;
  Sums sums;
  for (const auto& folder : journal::run_folders(data)) {
    // A run that can't be read must not hide the others.
    if (const auto read = read_run(folder, kinds, out, sums); !read) out.refused.push_back(read.error().message);
  }
  std::sort(out.runs.begin(), out.runs.end(), [](const RunRow& a, const RunRow& b) { return a.start < b.start; });
  out.instants = interval_of(sums.net);
  const double half = 0.5 * (out.instants.high - out.instants.low);
  out.smallest_edge = (1.645 + 0.842) * half / 1.645;
  out.closing_line = interval_of(sums.closing);
  out.markout_60s = interval_of(sums.markout);
  out.rung = sums.gate.allowed();
  out.net_lower = sums.gate.net().lower();
  out.closing_lower = sums.gate.closing_line().lower();
  out.markets = static_cast<std::int64_t>(sums.gate.net().count());
  auto& c = out.calibration;
  c.brier = c.n > 0 ? c.brier / static_cast<double>(c.n) : kNaN;
  c.market_brier = c.n > 0 ? c.market_brier / static_cast<double>(c.n) : kNaN;
  out.maintenance = next_maintenance(window.to);
  return out;
}

}  // namespace voltage::app::digest
