// Kalshi's frames decode to the right values, on the YES axis, or are refused by name.
#include "venue/kalshi/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "venue/kalshi/rest.hpp"

namespace voltage::venue::kalshi {
namespace {

using testing::HasSubstr;

Frame decoded(std::string_view text, NoPrices no_prices = NoPrices::no_axis) {
  Decoder decoder{no_prices};
  auto frame = decoder.frame(text);
  EXPECT_TRUE(frame) << (frame ? "" : frame.error().message);
  return frame ? *frame : Frame{};
}

std::string refusal_of(std::string_view text) {
  Decoder decoder{NoPrices::no_axis};
  const auto frame = decoder.frame(text);
  return frame ? "accepted" : frame.error().message;
}

constexpr std::string_view kNoDelta =
    R"({"type":"orderbook_delta","sid":1,"seq":9,"sending_ts_ms":1776490453000,"msg":{"market_ticker":"M","price_dollars":"0.8100","delta_fp":"-5000.00","side":"no","ts_ms":1776490453816}})";

TEST(KalshiDecode, turns_a_no_bid_into_a_yes_ask_once) {
  const auto frame = decoded(kNoDelta);
  const auto delta = std::get<BookDelta>(frame.message);
  EXPECT_EQ(delta.side, Side::ask);
  EXPECT_EQ(delta.price, Price{1900});
  EXPECT_EQ(delta.change, Qty{-500'000});
  EXPECT_EQ(frame.sid, 1);
  EXPECT_EQ(frame.seq, 9);
  EXPECT_EQ(frame.sent, Time::from_ms(1776490453000));
  EXPECT_EQ(std::get<BookDelta>(decoded(kNoDelta, NoPrices::yes_axis).message).price, Price{8100});
}

TEST(KalshiDecode, takes_an_absent_side_of_a_snapshot_as_empty) {
  const auto both =
      decoded(R"({"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"M","market_id":""}})");
  EXPECT_TRUE(std::get<BookSnapshot>(both.message).bids.empty());
  EXPECT_FALSE(std::get<BookSnapshot>(both.message).has_no_key);
  const auto one = decoded(
      R"({"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"M","no_dollars_fp":[["0.4400","335.00"],["0.9900","26.01"]]}})");
  const auto& book = std::get<BookSnapshot>(one.message);
  EXPECT_THAT(book.asks,
              testing::ElementsAre(market::Level{Price{100}, Qty{2601}}, market::Level{Price{5600}, Qty{33500}}));
}

TEST(KalshiDecode, counts_snapshots_without_either_side) {
  Decoder decoder{NoPrices::no_axis};
  ASSERT_TRUE(decoder.frame(R"({"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"M"}})"));
  ASSERT_TRUE(decoder.frame(
      R"({"type":"orderbook_snapshot","sid":1,"seq":2,"msg":{"market_ticker":"M","yes_dollars_fp":[["0.5","1"]]}})"));
  EXPECT_EQ(decoder.counts().snapshots, 2);
  EXPECT_EQ(decoder.counts().bare_snapshots, 1);
}

TEST(KalshiDecode, accepts_a_number_where_text_was_documented_and_counts_it) {
  Decoder decoder{NoPrices::no_axis};
  const auto frame = decoder.frame(
      R"({"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"M","price_dollars":0.5550,"delta_fp":1e1,"side":"yes"}})");
  ASSERT_TRUE(frame);
  EXPECT_EQ(std::get<BookDelta>(frame->message).price, Price{5550});
  EXPECT_EQ(std::get<BookDelta>(frame->message).change, Qty{1000});
  EXPECT_EQ(decoder.counts().retyped_fields, 2);
}

