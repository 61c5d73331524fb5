// Kraken's frames of both WebSocket versions and REST decode to the same form, by the digits sent.
#include "venue/kraken/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"

namespace voltage::venue::kraken {
namespace {

using testing::HasSubstr;

Frame decoded(std::string_view text) {
  Decoder decoder;
  auto frame = decoder.frame(text);
  EXPECT_TRUE(frame) << (frame ? "" : frame.error().message);
  return frame ? *frame : Frame{};
}

std::string refusal_of(std::string_view text) {
  Decoder decoder;
  const auto frame = decoder.frame(text);
  return frame ? "accepted" : frame.error().message;
}

constexpr std::string_view kV1Candle =
    R"([343,["1699797181.803577","1699797240.000000","37080.20000","37081.20000","37079.20000","37080.30000","37080.20000","0.01032369",2],"ohlc-1","XBT/USD"])";
constexpr std::string_view kV2Candle =
    R"({"channel":"ohlc","type":"update","timestamp":"2023-11-12T13:53:01.803577Z","data":[{"symbol":"BTC/USD","open":37080.2,"high":37081.2,"low":37079.2,"close":37080.3,"trades":2,"volume":0.01032369,"vwap":37080.2,"interval_begin":"2023-11-12T13:53:00.000000000Z","interval":1,"timestamp":"2023-11-12T13:54:00.000000Z"}]})";

TEST(KrakenDecode, both_versions_give_the_same_candle_named_by_its_begin) {
  const auto v1 = std::get<Candles>(decoded(kV1Candle).message).rows.at(0);
  const auto v2 = std::get<Candles>(decoded(kV2Candle).message).rows.at(0);
  EXPECT_EQ(v1.begin, *parse_iso("2023-11-12T13:53:00Z"));
  EXPECT_EQ(v1.begin, v2.begin);
  EXPECT_EQ(v1.symbol, v2.symbol);
  EXPECT_EQ(v1.high, v2.high);
  EXPECT_EQ(v1.volume, Fixed8{1'032'369});
  EXPECT_EQ(v1.volume, v2.volume);
  EXPECT_EQ(v1.interval, v2.interval);
}

TEST(KrakenDecode, reads_small_numbers_with_an_exponent_exactly) {
  const auto frame = decoded(
      R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":77120.0,"qty":1e-8,"ord_type":"limit","trade_id":105702534,"timestamp":"2026-08-22T17:30:53.355059Z"}]})");
  const auto& row = std::get<Trades>(frame.message).rows.at(0);
  EXPECT_EQ(row.qty, Fixed8{1});
  EXPECT_EQ(row.price, Fixed8{7'712'000'000'000});
  EXPECT_EQ(row.id, 105702534);
  EXPECT_EQ(row.at.ns % 1'000'000'000, 355'059'000);
}

TEST(KrakenDecode, a_refused_subscription_says_so) {
  const auto frame = decoded(
      R"({"error":"Currency pair not supported XBT/USDT","method":"subscribe","success":false,"symbol":"XBT/USDT","time_in":"2026-09-10T17:44:44.609516Z","time_out":"2026-09-10T17:44:44.609555Z"})");
  const auto ack = std::get<Ack>(frame.message);
  EXPECT_FALSE(ack.ok);
  EXPECT_EQ(ack.symbol, "XBT/USDT");
}

TEST(KrakenDecode, keeps_a_connection_id_above_63_bits) {
  const auto frame = decoded(
      R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":16174536464690282295}]})");
  EXPECT_EQ(std::get<Status>(frame.message).connection_id, 16174536464690282295ULL);
}

TEST(KrakenDecode, rest_trades_keep_their_ids_and_times) {
  const auto frame = decoded(
      R"({"error":[],"result":{"XXBTZUSD":[["105433.60000","0.00027625",1762795433.9717445,"b","l","",10218208]],"last":"1762795433971744500"}})");
  const auto& trades = std::get<Trades>(frame.message);
  EXPECT_EQ(trades.rows.at(0).at, Time{1'762'795'433'971'744'500});
  EXPECT_EQ(trades.rows.at(0).symbol, "BTC/USD");
  EXPECT_EQ(trades.cursor_ns, 1'762'795'433'971'744'500);
}

TEST(KrakenDecode, rest_errors_come_with_a_good_status) {
  EXPECT_EQ(std::get<Refusal>(decoded(R"({"error":["EGeneral:Too many requests"]})").message).message,
            "EGeneral:Too many requests");
}

TEST(KrakenDecode, rest_candles_are_read_by_position) {
  const auto frame = decoded(
      R"({"error":[],"result":{"XXBTZUSD":[[1699797180,"37080.2","37081.2","37079.2","37080.3","37080.2","0.01032369",2]],"last":1699797180}})");
  EXPECT_EQ(std::get<Candles>(frame.message).rows.at(0).begin, *parse_iso("2023-11-12T13:53:00Z"));
}

TEST(KrakenDecode, names_what_is_wrong) {
  const auto with = [](std::string_view text, std::string_view from, std::string_view to) {
    std::string changed{text};
    const auto at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return refusal_of(changed.replace(at, from.size(), to));
  };
  EXPECT_THAT(with(kV2Candle, "\"high\":37081.2", "\"high\":37000"), HasSubstr("high is below another price"));
  EXPECT_THAT(with(kV2Candle, "\"open\":37080.2", "\"open\":null"), HasSubstr("data[0].open: is missing"));
  EXPECT_THAT(with(kV2Candle, "2023-11-12T13:53:00.000000000Z", "2023-02-30T00:00:00Z"),
              HasSubstr("data[0].interval_begin"));
  EXPECT_THAT(with(kV2Candle, "37079.2", "-1"), HasSubstr("data[0].low: -1 is out of range"));
  EXPECT_THAT(with(kV1Candle, "ohlc-1", "ohlc-x"), HasSubstr("has no interval"));
  EXPECT_THAT(with(kV1Candle, "\"37080.30000\"", "true"), HasSubstr("candle[5] (close): is a true or false"));
}

TEST(KrakenDecode, the_checksum_of_the_documented_book_is_right) {
  const auto frame = decoded(
      R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10000000},{"price":45283.4,"qty":1.54582015},{"price":45282.1,"qty":0.10000000},{"price":45281.0,"qty":0.10000000},{"price":45280.3,"qty":1.54592586},{"price":45279.0,"qty":0.07990000},{"price":45277.6,"qty":0.03310103},{"price":45277.5,"qty":0.30000000},{"price":45277.3,"qty":1.54602737},{"price":45276.6,"qty":0.15445238}],"asks":[{"price":45285.2,"qty":0.00100000},{"price":45286.4,"qty":1.54571953},{"price":45286.6,"qty":1.54571109},{"price":45289.6,"qty":1.54560911},{"price":45290.2,"qty":0.15890660},{"price":45291.8,"qty":1.54553491},{"price":45294.7,"qty":0.04454749},{"price":45296.1,"qty":0.35380000},{"price":45297.5,"qty":0.09945542},{"price":45299.5,"qty":0.18772827}],"checksum":3310070434,"timestamp":"2023-10-06T17:35:55.440295Z"}]})");
  const auto& book = std::get<Book>(frame.message);
  EXPECT_EQ(book_checksum(book, 1, 8), book.checksum);
}

}  // namespace
}  // namespace voltage::venue::kraken
