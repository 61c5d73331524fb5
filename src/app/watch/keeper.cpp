#include "app/watch/keeper.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "app/journal/reason_text.hpp"
#include "app/version.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "forecast/answer.hpp"
#include "risk/path.hpp"

namespace voltage::app::watch {
namespace {

using namespace literals;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr auto kPublishEvery = std::chrono::milliseconds{250};
constexpr std::size_t kLevels = 5, kMarketsMax = 40, kOrdersMax = 20, kFillsMax = 20, kNotesMax = 40;
constexpr std::size_t kEquityMax = 600;
constexpr std::size_t kInstantsMin = 5;  // fewer say nothing about their spread
constexpr std::array<const char*, event::kStreams> kStreamNames{"kalshi_market", "kalshi_private", "index",
                                                                "spot",          "candles",        "journal"};

const char* name(market::Trust t) {
  constexpr const char* kNames[] = {"missing", "valid", "crossed", "lost"};
  return kNames[static_cast<std::size_t>(t)];
}

HorizonRow horizon(const event::ForecastReady& f, std::size_t k) {
  const auto node = forecast::from_event(f.nodes[k]);
  HorizonRow row;
  row.horizon = format_duration(node.horizon);
  row.volatility = std::sqrt(std::max(0.0, node.density.variance()));
  for (std::size_t i = 0; i < row.moves.size(); ++i) {
    constexpr std::array<double, 3> kOf{0.5, 1.0, 2.0};
    const bool told = !f.members.empty() && k < f.members[0].nodes.size();
    row.moves[i] = told ? f.members[0].nodes[k].beyond[i][0] : kOf[i] * row.volatility;
    row.beyond[i] = node.density.beyond(row.moves[i]);
  }
  for (const auto& member : f.members) {
    if (k >= member.nodes.size()) continue;
    HorizonRow::Member m{member.name, member.nodes[k].weight, {}};
    for (std::size_t i = 0; i < m.beyond.size(); ++i) m.beyond[i] = member.nodes[k].beyond[i][1];
    row.members.push_back(std::move(m));
  }
  return row;
}

}  // namespace

void judge(const std::vector<double>& instants, Profit& into) {
  into.instants = static_cast<std::int64_t>(instants.size());
  into.low = into.high = into.smallest_edge = kNaN;
  if (instants.size() < kInstantsMin) return;
  const auto n = static_cast<double>(instants.size());
  double sum = 0, square = 0;
  for (const double d : instants) sum += d;
  for (const double d : instants) square += (d - sum / n) * (d - sum / n);
  const double sd = std::sqrt(square / (n - 1));
  into.low = sum - 1.645 * sd * std::sqrt(n);
  into.high = sum + 1.645 * sd * std::sqrt(n);
  into.smallest_edge = (1.645 + 0.842) * sd / std::sqrt(n);  // 5 % one-sided, 80 % power
}

Keeper::Keeper(const Core& core, Board& board, Facts facts) : core_{core}, board_{board}, facts_{std::move(facts)} {
  forecast_.close = kNaN;
}

std::string Keeper::ticker(event::ContractId id) const {
  return core_.engine().books().has(id) ? core_.engine().books().at(id).contract.ticker : std::string{"?"};
}

void Keeper::note(Time at, const char* what, const std::string& text) {
  board_.say({at, what, text});
  notes_.push_front(format_iso(at).substr(11, 8) + "  " + text);
  if (notes_.size() > kNotesMax) notes_.pop_back();
}

void Keeper::on(const event::StreamHealth& m, Time at) {
  auto& state = streams_[static_cast<std::size_t>(m.stream)];
  if (state.health != m.health) state.since = at;
  state.health = m.health;
  state.why = m.why;
  note(at, "stream",
       fmt::format("stream {} {}{}{}", kStreamNames[static_cast<std::size_t>(m.stream)], watch::name(m.health),
                   m.why.empty() ? "" : ": ", m.why));
}

void Keeper::on(const event::ForecastReady& m, Time) {
  ++forecasts_;
  forecast_ = m;
  any_forecast_ = true;
}

void Keeper::on(const event::FillSeen& m, Time at) {
  fills_.push_front({at, ticker(m.contract), m.side == Side::bid, m.qty, m.price, m.fee});
  if (fills_.size() > kFillsMax) fills_.pop_back();
  note(at, "fill",
       fmt::format("fill {} {} {} YES at ${} fee ${}", m.side == Side::bid ? "bought" : "sold", format_qty(m.qty),
                   ticker(m.contract), format_price(m.price), format_money(m.fee)));
}

void Keeper::on(const event::Settled& m, Time at) {
  ++settled_;
  note(at, "settled",
       fmt::format("{} settled {}", ticker(m.contract), m.outcome == event::Outcome::yes ? "YES" : "NO"));
}

void Keeper::record(const event::Event& e) {
  // The core has not acted on this event yet: what is published is the state after the one before.
  if (at_.ns != 0 && std::chrono::steady_clock::now() - published_ >= kPublishEvery) publish();
  at_ = e.at;
  if (const auto* m = std::get_if<event::StreamHealth>(&e.what)) on(*m, e.at);
  if (const auto* m = std::get_if<event::ForecastReady>(&e.what)) on(*m, e.at);
  if (const auto* m = std::get_if<event::ForecastFailed>(&e.what)) {
    ++failures_;
    note(e.at, "forecast_failed", "no forecast: " + m->reason);
  }
  if (const auto* m = std::get_if<event::FillSeen>(&e.what)) on(*m, e.at);
  if (const auto* m = std::get_if<event::Settled>(&e.what)) on(*m, e.at);
  if (const auto* m = std::get_if<event::OrderRefused>(&e.what))
    note(e.at, "order_refused", "order refused: " + m->code);
  if (const auto* m = std::get_if<event::OrderUnknown>(&e.what))
    note(e.at, "order_unknown", "order unknown: " + m->why);
  if (const auto* m = std::get_if<event::OperatorSaid>(&e.what)) {
    constexpr const char* kActions[] = {"kill", "resume", "pause"};
    stopped_by_person_ = m->action != event::OperatorAction::resume;
    note(e.at, "operator", fmt::format("operator: {}: {}", kActions[static_cast<std::size_t>(m->action)], m->reason));
  }
}

void Keeper::record(const event::Event& cause, const event::Effect& fx) {
  if (const auto* decision = std::get_if<event::Decision>(&fx)) decisions_[decision->contract] = *decision;
  if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) {
    const auto& t = order->terms();
    placed_[t.order] = cause.at;
    note(cause.at, "order",
         fmt::format("order {} {} {} YES at ${}", t.side == Side::bid ? "buy" : "sell", format_qty(t.qty),
                     ticker(t.contract), format_price(t.limit)));
  }
  if (std::holds_alternative<event::CashChange>(fx)) remember_equity(cause.at);
}

