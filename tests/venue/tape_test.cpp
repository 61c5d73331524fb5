// Recorded sessions: what is read, what is refused, and the twenty real ones.
#include "venue/tape/tape.hpp"

#include <gtest/gtest.h>

#include "market/books.hpp"
#include "support/recordings.hpp"
#include "support/temp_folder.hpp"

namespace voltage::venue::tape {
namespace {

const std::string kHead =
    R"({"t":"watch_market","recv_ns":1,"seq":null,"market":"M","msg":{"close_time":"2026-05-11T05:45:00Z","strike":80938.41}})"
    "\n"
    R"({"t":"ws_connected","recv_ns":2,"seq":null,"market":"M","msg":{}})"
    "\n";
const std::string kSnapshot =
    R"({"t":"orderbook_snapshot","recv_ns":3,"seq":1,"market":"M","msg":{"yes_dollars_fp":[["0.40","5.00"]],"no_dollars_fp":[["0.55","2.50"]]}})"
    "\n";
std::string delta(int recv, int seq, const std::string& side = "no", const std::string& change = "-1.00") {
  return R"({"t":"orderbook_delta","recv_ns":)" + std::to_string(recv) + R"(,"seq":)" + std::to_string(seq) +
         R"(,"market":"M","msg":{"side":")" + side + R"(","price_dollars":"0.55","delta_fp":")" + change + "\"}}\n";
}

// Everything in the text, or the error that stopped it.
Result<std::vector<Record>> read_all(const std::string& text) {
  const testing::TempFolder folder;
  auto reader = TapeReader::open(folder.write("tape.ndjson", text));
  std::vector<Record> out;
  for (;;) {
    auto record = reader->next();
    if (!record) return tl::unexpected(record.error());
    if (!*record) return out;
    out.push_back(std::move(**record));
  }
}

TEST(Tape, a_no_bid_stands_as_a_yes_ask) {
  const auto records = read_all(kHead + kSnapshot + delta(4, 2));
  ASSERT_TRUE(records);
  const auto& snapshot = std::get<Snapshot>((*records)[2].what);
  EXPECT_EQ(snapshot.bids[0], (market::Level{Price{4000}, Qty{500}}));
  EXPECT_EQ(snapshot.asks[0], (market::Level{Price{4500}, Qty{250}}));
  const auto& change = std::get<Delta>((*records)[3].what);
  EXPECT_EQ(change.side, Side::ask);
  EXPECT_EQ(change.price, Price{4500});
  EXPECT_EQ(change.change, Qty{-100});
}

TEST(Tape, a_sequence_hole_is_reported_with_both_numbers) {
  const auto records = read_all(kHead + kSnapshot + delta(4, 5));
  ASSERT_TRUE(records);
  ASSERT_TRUE((*records)[3].hole);
  EXPECT_EQ((*records)[3].hole->expected, 2);
  EXPECT_EQ((*records)[3].hole->got, 5);
}

TEST(Tape, a_recording_without_its_snapshot_is_refused_with_the_place) {
  const auto records = read_all(kHead + delta(4, 2));
  ASSERT_FALSE(records);
  EXPECT_NE(records.error().message.find("tape.ndjson:3: "), std::string::npos) << records.error().message;
  EXPECT_NE(records.error().message.find("before its snapshot"), std::string::npos);
}

TEST(Tape, damage_is_refused_with_the_field) {
  EXPECT_NE(read_all(kHead + kSnapshot + delta(4, 2, "maybe")).error().message.find("side"), std::string::npos);
  EXPECT_NE(read_all(kHead + kSnapshot + delta(4, 2, "no", "1.005")).error().message.find("delta_fp"),
            std::string::npos);
  EXPECT_NE(read_all(kHead + kSnapshot + "{\"t\":\"orderbook_de").error().message.find("JSON"), std::string::npos);
  EXPECT_NE(read_all(kHead + kSnapshot + delta(1, 2)).error().message.find("goes back"), std::string::npos);
}

TEST(Tape, the_real_sessions_have_no_hole_no_negative_level_and_457_crossed_moments) {
  NEEDS_RECORDINGS(data);
  const auto files = sessions(data + "/kalshi_kxbtc15m/tape");
  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 20U);
  std::int64_t deltas = 0, holes = 0, crossed = 0, lost = 0;
  for (const auto& file : *files) {
    auto reader = TapeReader::open(file);
    market::Books books;
    std::map<std::string, market::ContractId> ids;
    for (;;) {
      auto record = reader->next();
      ASSERT_TRUE(record) << record.error().message;
      if (!*record) break;
      auto [entry, fresh] =
          ids.try_emplace((*record)->market, market::ContractId{static_cast<std::uint32_t>(ids.size())});
      if (fresh) {
        market::Contract contract;
        contract.id = entry->second;
        books.see(contract);
      }
      holes += (*record)->hole.has_value();
      if (const auto* s = std::get_if<Snapshot>(&(*record)->what)) {
        books.load(entry->second, (*record)->received, s->bids, s->asks);
      } else if (const auto* d = std::get_if<Delta>(&(*record)->what)) {
        books.apply(entry->second, (*record)->received, d->side, d->price, d->change);
        ++deltas;
      }
    }
    for (const auto& listing : books.all()) {
      crossed += listing.crossed_moments;
      lost += listing.trust == market::Trust::lost;
    }
  }
  EXPECT_EQ(deltas, 1'244'371);
  EXPECT_EQ(holes, 0);
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(crossed, 457);
}

}  // namespace
}  // namespace voltage::venue::tape
