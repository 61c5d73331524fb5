#include "app/journal/explain.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "app/journal/reason_page.hpp"
#include "app/journal/reason_text.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"

namespace voltage::app::journal {
namespace {

using namespace literals;

// Goes through a run; after each event the visitor may look at the core. It says whether to go on.
struct Visit {
  const Replayer& run;
  const event::Event& e;
  const event::ForecastReady* forecast;
  const std::vector<event::CandleClosed>& candles;  // of the run, up to now
};
using Visitor = std::function<bool(const Visit&)>;

// In the order of time: bars of the past come while the run goes on.
void insert(const event::CandleClosed& bar, std::vector<event::CandleClosed>& into) {
  const auto before = [](const event::CandleClosed& a, Time begin) { return a.candle.begin < begin; };
  const auto at = std::lower_bound(into.begin(), into.end(), bar.candle.begin, before);
  if (at != into.end() && at->candle.begin == bar.candle.begin)
    *at = bar;
  else
    into.insert(at, bar);
}

Status walk(const std::string& folder, const Visitor& visit) {
  auto replayer = Replayer::open(folder);
  if (!replayer) return tl::unexpected(replayer.error());
  std::optional<event::ForecastReady> forecast;
  std::vector<event::CandleClosed> candles;
  for (;;) {
    auto next = (*replayer)->peek();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return {};
    const auto difference = (*replayer)->act();
    if (!difference) return tl::unexpected(difference.error());
    if (*difference) {
      return fail(fmt::format("{}: runs otherwise than recorded at seq {} ({}); nothing can be explained", folder,
                              (*difference)->seq, (*difference)->what));
    }
    if (const auto* ready = std::get_if<event::ForecastReady>(&(*next)->what)) forecast = *ready;
    if (const auto* bar = std::get_if<event::CandleClosed>(&(*next)->what)) insert(*bar, candles);
    if (!visit({**replayer, **next, forecast ? &*forecast : nullptr, candles})) return {};
  }
}

Moment moment_of(const Visit& v, event::ContractId contract) {
  return {v.run.core(), contract, v.forecast, std::nullopt, std::nullopt};
}

// Why nothing was decided in the second that ends now: what stood in the way, or that nothing happened.
std::vector<std::string> standing(const Visit& v, event::ContractId contract) {
  const auto& engine = v.run.core().engine();
  const auto& listing = engine.books().at(contract);
  if (listing.contract.close <= v.e.at) return {"market_closed"};
  auto names = veto_names(engine.vetoes(contract));
  if (v.e.at - listing.updated >= 1_s) names.emplace_back("no_new_message");
  return names;
}

Reason reason_of(const Visit& v, const Moment& m) {
  Reason r;
  r.seq = v.e.seq;
  r.at = v.e.at;
  r.contract = v.run.core().engine().books().at(m.contract).contract;
  r.decision = m.decision;
  r.order = m.order;
  r.vetoes = m.decision ? veto_names(m.decision->vetoes) : standing(v, m.contract);
  r.text = fmt::format("{}  seq {}  {}\n", format_iso(v.e.at), v.e.seq, r.contract.ticker) + describe(m);
  for (const auto& veto : r.vetoes) r.text += "veto      " + veto + "\n";
  return r;
}

// For one reason, not for thousands: a page is work.
Reason with_page(const Visit& v, const Moment& m) {
  Reason r = reason_of(v, m);
  r.page = reason_page(r, m, v.candles);
  return r;
}

// The moments of an event's decisions; an order stands before its decision.
std::vector<Moment> decisions(const Visit& v) {
  std::vector<Moment> out;
  std::map<std::uint64_t, event::OrderTerms> placed;
  for (const auto& fx : v.run.effects()) {
    if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) placed[order->terms().order.v] = order->terms();
    const auto* decision = std::get_if<event::Decision>(&fx);
    if (decision == nullptr) continue;
    Moment m = moment_of(v, decision->contract);
    m.decision = *decision;
    if (const auto order = placed.find(decision->order.v); order != placed.end()) m.order = order->second;
    out.push_back(m);
  }
  return out;
}

std::optional<event::ContractId> find_market(const engine::Engine& engine, const std::string& ticker) {
  for (const auto& listing : engine.books().all()) {
    if (listing.contract.ticker == ticker) return listing.contract.id;
  }
  return std::nullopt;
}

// What an explanation of an order must hold; empty if it does.
std::string order_wrong(const Moment& m) {
  const auto& d = *m.decision;
  if (d.vetoes != 0) return "has vetoes";
  if (std::isnan(d.fair) || std::isnan(d.blend) || std::isnan(d.edge)) return "lacks a number";
  if (m.forecast == nullptr) return "has no forecast";
  if (m.order->contract != d.contract || m.order->order != d.order) return "is another order's";
  const auto broken = broken_limits(m);
  return broken.empty() ? std::string{} : "breaks a limit: " + broken.front();
}

void note(const Reason& r, const std::string& what, ExplainCheck& out) {
  if (out.failures.size() < 5) out.failures.push_back(fmt::format("seq {} {}: {}", r.seq, r.contract.ticker, what));
}

// A second without an order must name what stood in the way: each of its decisions, or there being none.
void check_second(const Visit& v, event::ContractId contract, const std::vector<Moment>& thought, ExplainCheck& out) {
  for (const auto& m : thought) {
    if (m.order) return;
  }
  ++out.seconds;
  bool named = true;
  for (const auto& m : thought) named = named && m.decision->vetoes != 0;
  const Reason r = reason_of(v, thought.empty() ? moment_of(v, contract) : thought.back());
  named = named && !r.vetoes.empty();
  if (named)
    ++out.seconds_explained;
  else
    note(r, "no order, and no veto", out);
}

}  // namespace

