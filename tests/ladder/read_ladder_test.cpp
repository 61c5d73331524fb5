// A recorded ladder is read whole, or refused at the line that is wrong.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/ladder/ladder.hpp"
#include "io/atomic_file.hpp"
#include "support/recordings.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app {
namespace {

const std::string kHeader = "ts_ms,close_ms,market,low,high,yes_bid,yes_ask,spot,settlement_price\n";

Result<std::vector<LadderSnapshot>> read(const std::string& text) {
  testing::TempFolder folder;
  const std::string path = folder.path() + "/ladder.csv";
  if (const auto ok = io::write_file(path, text); !ok) return tl::unexpected(ok.error());
  return read_ladder(path);
}

TEST(Ladder, rows_of_one_moment_and_close_are_one_snapshot) {
  const auto got = read(kHeader +
                        "1000,5000,A,,100.0,0.0,0.01,150.5,160.25\n"
                        "1000,5000,B,100.0,200.0,0.5,0.52,150.5,160.25\n"
                        "2000,5000,B,100.0,200.0,0.6,0.62,151,160.25\n");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].rows.size(), 2u);
  EXPECT_EQ((*got)[0].rows[0].pays, (market::CentRange{.high = 10'000}));
  EXPECT_EQ((*got)[0].rows[1].bid, Price{5'000});
  EXPECT_EQ((*got)[0].settlement_cents, 16'025);
  EXPECT_FALSE((*got)[0].rows[0].offered());
}

TEST(Ladder, what_is_wrong_is_named_by_line_and_field) {
  const auto expect = [](const std::string& text, const std::string& line, const std::string& field) {
    const auto got = read(text);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().message.find(line), std::string::npos) << got.error().message;
    EXPECT_NE(got.error().message.find(field), std::string::npos) << got.error().message;
  };
  expect("ts_ms,market\n", ":1", "header");
  expect(kHeader + "1000,5000,A,1,2,0.5\n", ":2", "9 fields");
  expect(kHeader + "1000,900,A,100,200,0.5,0.6,150,160\n", ":2", "close_ms");
  expect(kHeader + "1000,5000,A,200,100,0.5,0.6,150,160\n", ":2", "high");
  expect(kHeader + "1000,5000,A,100,200,0.7,0.6,150,160\n", ":2", "yes_bid");
  expect(kHeader + "1000,5000,A,100,200,0.5,0.6,x,160\n", ":2", "spot");
  expect(kHeader + "1000,5000,A,100,200,0.5,0.6,150,160.123\n", ":2", "settlement_price");
  expect(kHeader, "ladder", "no ladder");
}

TEST(Ladder, the_recorded_ladders_tile_the_line) {
  NEEDS_RECORDINGS(data);
  const auto got = read_ladder(data + "/kalshi_kxbtc_ladder/ladder.csv.gz");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->size(), 275u);
  for (const auto& s : *got) {
    EXPECT_EQ(s.rows.size(), 188u);
    int paid = 0;
    for (const auto& row : s.rows) paid += row.pays.contains(s.settlement_cents);
    EXPECT_EQ(paid, 1);
  }
}

// One expiry is alive at each of their moments: there is no pair, and the report must not look as if there were.
TEST(Ladder, the_recorded_ladders_are_right_by_themselves_and_have_no_pair_of_expiries) {
  NEEDS_RECORDINGS(data);
  const auto got = read_ladder(data + "/kalshi_kxbtc_ladder/ladder.csv.gz");
  ASSERT_TRUE(got) << got.error().message;
  const auto check = check_ladders(*got, {});
  EXPECT_EQ(check.moments, 275);
  EXPECT_EQ(check.instants, 275);
  EXPECT_TRUE(check.within.empty());
  EXPECT_TRUE(check.pairs.empty());
  EXPECT_NE(check_text(check).find("275 instants at 275 moments"), std::string::npos);
  EXPECT_NE(check_text(check).find("0 pairs, one expiry alive at each moment"), std::string::npos);
}

TEST(Ladder, two_closes_of_one_moment_are_a_pair) {
  const auto got = read(kHeader +
                        "1000,901000,A,100.0,,0.5,0.52,100.5,160.25\n"
                        "1000,3601000,B,100.0,,0.48,0.5,100.5,160.25\n"
                        "2000,901000,A,100.0,,0.6,0.62,100.5,160.25\n");
  ASSERT_TRUE(got) << got.error().message;
  const auto check = check_ladders(*got, {});
  EXPECT_EQ(check.moments, 2);
  EXPECT_EQ(check.instants, 3);
  ASSERT_EQ(check.pairs.size(), 1u);
  EXPECT_EQ(check.pairs[0].earlier, Time::from_ms(901'000));
  EXPECT_EQ(check.compared(), 1);
  EXPECT_EQ(check.sure(), 0);
}

}  // namespace
}  // namespace voltage::app
