#include "app/live/session_loop.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "app/journal/carry.hpp"
#include "app/terminal.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr Duration kBeat = 20_ms;    // the core looks at the clock at least this often
constexpr Duration kEndTime = 20_s;  // for open orders to end and the books to agree

}  // namespace

void Session::keep_post() {
  if (!post_) return;
  if (const auto why = post_->keep(static_cast<std::uint64_t>(teller_->events)); !why.empty()) stop(why);
  key_->look();
}

// What a person asked for on the page or the command line is an event like any other.
void Session::hear_operator() {
  if (!watched_) return;
  watched_->beat();
  for (auto& said : watched_->take_asked()) {
    last_ = std::max(last_, clock_.now());
    world_->happen(last_, std::move(said));
  }
}

void Session::watch_account() {
  auto& beat = (lookout_ ? lookout_->parts() : own_parts_).part("account");
  account_.emplace(options_.config.endpoints, loop_, *gateway_, beat, [this](Result<kalshi::Statement> said) {
    if (said)
      inbox_.push(std::move(*said));
    else
      inbox_.push(Failed{said.error().message});
  });
}

// A settlement of what was never held moves none.
bool Session::moves_money(const event::Payload& what) const {
  if (std::holds_alternative<event::FillSeen>(what)) return true;
  const auto* settled = std::get_if<event::Settled>(&what);
  if (settled == nullptr) return false;
  const auto& position = core_->engine().ledger().position(settled->contract);
  return position.traded();
}

void Session::happen(Time at, event::Payload what) {
  // A clock that is set back does not turn back the core.
  behind_max_ = std::max(behind_max_, clock_.wall(clock_.now() - at));
  last_ = std::max(last_, at);
  if (moves_money(what)) reconciler_.moved(clock_.now());
  if (const auto* health = std::get_if<event::StreamHealth>(&what);
      live() && health != nullptr && health->stream == event::Stream::kalshi_private) {
    trust_.on_stream(*health);
    may_compare();
    return say_private();
  }
  const auto* bar = std::get_if<event::CandleClosed>(&what);
  const bool is_bar = bar != nullptr;
  if (is_bar && past_.takes(*bar, start_)) return world_->preload(*bar);
  std::string seen;
  event::ContractId id;
  if (const auto* contract = std::get_if<event::ContractSeen>(&what)) {
    seen = contract->contract.ticker;
    id = contract->contract.id;
  }
  world_->happen(last_, std::move(what));
  if (is_bar) show_past();
  const auto [first, end] = opening_fills_.equal_range(seen);
  for (auto f = first; f != end; ++f) {
    const auto& fill = f->second;
    world_->happen(last_,
                   event::FillSeen{{}, fill.trade_id, id, fill.side, fill.price, fill.qty, fill.fee, !fill.taker});
  }
  opening_fills_.erase(first, end);
  if (!seen.empty()) may_compare();
}

void Session::show_past() {
  if (!watched_) return;
  filled_.standing = forecasts_->standing();
  watched_->past(filled_);
}

void Session::tell_filling(const venue::kraken::Filling& filling) {
  filled_.filled = filling.done;
  filled_.seconds_left = filling.left ? filling.left->seconds() : -1;
  show_past();
  const auto line = past_.line(filling);
  if (!line) return;
  tell(*line);
  if (lookout_) lookout_->board().say({last_, "history", *line});
}

void Session::may_compare() {
  if (account_ && opening_fills_.empty() && trust_.stream_lives()) account_->comparable();
}

void Session::say_private() {
  if (auto news = trust_.news()) world_->happen(last_, std::move(*news));
}

// Until the books were found equal with the new key nothing is risked on it.
void Session::hear_key(const Result<std::string>& key_id) {
  const std::string line = key_id ? "signs with the key " + *key_id + ", the books are compared anew"
                                  : "another key was offered and not taken: " + key_id.error().message;
  tell(line);
  if (lookout_) lookout_->board().say({last_, "key", line});
  if (!key_id) return;
  trust_.on_new_key(line);
  say_private();
}

// Once: the list is read as long as the cash differs.
void Session::tell_move(const event::CashMoved& moved) {
  if (!moves_told_.insert(moved.id).second) return;
  last_ = std::max(last_, clock_.now());
  world_->happen(last_, moved);
}

