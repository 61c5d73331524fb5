#include "app/live/account_watch.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "venue/kalshi/published.hpp"
#include "venue/kalshi/rest_shape.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr Duration kEvery = 3_s;         // wall time between two statements
constexpr Duration kFirst = 1_s;         // until the books were found equal; Kalshi gives a balance once a second
constexpr Duration kFillsBack = 60_s;    // wall time: longer than a stream can be down unnoticed
constexpr Duration kSpecsEvery = 6_h;    // wall time; the start has compared them already
constexpr Duration kSilenceMax = 120_s;  // a question is tried again and again before it fails

}  // namespace

AccountWatch::AccountWatch(const venue::Endpoints& endpoints, venue::net::Loop& loop, kalshi::Gateway& gateway,
                           watch::Heartbeat& beat, Say say)
    : endpoints_{endpoints}, loop_{loop}, gateway_{gateway}, beat_{beat}, say_{std::move(say)} {
  specs_due_ = std::chrono::steady_clock::now() + std::chrono::nanoseconds{kSpecsEvery.ns};
  thread_ = std::thread{[this] { work(); }};
}

void AccountWatch::end() {
  {
    const std::lock_guard lock{mutex_};
    done_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AccountWatch::comparable() {
  {
    const std::lock_guard lock{mutex_};
    comparable_ = true;
  }
  wake_.notify_all();
}

void AccountWatch::equal() {
  const std::lock_guard lock{mutex_};
  equal_ = true;
}

void AccountWatch::look_soon() {
  {
    const std::lock_guard lock{mutex_};
    soon_ = true;
  }
  wake_.notify_all();
}

void AccountWatch::look_for_moves(Time since) {
  const std::lock_guard lock{mutex_};
  moves_since_ = since;
}

void AccountWatch::work() {
  const auto wait = [](Duration d) { return std::chrono::nanoseconds{d.ns}; };
  beat_.expect(kSilenceMax);
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, wait(kFirst), [this] { return comparable_ || done_; });
  while (!done_) {
    lock.unlock();
    ask();
    beat_.beat();
    compare_published();
    lock.lock();
    wake_.wait_for(lock, wait(kFirst), [this] { return done_; });
    if (equal_) wake_.wait_for(lock, wait(kEvery - kFirst), [this] { return soon_ || done_; });
    soon_ = false;
  }
}

// A document that can't be read says nothing: the watch over the answers themselves goes on.
void AccountWatch::compare_published() {
  const auto now = std::chrono::steady_clock::now();
  if (now < specs_due_ || kalshi::published_at(endpoints_).empty()) return;
  specs_due_ = now + std::chrono::nanoseconds{kSpecsEvery.ns};
  const auto changes = kalshi::published_changes(endpoints_);
  if (changes && !changes->empty()) say_(fail(kalshi::kSchemaChanged + "published: " + changes->front()));
}

// Fills first, so that a statement is never ahead of what it counts.
void AccountWatch::ask() {
  const auto failed = [this](const Error& e) { say_(fail(e.message)); };
  auto made = kalshi::Account::make(endpoints_);
  if (!made) return failed(made.error());
  auto& account = **made;
  const Time asked = account.clock().now();
  const auto fills = account.fills(fills_asked_.from(asked, account.clock().ours(kFillsBack)));
  if (!fills) return failed(fills.error());
  const auto resting = account.resting_orders();
  if (!resting) return failed(resting.error());
  fills_asked_.came(asked);
  loop_.post([this, found = *fills, there = *resting, asked] {
    for (const auto& fill : found) gateway_.on_fill(fill);
    gateway_.on_resting(there, asked);
  });
  std::optional<Time> moves_since;
  {
    const std::lock_guard lock{mutex_};
    moves_since = std::exchange(moves_since_, std::nullopt);
  }
  // Before the cash: what is in the list is in the cash.
  std::optional<std::vector<event::CashMoved>> moves;
  if (moves_since) {
    auto read = account.cash_moves(*moves_since);
    if (!read) return failed(read.error());
    moves = std::move(*read);
  }
  auto statement = account.statement();
  if (!statement) return failed(statement.error());
  statement->moves = std::move(moves);
  loop_.post([this, said = std::move(*statement)] { say_(said); });
}

}  // namespace voltage::app::live