TEST(KalshiDecode, tolerates_and_counts_what_it_does_not_know) {
  Decoder decoder{NoPrices::no_axis};
  const auto kind = decoder.frame(R"({"type":"brand_new","sid":3,"msg":{"x":1}})");
  ASSERT_TRUE(kind);
  EXPECT_EQ(std::get<Unknown>(kind->message).type, "brand_new");
  const auto field = decoder.frame(
      R"({"type":"orderbook_delta","sid":1,"seq":2,"shiny":true,"msg":{"market_ticker":"M","price_dollars":"0.5","delta_fp":"1","side":"yes","hue":[1]}})");
  ASSERT_TRUE(field);
  EXPECT_EQ(decoder.counts().unknown_fields, 2);
  EXPECT_EQ(decoder.counts().unknown_types, 1);
}

TEST(KalshiDecode, names_the_field_that_is_wrong) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string text{kNoDelta};
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return refusal_of(text.replace(at, from.size(), to));
  };
  EXPECT_THAT(with("\"0.8100\"", "\"1.8100\""), HasSubstr("msg.price_dollars: 1.8100 is out of range"));
  EXPECT_THAT(with("\"0.8100\"", "\"0.81001\""), HasSubstr("at most 4 decimals"));
  EXPECT_THAT(with("\"0.8100\"", "[]"), HasSubstr("msg.price_dollars: is a array, not a number"));
  EXPECT_THAT(with("\"side\":\"no\"", "\"side\":\"maybe\""), HasSubstr("msg.side: 'maybe' is neither yes nor no"));
  EXPECT_THAT(with("\"delta_fp\":", "\"delta\":"), HasSubstr("msg.delta_fp: is missing"));
  EXPECT_THAT(with("\"seq\":9", "\"seq\":\"x\""), HasSubstr("frame.seq"));
  EXPECT_THAT(with("\"msg\":{", "\"msg\":7,\"gsm\":{"), HasSubstr("frame.msg: is a number, not an object"));
  EXPECT_THAT(with("\"side\":", "\"price_dollars\":\"0.2\",\"side\":"), HasSubstr("msg.price_dollars: is there twice"));
}

TEST(KalshiDecode, refuses_what_is_not_one_whole_json_text) {
  for (const char* text :
       {"", "{", "[1,2", "{\"type\":\"ok\"}x", "{\"type\":\"ok\",}", "nul", "\"text\"", "{\"a\":tru}", "{\"a\":01}",
        "{\"a\":1.}", "{\"a\":\"\xff\"}", "{\"a\":\"\\q\"}", "{\"a\" 1}"}) {
    EXPECT_NE(refusal_of(text), "accepted") << text;
  }
}

TEST(KalshiDecode, reads_the_settlement_index_and_its_running_average) {
  const auto frame = decoded(
      R"({"type":"cfbenchmarks_value","sid":1,"seq":42,"msg":{"index_id":"BRTI","received_at":1710000000123,"data":"{\"type\":\"value\",\"id\":\"BRTI\",\"time\":1710000000123,\"value\":\"68000.12\"}","avg_60s_data":{"value":"68000.12000000","window_size":3,"window_start_ts_ms":1709999940123,"window_end_ts_exclusive":1710000000123},"last_60s_windowed_average_15min":{"value":"68000.23000000","window_size":14,"window_start_ts_ms":1709999980000,"window_end_ts_exclusive":1710000000123}}})");
  const auto& tick = std::get<IndexTick>(frame.message);
  EXPECT_EQ(tick.value.e8, 6'800'012'000'000);
  EXPECT_EQ(tick.value_time, Time::from_ms(1710000000123));
  EXPECT_EQ(tick.settlement_minute->count, 14);
  EXPECT_EQ(tick.settlement_minute->value.e8, 6'800'023'000'000);
}