Result<Reason> explain_order(const std::string& folder, std::uint64_t order) {
  std::optional<Reason> found;
  const auto walked = walk(folder, [&](const Visit& v) {
    for (const auto& m : decisions(v)) {
      if (m.order && m.order->order.v == order) found = with_page(v, m);
    }
    return !found;
  });
  if (!walked) return tl::unexpected(walked.error());
  if (!found) return fail(fmt::format("{}: has no order {}", folder, order));
  return *found;
}

Result<Reason> explain_market(const std::string& folder, const std::string& ticker, Time at) {
  std::optional<Reason> found;
  std::optional<event::ContractId> contract;
  bool any = false;
  const auto walked = walk(folder, [&](const Visit& v) {
    if (v.e.at < at) return true;
    any = true;
    if (!contract) contract = find_market(v.run.core().engine(), ticker);
    const bool over = v.e.at >= at + 1_s;
    if (contract && over && !found) found = with_page(v, moment_of(v, *contract));
    if (over) return false;
    for (const auto& m : decisions(v)) {
      if (contract && m.contract == *contract && !(found && found->order)) found = with_page(v, m);
    }
    return true;
  });
  if (!walked) return tl::unexpected(walked.error());
  if (found) return *found;
  if (!any) return fail(fmt::format("{}: the run ended before {}", folder, format_iso(at)));
  return fail(fmt::format("{}: the run knew no market {} at {}", folder, ticker, format_iso(at)));
}

Result<ExplainCheck> check_explanations(const std::string& folder, std::int64_t count, std::uint64_t seed) {
  const auto listings = [](const Visit& v) { return v.run.core().engine().books().all().size(); };
  const auto second = [&](const Visit& v) {
    return std::holds_alternative<event::TimePassed>(v.e.what) && listings(v) > 0;
  };
  std::int64_t orders = 0, seconds = 0;
  const auto counted = walk(folder, [&](const Visit& v) {
    for (const auto& m : decisions(v)) orders += m.order ? 1 : 0;
    seconds += second(v) ? 1 : 0;
    return true;
  });
  if (!counted) return tl::unexpected(counted.error());
  ExplainCheck out;
  Rng rng{seed};
  // Each is as likely as any other, and so many are taken as were asked for, or all.
  const auto drawn = [&](std::int64_t taken, std::int64_t& to_come) {
    return rng.chance(static_cast<double>(count - taken) / static_cast<double>(to_come--));
  };
  std::map<event::ContractId, std::vector<Moment>> thought;  // in this second
  const auto walked = walk(folder, [&](const Visit& v) {
    for (const auto& m : decisions(v)) {
      thought[m.contract].push_back(m);
      if (!m.order || !drawn(out.orders, orders)) continue;
      ++out.orders;
      const Reason r = reason_of(v, m);
      const std::string error = order_wrong(m);
      if (error.empty() && !r.text.empty())
        ++out.orders_explained;
      else
        note(r, "order " + error, out);
    }
    if (!std::holds_alternative<event::TimePassed>(v.e.what)) return true;
    if (second(v) && drawn(out.seconds, seconds)) {
      const event::ContractId pick{static_cast<std::uint32_t>(rng.below(listings(v)))};
      check_second(v, pick, thought[pick], out);
    }
    thought.clear();
    return true;
  });
  if (!walked) return tl::unexpected(walked.error());
  return out;
}

}  // namespace voltage::app::journal
