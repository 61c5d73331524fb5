#pragma once
// The Kalshi feed against the virtual Kalshi in virtual time, over a network that a test spoils: frames are lost,
// doubled or late, commands swallowed, the socket cut.
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "venue/kalshi/feed.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_session.hpp"

namespace voltage::venue::kalshi {

using namespace literals;
namespace vk = virtual_kalshi;

class FeedRig {
 public:
  static constexpr Duration kStep{100'000'000};
  struct Book {
    std::map<Price, Qty> bids, asks;
    bool valid{false};
  };

  explicit FeedRig(double flicker = 20, std::vector<vk::FeeChange> fees = {},
                   FeedRules rules = {{"KXBTC15M", "KXBTCD"}}, const vk::WorldOptions& with = {})
      : world_{options(flicker, std::move(fees), with)},
        gate_{"key", fresh_key()},
        api_{world_, gate_, *vk::tier_of("prestige")},
        feed_{std::move(rules), 3} {}

  void step() {
    world_.advance(world_.now() + kStep);
    if (!started_) feed_.start(world_.now());
    started_ = true;
    for (const auto& notice : world_.exchange().take_notices()) {
      if (session_) session_->on_notice(notice);
    }
    for (const auto& second : world_.take_index()) {
      if (session_) session_->on_index(second);
    }
    if (session_) session_->flush();
    deliver();
    feed_.tick(world_.now());
    carry_out();
    read_events();
  }
  void run(Duration length) {
    for (const Time end = world_.now() + length; world_.now() < end;) step();
  }
  void cut() {
    session_.reset();
    feed_.closed(generation_, "cut", world_.now());
  }

  void say(const std::string& frame) { feed_.text(generation_, frame, world_.now()); }

  // Every book that is vouched for, against the exchange's. Returns how many there were.
  int expect_right_books() const {
    int valid = 0;
    if (tail_lost_) return 0;
    for (const auto& [id, book] : books) {
      if (!book.valid) continue;
      ++valid;
      const auto& market = world_.exchange().market(*world_.exchange().find(contracts.at(id).ticker));
      std::map<Price, Qty> bids, asks;
      for (const auto& [price, level] : market.bids) bids[price] = level.total;
      for (const auto& [price, level] : market.asks) asks[price] = level.total;
      EXPECT_EQ(book.bids, bids) << market.contract.ticker;
      EXPECT_EQ(book.asks, asks) << market.contract.ticker;
    }
    return valid;
  }

  Feed& feed() { return feed_; }
  vk::World& world() { return world_; }
  std::map<market::ContractId, Book> books;
  std::map<market::ContractId, market::Contract> contracts;
  std::map<market::ContractId, event::Settled> settled;
  std::map<event::Stream, event::Health> health;
  std::map<event::Stream, std::string> why;
  std::uint64_t connections{0};
  double throughput{1};  // of what is sent, what the pipe carries at once; the rest waits in it
  // What the contracts that are not settled cost.
  template <class Of>
  std::set<market::FeeTerms> fees(Of of) const {
    std::set<market::FeeTerms> out;
    for (const auto& [id, c] : contracts) {
      if (of(c) && !settled.contains(id)) out.insert(c.fees);
    }
    return out;
  }
  // How long the oldest frame waits in the pipe.
  Duration lag() const { return pipe_.empty() ? Duration{} : world_.now() - pipe_.front().first; }
  double lose{0}, twice{0};
  std::vector<std::string> swallow;  // commands that hold one of these never arrive
  std::int64_t valid() const {
    return std::count_if(books.begin(), books.end(), [](const auto& b) { return b.second.valid; });
  }
  std::uint64_t generation() const { return generation_; }
  bool freeze{false};  // nothing comes any more, and nothing says so
  Rng rng{17};
  std::int64_t index_values{0};
  std::function<std::string(std::string)> twist;  // what is made of the answers of REST on their way

