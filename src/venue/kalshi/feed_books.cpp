// The books of the Kalshi feed: how they are subscribed to, followed, lost and had again.
#include <algorithm>

#include <fmt/format.h>

#include "io/json_writer.hpp"
#include "venue/kalshi/feed.hpp"

namespace voltage::venue::kalshi {
namespace {

std::string listed(const std::vector<std::string>& tickers) {
  std::string list;
  for (const auto& ticker : tickers) {
    if (!list.empty()) list += ',';
    io::append_json_string(list, ticker);
  }
  return list;
}

}  // namespace

void Feed::subscribe_new(Time now) {
  if (!supervisor_.live()) return;
  std::vector<std::string> together;
  for (auto& [ticker, t] : tracked_) {
    if (t.settled || now >= t.contract.close || !subscribed_.insert(ticker).second) continue;
    t.awaiting = std::max(now, t.contract.open);
    t.way = Way::subscribed;
    // One that the venue does not know refuses all that are named with it.
    if (t.refused_at.ns > 0)
      subscribe_to({ticker});
    else
      together.push_back(ticker);
  }
  if (!together.empty()) subscribe_to(together);
}

void Feed::subscribe_to(const std::vector<std::string>& tickers) {
  constexpr std::size_t kKept = 64;
  subscribing_[++commands_] = tickers;
  if (subscribing_.size() > kKept) subscribing_.erase(subscribing_.begin());
  send(fmt::format(
      R"({{"id":{},"cmd":"subscribe","params":{{"channels":["orderbook_delta","ticker","trade"],"market_tickers":[{}],"use_yes_price":true}}}})",
      commands_, listed(tickers)));
}

// The next discovery tries again.
void Feed::refused(const Refusal& refusal, std::optional<std::int64_t> command, Time now) {
  if (refusal.terminal() || (command && *command <= 3)) {
    const bool index = command && *command == 1 && !refusal.terminal();
    supervisor_.failed(supervisor_.generation(),
                       fmt::format("error {}: {}{}", refusal.code, refusal.message,
                                   index ? "; index = false in [kalshi] does without the settlement index" : ""),
                       now);
    return;
  }
  const auto asked = command ? subscribing_.find(*command) : subscribing_.end();
  if (asked == subscribing_.end()) return;
  for (const auto& ticker : asked->second) {
    Tracked* t = find(ticker);
    if (t == nullptr || t->valid) continue;
    t->refused_at = now;
    t->awaiting.reset();
    subscribed_.erase(ticker);
  }
  subscribing_.erase(asked);
}

void Feed::change_books(const char* action, const std::vector<std::string>& tickers) {
  for (const auto& [sid, s] : subscriptions_) {
    if (s.channel != "orderbook_delta" || tickers.empty()) continue;
    send(fmt::format(
        R"({{"id":{},"cmd":"update_subscription","params":{{"sids":[{}],"action":"{}","market_tickers":[{}]}}}})",
        ++commands_, sid, action, listed(tickers)));
  }
}

void Feed::ask_snapshots(Time now) {
  std::vector<std::string> lost;
  for (auto& [ticker, t] : tracked_) {
    if (t.valid || t.settled || now >= t.contract.close || !subscribed_.contains(ticker)) continue;
    if (t.awaiting && t.way > Way::asked) continue;  // that way is behind it
    if (!t.awaiting) t.awaiting = now;
    t.way = Way::asked;
    lost.push_back(ticker);
  }
  change_books("get_snapshot", lost);
}

// Each way to a lost book has its time; then comes the next one.
void Feed::wait_for_snapshots(Time now) {
  if (!supervisor_.live()) return;
  std::vector<std::string> ask, rejoin;
  bool anew = false;
  for (auto& [ticker, t] : tracked_) {
    if (!t.awaiting || now - *t.awaiting <= rules_.snapshot_timeout || now >= t.contract.close) continue;
    t.awaiting = now;
    if (t.way == Way::subscribed_anew)
      return supervisor_.failed(supervisor_.generation(), "no snapshot of " + ticker, now);
    anew = anew || t.way == Way::rejoined;
    if (t.way != Way::rejoined) (t.way == Way::subscribed ? ask : rejoin).push_back(ticker);
    t.way = t.way == Way::subscribed ? Way::asked : Way::rejoined;
  }
  if (anew) return subscribe_anew(now);
  change_books("get_snapshot", ask);
  change_books("delete_markets", rejoin);
  change_books("add_markets", rejoin);
}

void Feed::subscribe_anew(Time now) {
  lose_all("the subscription gives no snapshot", now);
  std::string sids;
  for (auto s = subscriptions_.begin(); s != subscriptions_.end();) {
    const bool books = s->second.channel == "orderbook_delta";
    if (books) sids += (sids.empty() ? "" : ",") + std::to_string(s->first);
    s = books ? subscriptions_.erase(s) : std::next(s);
  }
  if (!sids.empty())
    send(fmt::format(R"({{"id":{},"cmd":"unsubscribe","params":{{"sids":[{}]}}}})", ++commands_, sids));
  subscribed_.clear();
  subscribe_new(now);
  for (auto& [ticker, t] : tracked_) {
    if (t.awaiting) t.way = Way::subscribed_anew;
  }
}

void Feed::on_snapshot(const BookSnapshot& m) {
  Tracked* t = find(m.ticker);
  if (t == nullptr) return;
  t->bids.clear();
  t->asks.clear();
  for (const auto& level : m.bids) t->bids[level.price] = level.qty;
  for (const auto& level : m.asks) t->asks[level.price] = level.qty;
  t->valid = true;
  t->awaiting.reset();
  t->crossed_since.reset();
  events_.push_back(event::BookSnapshot{t->contract.id, m.bids, m.asks});
}

void Feed::on_delta(const BookDelta& m, Time now) {
  Tracked* t = find(m.ticker);
  if (t == nullptr || !t->valid) return;  // before its snapshot it means nothing
  auto& side = m.side == Side::bid ? t->bids : t->asks;
  Qty& qty = side[m.price];
  qty += m.change;
  if (qty.centis < 0) {
    lose(*t, "a level went below zero", now);
    return ask_snapshots(now);
  }
  if (qty.centis == 0) side.erase(m.price);
  const bool crossed = !t->bids.empty() && !t->asks.empty() && t->bids.rbegin()->first >= t->asks.begin()->first;
  if (!crossed) t->crossed_since.reset();
  if (crossed && !t->crossed_since) t->crossed_since = now;
  events_.push_back(event::BookDelta{t->contract.id, m.side, m.price, m.change});
}

void Feed::lose(Tracked& t, const std::string& why, Time) {
  if (!t.valid) return;
  t.valid = false;
  t.bids.clear();
  t.asks.clear();
  events_.push_back(event::BookLost{t.contract.id, why});
}

void Feed::lose_all(const std::string& why, Time now) {
  for (auto& [ticker, t] : tracked_) lose(t, why, now);
}

}  // namespace voltage::venue::kalshi
