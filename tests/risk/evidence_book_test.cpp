#include "risk/evidence_book.hpp"

#include <gtest/gtest.h>

namespace voltage::risk {
namespace {

using namespace literals;

const Time kNow = Time::from_ms(1'778'500'000'000);

market::Contract contract(std::uint32_t id, const char* series) {
  market::Contract c;
  c.id = {id};
  c.series = series;
  c.open = kNow;
  c.close = kNow + 15_min;
  return c;
}

event::FillSeen fill(std::uint32_t id, Side side, std::int32_t pips, std::int64_t centis) {
  return {{1}, "t", {id}, side, Price{pips}, Qty{centis}, {}, false};
}

TEST(EvidenceBook, makes_one_observation_of_each_traded_contract_that_settled) {
  market::Books books;
  books.see(contract(0, "KXBTC15M"));
  books.load({0}, kNow, std::vector<market::Level>{{Price{5'000}, Qty{100}}},
             std::vector<market::Level>{{Price{5'200}, Qty{100}}});
  EvidenceBook book{{}};
  book.on_fill(kNow, fill(0, Side::bid, 4'900, 200));
  book.pass_time(kNow + 59_s, books);
  book.settle(contract(1, "KXBTC15M"), Money{5});
  EXPECT_TRUE(book.observations().empty()) << "never traded";
  book.pass_time(kNow + 61_s, books);
  book.settle(contract(0, "KXBTC15M"), Money{-1'000'000});
  book.settle(contract(0, "KXBTC15M"), Money{1'000'000});
  ASSERT_EQ(book.observations().size(), 1U) << "an amended outcome is no second market";
  EXPECT_DOUBLE_EQ(book.observations()[0].net, -0.5);
  EXPECT_NEAR(book.observations()[0].markout, 0.02, 1e-12);
  EXPECT_EQ(book.gate("KXBTC15M").net().count(), 1U);
  EXPECT_EQ(book.gate("KXBTCD").net().count(), 0U);
}

TEST(EvidenceBook, says_nothing_of_a_contract_that_a_person_traded_too) {
  EvidenceBook book{{}};
  book.on_fill(kNow, fill(0, Side::bid, 4'900, 200));
  auto by_hand = fill(0, Side::bid, 1'000, 100'000);
  by_hand.order = {};
  book.on_fill(kNow, by_hand);
  book.settle(contract(0, "KXBTC15M"), Money{900'000'000});
  EXPECT_TRUE(book.observations().empty());
}

TEST(EvidenceBook, opens_the_rungs_of_a_series_by_what_was_seen_of_it_alone_and_closes_them_again) {
  std::vector<Observation> good;
  for (int i = 0; i < 3'000; ++i) good.push_back({"KXBTC15M", i % 2 == 0 ? 0.25 : -0.05, 0.02});
  EvidenceBook book{good};
  EXPECT_EQ(book.allowed("KXBTC15M"), Rung::scale);
  EXPECT_EQ(book.allowed("KXBTCD"), Rung::paper);
  // What works no more: every market lost since.
  std::vector<Observation> turned = good;
  for (int i = 0; i < 9'000; ++i) turned.push_back({"KXBTC15M", -0.5, -0.05});
  EXPECT_EQ(EvidenceBook{turned}.allowed("KXBTC15M"), Rung::paper);
  EXPECT_EQ(EvidenceBook{std::span{good}.first(10)}.allowed("KXBTC15M"), Rung::paper) << "ten are too few";
}

}  // namespace
}  // namespace voltage::risk