// Where the cash lies is the venue's word: a person or a plan of theirs moves it between shards, and no list tells.
void Session::place_cash(const std::map<std::int32_t, Money>& theirs) {
  for (const auto& [shard, amount] : theirs) {
    const auto& ours = core_->engine().ledger().placed();
    const auto found = ours.find(shard);
    if (found != ours.end() && found->second == amount) continue;
    last_ = std::max(last_, clock_.now());
    world_->happen(last_, event::CashPlaced{shard, amount});
  }
}

void Session::compare(const kalshi::Statement& statement) {
  for (const auto& moved : statement.moves.value_or(std::vector<event::CashMoved>{})) {
    if (moves_told_.contains(moved.id)) continue;
    if (unlisted_.was_booked(moved))
      moves_told_.insert(moved.id);
    else
      tell_move(moved);
  }
  if (opening_fills_.empty()) {
    if (const auto found = reconciler_.compare(statement, core_->engine())) {
      if (const auto credit = unlisted_.look(*found, reconciler_.moved_at())) tell_move(*credit);
      if (found->what.empty() && found->on_shard) place_cash(*found->on_shard);
    }
  }
  if (!reconciler_.why().empty()) account_->look_for_moves(start_);
  if (reconciler_.equal()) account_->equal();
}

void Session::take(Item& item) {
  if (auto* happened = std::get_if<Happened>(&item)) {
    happen(happened->at, std::move(happened->what));
  } else if (const auto* statement = std::get_if<kalshi::Statement>(&item)) {
    trust_.on_statement();
    compare(*statement);
    say_private();
  } else if (const auto* position = std::get_if<kalshi::Position>(&item)) {
    // A fill may be on its way, or lost: the account knows.
    if (account_ && !agrees(*position, core_->engine())) account_->look_soon();
  } else if (const auto* filling = std::get_if<venue::kraken::Filling>(&item)) {
    tell_filling(*filling);
  } else if (const auto* failed = std::get_if<Failed>(&item)) {
    trust_.on_failure(failed->why);
    say_private();
  } else if (const auto* key = std::get_if<KeySaid>(&item)) {
    hear_key(key->key_id);
  } else {
    stop(std::get<Stop>(item).why);
  }
}

void Session::stop(const std::string& why) {
  if (stopping_) return;
  stopping_ = std::chrono::steady_clock::now();
  stopped_at_ = last_ = std::max(last_, clock_.now());
  world_->happen(last_, event::OperatorSaid{event::OperatorAction::kill, journal::kEndOfSession + why});
}

// Nothing under way, and the books compared since.
bool Session::at_rest() const {
  if (!core_->engine().executor().open().empty()) return false;
  if (gateway_ && !gateway_->tidy()) return false;
  return !live() || (reconciler_.why().empty() && reconciler_.equal_at() > stopped_at_);
}

Result<SessionReport> Session::run() {
  loop_.on_signal([this] { inbox_.push(Stop{"told to stop"}); });
  if (options_.run_for) loop_.after(*options_.run_for, [this] { inbox_.push(Stop{"the time is over"}); });
  feeds_->start();
  std::thread sockets{[this] { loop_.run(); }};
  if (live()) {
    watch_account();
    key_.emplace(control_folder(options_.config), "trader", options_.config.endpoints,
                 [this](Result<std::string> key_id) { inbox_.push(KeySaid{std::move(key_id)}); });
  }
  if (options_.resumed)
    world_->happen(last_, event::OperatorSaid{event::OperatorAction::resume, "started with --resume"});
  std::vector<Item> items;
  for (;;) {
    inbox_.take(items, kBeat);
    keep_post();
    for (auto& item : items) take(item);
    past_.keep(folder_);
    if (items.empty()) world_->pass(last_ = std::max(last_, clock_.now()));
    hear_operator();
    if (!stopping_) continue;
    const bool too_long = std::chrono::steady_clock::now() - *stopping_ > std::chrono::nanoseconds{kEndTime.ns};
    if (at_rest() || too_long) break;
  }
  if (post_ && core_->engine().executor().open().empty()) post_->farewell();
  key_.reset();
  if (account_) account_->end();
  loop_.stop();
  sockets.join();
  watched_.reset();
  lookout_.reset();
  tell_out();
  if (journal_) {
    if (const auto closed = journal_->close(); !closed) return tl::unexpected(closed.error());
  }
  return report();
}

}  // namespace voltage::app::live