void Keeper::remember_equity(Time at) {
  const double now = core_.engine().ledger().equity_at_cost().dollars();
  if (!equity_.empty() && equity_.back().first == at)
    equity_.back().second = now;
  else
    equity_.emplace_back(at, now);
  if (equity_.size() <= kEquityMax) return;
  // Every second point of the older half goes: the whole run stays in view.
  std::vector<std::pair<Time, double>> thinner;
  for (std::size_t i = 0; i < equity_.size(); ++i) {
    if (i >= equity_.size() / 2 || i % 2 == 0) thinner.push_back(equity_[i]);
  }
  equity_ = std::move(thinner);
}

MarketRow Keeper::market(const market::Listing& listing) const {
  const auto id = listing.contract.id;
  MarketRow row;
  row.ticker = listing.contract.ticker;
  row.seconds_left = (listing.contract.close - at_).seconds();
  row.trust = name(listing.trust);
  auto bid = listing.book.best(Side::bid), ask = listing.book.best(Side::ask);
  while (row.levels.size() < kLevels && (bid || ask)) {
    row.levels.push_back({bid ? bid->qty : Qty{}, bid ? std::optional{bid->price} : std::nullopt,
                          ask ? std::optional{ask->price} : std::nullopt, ask ? ask->qty : Qty{}});
    if (bid) bid = listing.book.next(Side::bid, bid->price);
    if (ask) ask = listing.book.next(Side::ask, ask->price);
  }
  row.position = core_.engine().ledger().net(id);
  row.fair = row.blend = row.edge = kNaN;
  event::Vetoes vetoes = core_.engine().vetoes(id);
  if (const auto d = decisions_.find(id); d != decisions_.end()) {
    row.fair = d->second.fair;
    row.blend = d->second.blend;
    row.edge = d->second.edge;
    if (vetoes == 0) vetoes = d->second.vetoes;
  }
  row.vetoes = journal::veto_names(vetoes);
  return row;
}

