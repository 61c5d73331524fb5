#include "app/sim/feed.hpp"

#include <algorithm>
#include <utility>

namespace voltage::app::sim {

using namespace literals;

namespace {

constexpr Duration kLatency = 5_ms;
constexpr Duration kSnapshotDelay = 200_ms;

std::optional<event::ContractId> contract_of(const event::Payload& what) {
  if (const auto* m = std::get_if<event::ContractSeen>(&what)) return m->contract.id;
  if (const auto* m = std::get_if<event::BookSnapshot>(&what)) return m->contract;
  if (const auto* m = std::get_if<event::BookDelta>(&what)) return m->contract;
  return std::nullopt;
}

}  // namespace

Time Feed::arrival(Time now) {
  last_arrival_ = std::max({last_arrival_, now + kLatency, slow_until_});
  return last_arrival_;
}

void Feed::venue_says(Time now, const event::Payload& what) {
  const auto contract = contract_of(what);
  if (!contract) return;
  Stream& s = streams_[*contract];
  if (const auto* seen = std::get_if<event::ContractSeen>(&what)) {
    s.seen = *seen;
  } else if (const auto* m = std::get_if<event::BookSnapshot>(&what)) {
    s.bids.clear();
    s.asks.clear();
    for (const auto& level : m->bids) s.bids[level.price.pips] = level.qty.centis;
    for (const auto& level : m->asks) s.asks[level.price.pips] = level.qty.centis;
  } else if (const auto* d = std::get_if<event::BookDelta>(&what)) {
    auto& levels = d->side == Side::bid ? s.bids : s.asks;
    if ((levels[d->price.pips] += d->change.centis) <= 0) levels.erase(d->price.pips);
  }
  send(now, *contract, what);
}

void Feed::send(Time now, event::ContractId contract, event::Payload what) {
  const bool is_delta = std::holds_alternative<event::BookDelta>(what);
  Message m{now, ++streams_[contract].sent, contract, std::move(what)};
  if (now < cut_until_) {
    ask_snapshot(cut_until_, contract, kLatency);
    return;
  }
  if (is_delta && drop_ > 0) {
    --drop_;
    return;
  }
  if (is_delta && reorder_ > 0 && !held_) {
    --reorder_;
    held_ = std::move(m);
    return;
  }
  m.due = arrival(now);
  pipe_.push_back(m);
  if (is_delta && duplicate_ > 0) {
    --duplicate_;
    pipe_.push_back(m);
  }
  if (held_) {
    held_->due = arrival(now);
    pipe_.push_back(std::move(*held_));
    held_.reset();
  }
}

void Feed::cut(Time now, Time until) {
  pipe_.clear();
  held_.reset();
  cut_until_ = std::max(cut_until_, until);
  for (auto& [contract, s] : streams_) {
    s.gap = true;
    s.waiting = true;
  }
  // The new connection sends every book anew.
  for (const auto& [contract, s] : streams_) ask_snapshot(now, contract, cut_until_ - now + kLatency);
}

void Feed::ask_snapshot(Time at, event::ContractId contract, Duration after) {
  streams_[contract].waiting = true;
  snapshots_[{at + after, contract}] = true;
}

event::BookSnapshot Feed::snapshot(event::ContractId contract) const {
  const Stream& s = streams_.at(contract);
  event::BookSnapshot out{contract, {}, {}};
  for (const auto& [pips, centis] : s.bids) out.bids.push_back({Price{pips}, Qty{centis}});
  for (const auto& [pips, centis] : s.asks) out.asks.push_back({Price{pips}, Qty{centis}});
  return out;
}

std::optional<Time> Feed::next_due() const {
  std::optional<Time> due;
  if (!pipe_.empty()) due = pipe_.front().due;
  if (!snapshots_.empty() && (!due || snapshots_.begin()->first.first < *due)) due = snapshots_.begin()->first.first;
  return due;
}

std::vector<event::Payload> Feed::receive() {
  if (!snapshots_.empty() && (pipe_.empty() || snapshots_.begin()->first.first < pipe_.front().due)) {
    const auto [at, contract] = snapshots_.begin()->first;
    snapshots_.erase(snapshots_.begin());
    if (const auto& seen = streams_.at(contract).seen) send(at, contract, *seen);
    send(at, contract, snapshot(contract));
    return {};
  }
  Message m = std::move(pipe_.front());
  pipe_.pop_front();
  Stream& s = streams_[m.contract];
  if (std::holds_alternative<event::ContractSeen>(m.what) || std::holds_alternative<event::BookSnapshot>(m.what)) {
    const bool snapshot = std::holds_alternative<event::BookSnapshot>(m.what);
    s.expected = m.number + 1;
    if (snapshot) s.waiting = s.gap = false;
    return {std::move(m.what)};
  }
  if (ignore_gaps_) {
    if (m.number != s.expected) s.gap = true;
    s.expected = std::max(s.expected, m.number + 1);
    return {std::move(m.what)};
  }
  if (s.waiting || m.number < s.expected) return {};
  if (m.number > s.expected) {
    s.gap = true;
    ask_snapshot(m.due, m.contract, kSnapshotDelay);
    return {event::BookLost{m.contract, "a hole in the sequence"}};
  }
  ++s.expected;
  return {std::move(m.what)};
}

std::int32_t Feed::best_bid(event::ContractId contract) const {
  const auto s = streams_.find(contract);
  return s == streams_.end() || s->second.bids.empty() ? 0 : s->second.bids.rbegin()->first;
}

bool Feed::gap(event::ContractId contract) const {
  const auto s = streams_.find(contract);
  return s != streams_.end() && s->second.gap;
}

}  // namespace voltage::app::sim
