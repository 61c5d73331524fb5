// Resting orders on a book without trades: how the three fill models bound what would have been filled.
#include <gtest/gtest.h>

#include "venue/sim/sim_exchange.hpp"

namespace voltage::venue::sim {
namespace {

using namespace literals;

const Time kStart = Time::from_ms(1'778'478'300'000);
constexpr market::ContractId kId{0};

struct Bench {
  explicit Bench(const FillModel& model) : exchange{model} {
    market::Contract c;
    c.id = kId;
    c.ticker = "KXBTC15M-TEST";
    c.open = kStart;
    c.close = kStart + 15_min;
    c.ticks = market::TickGrid::linear_cent();
    tell(event::ContractSeen{c});
    tell(event::BookSnapshot{kId, {{Price{4'000}, Qty{1'000}}}, {{Price{4'500}, Qty{1'000}}}});
  }
  void tell(event::Payload what) { exchange.observe({++seq, now, std::move(what)}); }
  void delta(Side side, std::int32_t pips, std::int64_t centis) {
    now = now + 1_s;
    run(now);
    tell(event::BookDelta{kId, side, Price{pips}, Qty{centis}});
  }
  void rest(std::int32_t pips, std::int64_t centis, Duration life = 300_s, Side side = Side::bid) {
    exchange.submit({{1}, kId, side, Price{pips}, Qty{centis}, event::TimeInForce::good_till_time, true, now + life},
                    now);
    now = now + 1_s;
    run(now);
  }
  void run(Time until) {
    while (exchange.next_due() && *exchange.next_due() <= until) {
      if (auto answer = exchange.step()) said.push_back(std::move(*answer));
    }
    now = until;
  }
  std::int64_t filled() {
    run(now + 2_s);
    std::int64_t sum = 0;
    for (const auto& s : said) {
      if (const auto* f = std::get_if<event::FillSeen>(&s)) sum += f->qty.centis;
    }
    return sum;
  }
  template <class T>
  bool heard() const {
    return std::any_of(said.begin(), said.end(), [](const auto& s) { return std::holds_alternative<T>(s); });
  }

  SimExchange exchange;
  Time now{kStart};
  std::uint64_t seq{0};
  std::vector<event::Payload> said;
};

std::int64_t filled_after(const FillModel& model, const std::function<void(Bench&)>& happens) {
  Bench b{model};
  b.rest(4'000, 500);
  happens(b);
  return b.filled();
}

TEST(SimQueue, a_level_that_shrinks_fills_by_what_the_model_takes_for_trades) {
  const auto shrinks = [](Bench& b) { b.delta(Side::bid, 4'000, -800); };
  EXPECT_EQ(filled_after(pessimistic(), shrinks), 0);
  EXPECT_EQ(filled_after(neutral(), shrinks), 0) << "400 traded, 1,000 were before us";
  EXPECT_EQ(filled_after(optimistic(), shrinks), 300) << "800 traded, 500 were before us";
}

TEST(SimQueue, what_comes_after_us_stands_behind_us) {
  const auto comes_and_goes = [](Bench& b) {
    b.delta(Side::bid, 4'000, 5'000);
    b.delta(Side::bid, 4'000, -3'000);
  };
  EXPECT_EQ(filled_after(neutral(), comes_and_goes), 500) << "1,500 traded, 1,000 of them before us";
}

TEST(SimQueue, a_price_that_is_traded_through_fills_in_every_model_free_and_as_maker) {
  for (const auto& model : {pessimistic(), neutral(), optimistic()}) {
    Bench b{model};
    b.rest(4'000, 500);
    b.delta(Side::bid, 4'000, -1'000);
    b.delta(Side::ask, 3'900, 200);
    EXPECT_EQ(b.filled(), 500) << model.name;
    for (const auto& s : b.said) {
      if (const auto* f = std::get_if<event::FillSeen>(&s)) {
        EXPECT_TRUE(f->maker);
        EXPECT_EQ(f->price, Price{4'000});
        EXPECT_EQ(f->fee, Money{});
      }
    }
  }
}

TEST(SimQueue, post_only_that_would_take_is_refused_and_what_rests_expires_or_is_cancelled) {
  Bench crossing{neutral()};
  crossing.rest(4'500, 500);
  EXPECT_TRUE(crossing.heard<event::OrderRefused>());
  Bench expiring{neutral()};
  expiring.rest(4'000, 500, 20_s);
  expiring.run(expiring.now + 30_s);
  EXPECT_TRUE(expiring.heard<event::OrderUpdated>());
  Bench cancelled{neutral()};
  cancelled.rest(4'000, 500);
  cancelled.exchange.cancel({1}, cancelled.now);
  cancelled.run(cancelled.now + 5_s);
  EXPECT_TRUE(cancelled.heard<event::CancelDone>());
  cancelled.delta(Side::ask, 3'900, 200);
  EXPECT_EQ(cancelled.filled(), 0);
}

TEST(Queue, an_amended_order_stands_at_the_end_of_its_new_queue_and_lives_for_its_new_term) {
  Bench b{neutral()};
  b.rest(4'000, 1'000, 10_s);
  b.delta(Side::bid, 3'900, 2'000);
  b.exchange.amend({{1}, 1, Price{3'900}, Qty{600}, b.now + 300_s}, b.now);
  b.run(b.now + 30_s);
  EXPECT_TRUE(b.heard<event::AmendDone>());
  EXPECT_FALSE(b.heard<event::OrderUpdated>()) << "its old end is not its end any more";
  b.delta(Side::bid, 4'000, -1'000);
  b.delta(Side::bid, 3'900, -1'000);
  EXPECT_EQ(b.filled(), 0) << "two thousand stand before it";
  b.delta(Side::bid, 3'900, -1'000);
  b.delta(Side::ask, 3'900, 500);
  EXPECT_EQ(b.filled(), 600) << "traded through";
}

TEST(Queue, an_amend_that_would_take_or_that_comes_too_late_is_refused) {
  Bench b{neutral()};
  b.rest(4'000, 1'000);
  b.exchange.amend({{1}, 1, Price{4'500}, Qty{600}, b.now + 300_s}, b.now);
  b.run(b.now + 2_s);
  EXPECT_TRUE(b.heard<event::AmendRefused>());
  b.said.clear();
  b.exchange.cancel({1}, b.now);
  b.exchange.amend({{1}, 2, Price{3'900}, Qty{600}, b.now + 300_s}, b.now);
  b.run(b.now + 2_s);
  EXPECT_TRUE(b.heard<event::CancelDone>());
  EXPECT_TRUE(b.heard<event::AmendRefused>());
}

}  // namespace
}  // namespace voltage::venue::sim