  void read_events() {
    for (const auto& e : feed_.take_events()) {
      if (const auto* seen = std::get_if<event::ContractSeen>(&e)) contracts[seen->contract.id] = seen->contract;
      if (const auto* snapshot = std::get_if<event::BookSnapshot>(&e)) {
        Book& book = books[snapshot->contract] = {};
        for (const auto& level : snapshot->bids) book.bids[level.price] = level.qty;
        for (const auto& level : snapshot->asks) book.asks[level.price] = level.qty;
        book.valid = true;
      }
      if (const auto* delta = std::get_if<event::BookDelta>(&e)) {
        auto& side = delta->side == Side::bid ? books[delta->contract].bids : books[delta->contract].asks;
        if ((side[delta->price] += delta->change).centis == 0) side.erase(delta->price);
      }
      if (const auto* lost = std::get_if<event::BookLost>(&e)) books[lost->contract].valid = false;
      if (const auto* done = std::get_if<event::Settled>(&e)) settled[done->contract] = *done;
      if (std::holds_alternative<event::IndexSeen>(e)) ++index_values;
      if (const auto* said = std::get_if<event::StreamHealth>(&e)) {
        health[said->stream] = said->health;
        why[said->stream] = said->why;
      }
    }
  }

 private:
  static vk::WorldOptions options(double flicker, std::vector<vk::FeeChange> fees, vk::WorldOptions o) {
    o.start = *parse_iso("2026-11-22T14:10:00Z");
    o.ladder = {6, 100};
    o.flicker_rate = flicker;
    o.fees = std::move(fees);
    return o;
  }
  static Key fresh_key() {
    auto key = Key::generate(Key::Kind::ed25519);
    EXPECT_TRUE(key);
    return std::move(*key);
  }
  void deliver() {
    if (!session_) return;
    if (freeze) {
      session_->take_frames();
      return;
    }
    for (auto& frame : session_->take_frames()) {
      pipe_.push_back({world_.now(), std::move(frame)});
      carries_ = throughput < 1 ? carries_ + throughput : 1;
    }
    for (; !pipe_.empty() && carries_ >= 1; carries_ = throughput < 1 ? carries_ - 1 : 1) {
      const std::string frame = std::move(pipe_.front().second);
      pipe_.pop_front();
      const bool of_books = frame.find("\"orderbook_") != std::string::npos;
      const bool lost = rng.chance(lose);
      // Nobody can know of a loss before the next frame of the sequence comes.
      if (of_books) tail_lost_ = lost;
      if (lost) continue;
      feed_.text(generation_, frame, world_.now());
      if (rng.chance(twice)) feed_.text(generation_, frame, world_.now());
    }
  }
  // An answer can ask for more; sockets on one machine take no time.
  void carry_out() {
    for (int round = 0; round < 5; ++round) carry_out_once();
  }
  void carry_out_once() {
    for (const auto& action : feed_.take_actions()) {
      if (const auto* connect = std::get_if<out::Connect>(&action)) {
        generation_ = connect->generation;
        ++connections;
        pipe_.clear();
        session_ = std::make_unique<vk::KalshiSession>(world_, world_.account());
        feed_.opened(generation_, world_.now());
      } else if (const auto* send = std::get_if<out::Send>(&action)) {
        const bool swallowed = std::any_of(swallow.begin(), swallow.end(), [&](const std::string& part) {
          return send->text.find(part) != std::string::npos;
        });
        if (session_ && send->generation == generation_ && !swallowed) session_->on_text(send->text);
      } else if (const auto* get = std::get_if<out::Get>(&action)) {
        const auto answer = api_.handle({"GET", "/trade-api/v2" + get->target, "", {}}, world_.now());
        feed_.rest_answer(get->request, answer.status, twist ? twist(answer.body) : answer.body, world_.now());
      } else {
        session_.reset();
      }
    }
    deliver();
  }

  vk::World world_;
  vk::Gate gate_;
  vk::KalshiApi api_;
  Feed feed_;
  std::unique_ptr<vk::KalshiSession> session_;
  std::uint64_t generation_{0};
  std::deque<std::pair<Time, std::string>> pipe_;  // sent and not yet here
  double carries_{1};                              // frames, now
  bool started_{false};
  bool tail_lost_{false};
};

}  // namespace voltage::venue::kalshi