TEST(KalshiDecode, never_guesses_the_side_of_an_order_or_fill) {
  const std::string base =
      R"({"type":"fill","sid":4,"msg":{"trade_id":"t","order_id":"o","market_ticker":"M","exchange_index":2,"is_taker":true,"yes_price_dollars":"0.4200","count_fp":"3.00","fee_cost":"0.051156","post_position_fp":"-3.00","ts_ms":1776490453816)";
  EXPECT_THAT(refusal_of(base + "}}"), HasSubstr("msg.book_side: is missing, and so is outcome_side"));
  const auto fill = std::get<Fill>(decoded(base + R"(,"outcome_side":"no"}})").message);
  EXPECT_EQ(fill.side, Side::ask);
  EXPECT_EQ(fill.fee, Money{51'156});
  EXPECT_EQ(fill.position, Qty{-300});
}

TEST(KalshiDecode, what_is_not_said_of_an_order_stays_unsaid) {
  Decoder decoder{NoPrices::yes_axis};
  const auto frame = decoder.frame(
      R"({"type":"user_order","sid":4,"msg":{"order_id":"o","ticker":"M","status":"resting","book_side":"bid","yes_price_dollars":"0.4200","initial_count_fp":"3.00","fill_count_fp":"0.00","remaining_count_fp":"3.00"}})");
  ASSERT_TRUE(frame) << frame.error().message;
  const auto& order = std::get<Order>(frame->message);
  EXPECT_FALSE(order.taker_fees);
  EXPECT_FALSE(order.maker_fees);
  EXPECT_FALSE(order.exchange_index);
}

TEST(KalshiDecode, says_which_refusals_end_the_subscription) {
  EXPECT_FALSE(
      std::get<Refusal>(decoded(R"({"type":"error","id":3,"msg":{"code":8,"msg":"Unknown channel name"}})").message)
          .terminal());
  EXPECT_TRUE(
      std::get<Refusal>(decoded(R"({"type":"error","sid":3,"seq":4,"msg":{"code":25,"msg":"overflow"}})").message)
          .terminal());
}

TEST(KalshiRest, reads_all_three_shapes_of_an_error) {
  EXPECT_EQ(decode_error(R"({"error":{"code":"invalid_order","message":"m","details":"post only cross"}})").details,
            "post only cross");
  EXPECT_EQ(decode_error(R"({"error":"too many requests"})").message, "too many requests");
  EXPECT_EQ(decode_error(R"({"code":"bad_request","message":"m"})").code, "bad_request");
  EXPECT_EQ(decode_error("<html>").code, "");
}

TEST(KalshiRest, one_bad_market_does_not_take_the_others_with_it) {
  JsonDocument document;
  const auto root = document.parse(
      R"({"markets":[{"ticker":"A","status":"active","open_time":"2026-01-01T00:00:00Z","close_time":"2026-01-01T01:00:00Z","floor_strike":84899.99,"strike_type":"greater"},{"ticker":"B","status":"active","open_time":5}],"cursor":""})");
  ASSERT_TRUE(root);
  Counts counts;
  const auto object = decode_rest(*root, counts);
  ASSERT_TRUE(object);
  const auto& markets = std::get<Markets>(*object);
  ASSERT_EQ(markets.markets.size(), 1U);
  EXPECT_EQ(markets.markets[0].floor->e8, 8'489'999'000'000);
  ASSERT_EQ(markets.refused.size(), 1U);
  EXPECT_THAT(markets.refused[0], HasSubstr("B: market.open_time"));
}

TEST(KalshiRest, the_strike_of_a_quarter_hour_is_known_to_be_the_average_at_its_open) {
  for (const auto& [ticker, is] :
       {std::pair{"KXBTC15M-26NOV221200-00", true}, std::pair{"KXBTCD-26OCT0616-T84899.99", false}}) {
    Market m;
    m.ticker = ticker;
    m.strike_type = market::StrikeType::greater_or_equal;
    m.price_level_structure = "linear_cent";
    const auto contract = contract_of(m, {});
    ASSERT_TRUE(contract) << contract.error().message;
    EXPECT_EQ(contract->strike_is_opening_average, is) << ticker;
  }
}

}  // namespace
}  // namespace voltage::venue::kalshi