std::vector<OrderRow> Keeper::orders(Snapshot& s) const {
  std::vector<OrderRow> open, ended;
  const auto& all = core_.engine().executor().orders();
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    const auto& order = it->second.order;
    const auto& t = order.terms();
    const auto at = placed_.find(t.order);
    const Time when = at == placed_.end() ? Time{} : at->second;
    OrderRow row{when,  ticker(t.contract), t.order.v, t.side == Side::bid,
                 t.qty, order.filled(),     t.limit,   ledger::name(order.phase())};
    if (order.phase() == ledger::OrderPhase::unknown) {
      ++s.unknown_orders;
      s.unknown_order_age = std::max(s.unknown_order_age, (at_ - when).seconds());
    }
    if (!order.ended()) {
      ++s.open_orders;
      open.push_back(std::move(row));
    } else if (ended.size() < kOrdersMax) {
      ended.push_back(std::move(row));
    }
  }
  open.insert(open.end(), ended.begin(), ended.end());
  if (open.size() > kOrdersMax) open.resize(kOrdersMax);
  return open;
}

Profit Keeper::profit() const {
  const auto& ledger = core_.engine().ledger();
  Profit p;
  p.fees = ledger.fees();
  std::map<Time, double> instants;
  for (const auto& listing : core_.engine().books().all()) {
    const auto& position = ledger.position(listing.contract.id);
    if (!position.traded()) continue;
    if (!position.outcome) {
      p.open_at_cost += position.basis();
      continue;
    }
    p.net += position.flow;
    instants[listing.contract.close] += position.flow.dollars();
  }
  std::vector<double> results;
  for (const auto& [close, dollars] : instants) results.push_back(dollars);
  judge(results, p);
  p.equity = equity_;
  return p;
}

void Keeper::publish(Phase phase) {
  published_ = std::chrono::steady_clock::now();
  const auto& engine = core_.engine();
  const auto& ledger = engine.ledger();
  Snapshot s;
  s.mode = facts_.mode;
  s.version = std::string{kVersion} + " " + commit();
  s.run = facts_.run;
  s.notice = facts_.notice;
  s.phase = phase;
  s.at = at_;
  const auto price = core_.strategy().price_now(at_);
  s.bitcoin = price ? price->usd : kNaN;
  s.model = forecast_.model_hash;
  s.forecast_age = any_forecast_ ? (at_ - forecast_.bar_close).seconds() : kNaN;
  s.forecasts = forecasts_;
  s.forecast_failures = failures_;
  for (std::size_t k = 0; k < forecast_.nodes.size(); ++k) s.forecast.push_back(horizon(forecast_, k));
  s.past = past_;
  s.halted = engine.gate().halted();
  if (s.halted) s.halted_why = engine.gate().halted_why();
  s.halted_by_person = s.halted && stopped_by_person_;
  for (std::size_t i = 0; i < event::kStreams; ++i) {
    const auto& state = streams_[i];
    const double seconds = state.since.ns == 0 ? 0 : (at_ - state.since).seconds();
    s.streams.push_back({kStreamNames[i], state.health, state.why, facts_.needed[i], seconds});
  }
  for (const auto& listing : engine.books().all()) {
    if (listing.contract.close > at_ && s.markets.size() < kMarketsMax) s.markets.push_back(market(listing));
    if (ledger.position(listing.contract.id).held()) ++s.open_positions;
  }
  std::sort(s.markets.begin(), s.markets.end(), [](const MarketRow& a, const MarketRow& b) {
    return std::pair{a.seconds_left, a.ticker} < std::pair{b.seconds_left, b.ticker};
  });
  s.orders = orders(s);
  s.fills.assign(fills_.begin(), fills_.end());
  s.notes.assign(notes_.begin(), notes_.end());
  s.cash_start = ledger.start();
  s.cash = ledger.cash();
  s.equity_worst = ledger.equity_worst();
  s.equity_at_cost = ledger.equity_at_cost();
  if (engine.counters().events > 0) s.loss_room = engine.gate().loss_max_today(ledger);
  s.path_loss = risk::worst_path(engine.gate().limits().path_span, ledger);
  s.path_loss_max = engine.gate().limits().path_loss_max;
  s.profit = profit();
  const auto& counters = engine.counters();
  s.events = counters.events;
  s.decisions = counters.decisions;
  s.orders_placed = counters.orders;
  s.fills_seen = counters.fills;
  s.fills_refused = counters.fills_refused;
  s.settled = settled_;
  s.vetoes = counters.vetoes;
  board_.publish(std::move(s));
}

}  // namespace voltage::app::watch
