// The Kalshi feed against the virtual Kalshi in virtual time, over a network that loses, doubles and delays
// frames and cuts the socket: a book that the feed vouches for is the exchange's book, always.
#include "venue/kalshi/feed.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "kalshi_feed_rig.hpp"
#include "support/temp_folder.hpp"

namespace voltage::venue::kalshi {
namespace {

using Rig = FeedRig;
constexpr Duration kStep = Rig::kStep;

// A snapshot that is asked for and never comes: the next way is tried, and the connection is the last one to go.
TEST(KalshiFeed, a_lost_book_comes_back_by_the_next_way_when_one_gives_nothing) {
  struct Case {
    std::vector<std::string> swallow;
    bool same_connection;
  };
  const Case cases[] = {
      {{"get_snapshot"}, true}, {{"update_subscription"}, true}, {{"update_subscription", "unsubscribe"}, false}};
  for (const auto& [swallow, same_connection] : cases) {
    Rig rig;
    rig.run(5_s);
    const auto before = rig.valid();
    ASSERT_GT(before, 0);
    const auto generation = rig.generation();
    rig.swallow = swallow;
    rig.say("{");  // which book it was meant for is not known
    rig.run(500_ms);
    EXPECT_EQ(rig.valid(), 0);
    rig.run(20_s);
    EXPECT_GE(rig.valid(), before) << swallow.size();
    EXPECT_GT(rig.expect_right_books(), 0);
    EXPECT_EQ(rig.generation() == generation, same_connection) << swallow.size();
  }
}

// Acknowledged or not: a market that is listed has a book soon, or is asked for again.
TEST(KalshiFeed, a_subscription_that_gives_no_book_is_asked_for_again) {
  Rig rig;
  rig.swallow = {"orderbook_delta"};
  rig.run(3_s);
  ASSERT_FALSE(rig.contracts.empty());
  EXPECT_EQ(rig.valid(), 0);
  rig.swallow.clear();
  rig.run(30_s);
  EXPECT_GT(rig.valid(), 0);
}

TEST(KalshiFeed, a_market_whose_subscription_is_refused_is_tried_again) {
  Rig rig;
  rig.swallow = {"orderbook_delta"};
  rig.run(3_s);
  ASSERT_FALSE(rig.contracts.empty());
  for (const char* id : {"4", "5", "6", "7"})
    rig.say(std::string{R"({"id":)"} + id + R"(,"type":"error","msg":{"code":11,"msg":"unknown market_ticker"}})");
  rig.swallow.clear();
  const auto generation = rig.generation();
  rig.run(20_s);
  EXPECT_GT(rig.valid(), 0);
  EXPECT_EQ(rig.generation(), generation) << "one refusal costs no connection";
}

// Books and trades then say that the stream lives, and nothing waits for the index.
TEST(KalshiFeed, an_account_that_may_not_read_the_index_does_without_it) {
  FeedRules rules{{"KXBTC15M", "KXBTCD"}};
  rules.index = false;
  Rig rig{20, {}, rules};
  rig.run(3_min);
  EXPECT_EQ(rig.index_values, 0);
  EXPECT_GT(rig.expect_right_books(), 0);
  EXPECT_EQ(rig.health.at(event::Stream::kalshi_market), event::Health::healthy);
  EXPECT_FALSE(rig.health.contains(event::Stream::index));
  EXPECT_EQ(rig.feed().supervisor().failures(), 0);
  rig.freeze = true;
  rig.run(30_s);
  EXPECT_GT(rig.feed().supervisor().failures(), 0) << "a half-open socket is still found";
}

TEST(KalshiFeed, a_refused_index_says_what_to_do) {
  Rig rig;
  rig.run(3_s);
  rig.say(R"({"id":1,"type":"error","msg":{"code":9,"msg":"not entitled"}})");
  EXPECT_NE(rig.feed().supervisor().why().find("index = false in [kalshi]"), std::string::npos);
}

TEST(KalshiFeed, questions_do_not_pile_up_while_rest_hangs) {
  Feed feed{{{"KXBTC15M", "KXBTCD"}}, 3};
  Time now = *parse_iso("2026-11-22T14:10:00Z");
  feed.start(now);
  std::size_t asked = 0;
  for (const Time end = now + 1_h; now < end; now = now + 1_s) {
    feed.tick(now);
    for (const auto& action : feed.take_actions()) asked += std::holds_alternative<out::Get>(action);
  }
  EXPECT_GT(asked, 0U);
  EXPECT_LE(asked, 5U) << "two series, open and not open yet, and the status, each once";
}

TEST(KalshiFeed, an_events_own_fees_stand_before_its_series_until_they_are_cleared) {
  Rig rig;
  rig.run(5_s);
  ASSERT_FALSE(rig.contracts.empty());
  const market::Contract before = rig.contracts.begin()->second;
  const auto update = [&](const char* type, const char* multiplier) {
    rig.say(R"({"type":"event_fee_update","msg":{"event_ticker":")" + before.event + R"(","fee_type_override":)" +
            type + R"(,"fee_multiplier_override":)" + multiplier + "}}");
    rig.run(1_s);
    return rig.contracts.at(before.id).fees;
  };
  EXPECT_EQ(update("\"quadratic_with_maker_fees\"", "2"),
            (market::FeeTerms{market::FeeType::quadratic_with_maker_fees, 2'000'000}));
  for (const auto& [id, contract] : rig.contracts) {
    if (contract.event == before.event) continue;
    EXPECT_EQ(contract.fees, market::FeeTerms{}) << contract.ticker;
  }
  EXPECT_EQ(update("\"something_new\"", "null").type, market::FeeType::unknown) << "the dearest";
  EXPECT_EQ(update("null", "null"), before.fees);
}

TEST(KalshiFeed, fees_that_change_are_followed_where_no_stream_tells_them) {
  constexpr market::FeeTerms kDouble{market::FeeType::quadratic, 2'000'000}, kHalf{market::FeeType::quadratic, 500'000};
  constexpr market::FeeTerms kMakers{market::FeeType::quadratic_with_maker_fees, 1'000'000};
  FeedRules rules{{"KXBTC15M", "KXBTCD"}};
  rules.fees_of_series = {{"KXBTC15M", {}}, {"KXBTCD", {}}};
  // The quarter hour's event has fees of its own before anybody connects; two series change later, in silence; the
  // event's own end while nothing comes.
  const std::string event = "KXBTC15M-26NOV220915";
  Rig rig{2, {{0_s, event, kMakers}, {60_s, "KXBTCD", kHalf}, {100_s, "KXBTC15M", kDouble}, {130_s, event, {}}}, rules};
  const auto fees_of = [&](bool of_event, const char* series) {
    return rig.fees([&](const auto& c) { return c.series == series && (c.event == event) == of_event; });
  };
  using Fees = std::set<market::FeeTerms>;
  rig.run(5_s);
  EXPECT_EQ(fees_of(true, "KXBTC15M"), Fees{kMakers}) << "set before the connection";
  EXPECT_EQ(fees_of(false, "KXBTCD"), Fees{market::FeeTerms{}});
  rig.run(90_s);
  EXPECT_EQ(fees_of(false, "KXBTCD"), Fees{kHalf});
  EXPECT_EQ(fees_of(true, "KXBTC15M"), Fees{kMakers});
  rig.run(33_s);
  rig.freeze = true;
  rig.run(4_s);
  rig.freeze = false;
  rig.cut();
  rig.run(3_s);
  EXPECT_EQ(fees_of(true, "KXBTC15M"), Fees{kDouble}) << "read after the reconnection";
  EXPECT_EQ(rig.feed().undecodable(), 0);
}

TEST(KalshiFeed, an_announced_change_of_fees_is_charged_from_its_second_on) {
  constexpr market::FeeTerms kDouble{market::FeeType::quadratic, 2'000'000};
  FeedRules rules{{"KXBTC15M", "KXBTCD"}};
  rules.fees_of_series = {{"KXBTC15M", {}}, {"KXBTCD", {}}};
  rules.fees_every = 60_s;
  Rig rig{2, {{80_s, "KXBTCD", kDouble}}, rules};
  const auto fees_of = [&](const char* series) { return rig.fees([&](const auto& c) { return c.series == series; }); };
  using Fees = std::set<market::FeeTerms>;
  rig.run(79_s);
  EXPECT_EQ(fees_of("KXBTCD"), Fees{market::FeeTerms{}});
  rig.run(2_s);
  EXPECT_EQ(fees_of("KXBTCD"), Fees{kDouble}) << "the series was asked 20 s before and is asked in 40 s";
  EXPECT_EQ(fees_of("KXBTC15M"), Fees{market::FeeTerms{}});
  EXPECT_EQ(rig.feed().undecodable(), 0);
}

TEST(KalshiFeed, a_pause_of_the_shard_that_its_markets_trade_on_is_known_within_seconds) {
  vk::WorldOptions with;
  with.pauses = {{20_s, 10_s, 0}, {40_s, 30_s, 2}};
  Rig rig{2, {}, {{"KXBTC15M", "KXBTCD"}}, with};
  const auto health = [&] { return rig.health.at(event::Stream::kalshi_market); };
  rig.run(26_s);
  EXPECT_EQ(health(), event::Health::healthy) << "another shard's pause is nothing to us";
  rig.run(13_s);
  EXPECT_EQ(health(), event::Health::healthy);
  rig.run(7_s);
  EXPECT_EQ(health(), event::Health::stale);
  EXPECT_EQ(rig.why.at(event::Stream::kalshi_market), "the exchange pauses on shard 2");
  EXPECT_EQ(rig.health.at(event::Stream::kalshi_private), event::Health::healthy) << "what becomes of orders is heard";
  rig.run(30_s);
  EXPECT_EQ(health(), event::Health::healthy);
  EXPECT_GT(rig.expect_right_books(), 0);
}

TEST(KalshiFeed, a_pipe_slower_than_its_frames_is_stale_in_time_and_comes_back) {
  Rig rig;
  rig.run(5_s);
  const auto connections = rig.connections;
  rig.throughput = 0.7;
  Duration oldest{};
  const auto health = [&] { return rig.health.at(event::Stream::kalshi_market); };
  for (int i = 0; i < 600 && rig.connections == connections; ++i) {
    rig.step();
    if (health() == event::Health::healthy) oldest = std::max(oldest, rig.lag());
  }
  EXPECT_LE(oldest, 1_s + kStep + kStep) << "no decision on a book that is older";
  EXPECT_GT(rig.connections, connections) << "what falls behind further and further is given up";
  rig.throughput = 1;
  rig.run(5_s);
  EXPECT_EQ(health(), event::Health::healthy);
  EXPECT_GT(rig.expect_right_books(), 0);
}

// A pipe that is two seconds late looks punctual to a clock that is two seconds behind.
TEST(KalshiFeed, frames_from_the_future_are_not_believed) {
  Rig rig;
  rig.run(5_s);
  ASSERT_EQ(rig.health.at(event::Stream::kalshi_market), event::Health::healthy);
  rig.say(R"({"type":"ok","sending_ts_ms":)" + std::to_string((rig.world().now() + 3_s).ms()) + R"(,"msg":{}})");
  rig.read_events();
  EXPECT_EQ(rig.health.at(event::Stream::kalshi_market), event::Health::stale);
  EXPECT_EQ(rig.why.at(event::Stream::kalshi_market), "our clock is behind the venue's");
  rig.run(2_s);
  EXPECT_EQ(rig.health.at(event::Stream::kalshi_market), event::Health::healthy);
}

TEST(KalshiFeed, hands_on_the_positions_that_the_venue_tells_of_the_account) {
  Rig rig;
  rig.run(5_s);
  ASSERT_TRUE(rig.feed().take_positions().empty());
  auto& x = rig.world().exchange();
  const auto& contract = rig.contracts.begin()->second;
  vk::OrderRequest r;
  r.ticker = contract.ticker;
  r.client_order_id = "by-hand";
  r.side = Side::bid;
  r.price = Price{9'900};
  r.count = Qty{100};
  r.tif = vk::Tif::immediate_or_cancel;
  ASSERT_TRUE(x.create(rig.world().account(), r, rig.world().now()));
  rig.run(1_s);
  const auto told = rig.feed().take_positions();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().ticker, contract.ticker);
  EXPECT_EQ(told.back().qty, x.position(rig.world().account(), *x.find(contract.ticker)));
  EXPECT_GT(told.back().qty.centis, 0);
}

TEST(KalshiFeed, follows_every_book_and_the_index) {
  Rig rig;
  rig.run(30_s);
  EXPECT_EQ(rig.feed().gaps(), 0);
  EXPECT_GE(rig.expect_right_books(), 7);
  EXPECT_GE(rig.index_values, 28);
  EXPECT_EQ(rig.feed().undecodable(), 0);
  EXPECT_EQ(rig.feed().counts().unknown_fields, 0);
}

TEST(KalshiFeed, a_book_it_vouches_for_is_right_whatever_the_network_does) {
  Rig rig;
  rig.lose = 0.002;
  rig.twice = 0.001;
  int checked = 0;
  for (int i = 0; i < 6'000; ++i) {
    rig.step();
    if (rig.rng.chance(0.002)) rig.cut();
    checked += rig.expect_right_books();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(rig.feed().gaps(), 20);
  EXPECT_GT(checked, 20'000);
  rig.lose = rig.twice = 0;
  rig.run(10_s);
  EXPECT_GE(rig.expect_right_books(), 7);
}

TEST(KalshiFeed, a_reconnection_has_valid_books_within_a_quarter_of_a_second) {
  Rig rig;
  rig.run(20_s);
  const auto before = rig.feed().valid_books();
  rig.cut();
  EXPECT_EQ(rig.feed().valid_books(), 0U);
  rig.run(Duration{200'000'000});
  EXPECT_EQ(rig.feed().valid_books(), before);
}

TEST(KalshiFeed, a_half_open_socket_is_found_within_ten_seconds_and_its_index_is_stale_in_three) {
  Rig rig;
  rig.run(20_s);
  ASSERT_GT(rig.feed().valid_books(), 0U);
  rig.freeze = true;
  rig.run(4_s);
  EXPECT_EQ(rig.health[event::Stream::index], event::Health::stale);
  rig.run(6_s);
  EXPECT_EQ(rig.feed().valid_books(), 0U);
  EXPECT_NE(rig.health[event::Stream::kalshi_market], event::Health::healthy);
}

TEST(KalshiFeed, learns_the_strike_after_the_open_and_the_outcome_after_the_close) {
  Rig rig{2};
  rig.run(8_min);  // over 14:15
  int strikes = 0;
  for (const auto& [id, contract] : rig.contracts) strikes += contract.series == "KXBTC15M" && contract.strike.known();
  EXPECT_GE(strikes, 2);
  ASSERT_EQ(rig.settled.size(), 1U);
  const auto& [id, done] = *rig.settled.begin();
  const auto& market = rig.world().exchange().market(*rig.world().exchange().find(rig.contracts.at(id).ticker));
  EXPECT_EQ(done.outcome == event::Outcome::yes, *market.yes);
  EXPECT_EQ(done.value, market.expiration_value);
  EXPECT_FALSE(rig.books.at(id).valid);
  EXPECT_EQ(rig.feed().followed() + 1, rig.contracts.size()) << "a final outcome is let go";
}

TEST(KalshiFeed, an_outcome_that_the_venue_amends_before_it_is_final_is_told_again) {
  Rig rig{2};
  const auto said = [](std::string body, const std::string& from, const std::string& to) {
    for (auto at = body.find(from); at != std::string::npos; at = body.find(from, at + to.size()))
      body.replace(at, from.size(), to);
    return body;
  };
  rig.twist = [&](std::string body) {
    return said(std::move(body), R"("status":"finalized")", R"("status":"determined")");
  };
  rig.run(8_min);  // over 14:15
  ASSERT_EQ(rig.settled.size(), 1U);
  EXPECT_EQ(rig.feed().followed(), rig.contracts.size()) << "it is not final yet";
  const auto first = rig.settled.begin()->second.outcome;
  const bool yes = first == event::Outcome::yes;
  rig.twist = [&](std::string body) {
    return said(std::move(body), yes ? R"("result":"yes")" : R"("result":"no")",
                yes ? R"("result":"no")" : R"("result":"yes")");
  };
  rig.run(70_s);
  EXPECT_NE(rig.settled.begin()->second.outcome, first);
  rig.twist = {};
  rig.run(150_s);
  EXPECT_NE(rig.settled.begin()->second.outcome, first) << "it was final: nobody asks again";
}

TEST(KalshiFeed, a_terminal_error_costs_the_connection) {
  Rig rig{2};
  rig.run(5_s);
  const auto generation = rig.feed().supervisor().generation();
  rig.feed().text(generation,
                  R"({"type":"error","sid":1,"seq":999,"msg":{"code":25,"msg":"Subscription buffer overflow"}})",
                  rig.world().now());
  EXPECT_EQ(rig.feed().valid_books(), 0U);
  rig.run(2_s);
  EXPECT_GT(rig.feed().supervisor().generation(), generation);
  EXPECT_GT(rig.feed().valid_books(), 0U);
}

TEST(KalshiFeed, a_field_that_changed_its_name_loses_the_books_and_never_guesses) {
  Rig rig{2};
  rig.run(5_s);
  ASSERT_GT(rig.feed().valid_books(), 0U);
  rig.feed().text(
      rig.feed().supervisor().generation(),
      R"({"type":"orderbook_delta","sid":4,"seq":1,"msg":{"market_ticker":"T","price":"0.5","delta_fp":"1","side":"yes"}})",
      rig.world().now());
  EXPECT_EQ(rig.feed().valid_books(), 0U);
}

}  // namespace
}  // namespace voltage::venue::kalshi
