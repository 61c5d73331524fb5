// Candle files: read strictly, never repaired; the store keeps what it was given.
#include <gmock/gmock.h>

#include <zlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "io/candle_file.hpp"
#include "io/candle_store.hpp"

namespace voltage::io {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kHeader = "ts_ms,open,high,low,close,volume,trades,taker_buy_volume\n";

class CandleFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("voltage_candles_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    const auto path = (folder_ / name).string();
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  fs::path folder_;
};

std::string row(int minute, double open, double close, const std::string& tail = "2.5,100,1.25") {
  const double high = std::max(open, close) + 1;
  const double low = std::min(open, close) - 1;
  return std::to_string(1'700'000'040'000LL + 60'000LL * minute) + "," + std::to_string(open) + "," +
         std::to_string(high) + "," + std::to_string(low) + "," + std::to_string(close) + "," + tail + "\n";
}

std::string rows(int count) {
  std::string text = kHeader;
  for (int i = 0; i < count; ++i) text += row(i, 100 + 3 * std::sin(i), 100 + 3 * std::sin(i + 1));
  return text;
}

TEST_F(CandleFiles, empty_optional_cells_are_missing_not_zero) {
  const auto file = read_candle_file(write("a.csv", kHeader + row(0, 100, 101, "2.5,,") + row(1, 101, 102, "2,7,1")));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_TRUE(std::isnan(file->series.bars[0].trades));
  EXPECT_TRUE(std::isnan(file->series.bars[0].taker_buy));
  EXPECT_EQ(file->series.bars[1].trades, 7);
}

TEST_F(CandleFiles, gaps_duplicates_and_insane_rows_are_listed_with_their_line_and_not_repaired) {
  std::string text = rows(200);
  text += row(205, 100, 101) + row(205, 100, 102) + std::to_string(1'700'000'040'000LL + 60'000LL * 206) +
          ",1,2,3,1,1,1,0\n";
  const auto file = read_candle_file(write("b.csv", text));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_EQ(file->gaps.size(), 1U);
  EXPECT_EQ(file->gaps[0].line, 202);
  EXPECT_EQ(file->missing_bars, 5);
  ASSERT_EQ(file->duplicates.size(), 1U);
  EXPECT_EQ(file->duplicates[0].line, 203);
  ASSERT_EQ(file->insane.size(), 1U);
  EXPECT_EQ(file->insane[0].line, 204);
  EXPECT_EQ(file->series.bars.size(), 201U);
  EXPECT_EQ(file->series.bars.back().close, 101) << "the first of two stays";
}

TEST_F(CandleFiles, a_line_that_cannot_be_read_names_file_and_line) {
  const auto word = read_candle_file(write("c.csv", rows(3) + "1700000400000,x,2,1,1,1,1,1\n"));
  ASSERT_FALSE(word.has_value());
  EXPECT_THAT(word.error().message, HasSubstr("c.csv:5: open is \"x\""));
  const auto few = read_candle_file(write("d.csv", rows(3) + "1700000400000,1,2\n"));
  ASSERT_FALSE(few.has_value());
  EXPECT_THAT(few.error().message, HasSubstr("d.csv:5: 3 fields"));
  const auto header = read_candle_file(write("e.csv", "time,price\n1,2\n"));
  ASSERT_FALSE(header.has_value());
  EXPECT_THAT(header.error().message, HasSubstr("e.csv:1"));
}

TEST_F(CandleFiles, swapped_columns_are_refused) {
  std::string high_low = kHeader, open_close = kHeader, trades_volume = kHeader;
  for (int i = 0; i < 60; ++i) {
    const double open = 100 + 3 * std::sin(i), close = 100 + 3 * std::sin(i + 1);
    const auto t = std::to_string(1'700'000'040'000LL + 60'000LL * i) + ",";
    const auto o = std::to_string(open), c = std::to_string(close);
    const auto h = std::to_string(std::max(open, close) + 1), l = std::to_string(std::min(open, close) - 1);
    high_low += t + o + "," + l + "," + h + "," + c + ",2.5,100,1.2\n";
    open_close += t + c + "," + h + "," + l + "," + o + ",2.5,100,1.2\n";
    trades_volume += t + o + "," + h + "," + l + "," + c + ",100,2.5,1.2\n";
  }
  const auto a = read_candle_file(write("hl.csv", high_low));
  ASSERT_FALSE(a.has_value());
  EXPECT_THAT(a.error().message, HasSubstr("hl.csv:2"));
  const auto b = read_candle_file(write("oc.csv", open_close));
  ASSERT_FALSE(b.has_value());
  EXPECT_THAT(b.error().message, HasSubstr("open and close swapped"));
  const auto c = read_candle_file(write("tv.csv", trades_volume));
  ASSERT_FALSE(c.has_value());
  EXPECT_THAT(c.error().message, HasSubstr("not whole"));
  EXPECT_TRUE(read_candle_file(write("ok.csv", rows(60))).has_value());
}

TEST_F(CandleFiles, a_truncated_gzip_is_refused) {
  const auto path = (folder_ / "f.csv.gz").string();
  gzFile gz = gzopen(path.c_str(), "wb");
  const auto text = rows(2'000);
  gzwrite(gz, text.data(), static_cast<unsigned>(text.size()));
  gzclose(gz);
  ASSERT_TRUE(read_candle_file(path).has_value());
  fs::resize_file(path, fs::file_size(path) / 2);
  const auto cut = read_candle_file(path);
  ASSERT_FALSE(cut.has_value());
  EXPECT_THAT(cut.error().message, HasSubstr("f.csv.gz"));
}

TEST_F(CandleFiles, kraken_rows_and_binance_klines_are_read) {
  const auto kraken =
      read_candle_file(write("k.csv", "1700000040,100,102,99,101,2.5,12\n1700000100,101,103,100,102,1,3\n"));
  ASSERT_TRUE(kraken.has_value()) << kraken.error().message;
  EXPECT_EQ(kraken->series.bars[1].begin.ms(), 1'700'000'100'000);
  EXPECT_TRUE(std::isnan(kraken->series.bars[0].taker_buy));
  const auto klines =
      read_candle_file(write("m.csv", "1700000040000000,100,102,99,101,2.5,1700000099999999,250,12,1.5,150,0\n"));
  ASSERT_TRUE(klines.has_value()) << klines.error().message;
  EXPECT_EQ(klines->series.bars[0].begin.ms(), 1'700'000'040'000);
  EXPECT_EQ(klines->series.bars[0].trades, 12);
  EXPECT_EQ(klines->series.bars[0].taker_buy, 1.5);
}

TEST_F(CandleFiles, a_set_that_disagrees_with_itself_is_refused_and_equal_copies_are_not) {
  const auto a = write("a.csv", rows(30));
  auto text = rows(30);
  const auto twice = read_candles({a, write("b.csv", text)});
  ASSERT_TRUE(twice.has_value()) << twice.error().message;
  EXPECT_EQ(twice->fine.bars.size(), 30U);
  EXPECT_EQ(twice->hash, read_candles({a})->hash);
  text += row(30, 100, 101);
  const auto other = write("c.csv", kHeader + row(5, 90, 91) + row(6, 91, 92));
  EXPECT_FALSE(read_candles({a, other}).has_value());
  EXPECT_NE(read_candles({write("d.csv", text)})->hash, twice->hash);
}

TEST_F(CandleFiles, the_store_keeps_the_first_row_and_gives_back_what_it_was_given) {
  const auto path = (folder_ / "s.db").string();
  const auto file = read_candle_file(write("a.csv", kHeader + row(0, 100, 101, "2.5,,") + row(1, 101, 102)));
  {
    auto store = CandleStore::open(path);
    ASSERT_TRUE(store.has_value());
    ASSERT_TRUE(store->begin().has_value());
    EXPECT_EQ(store->add("x", file->series)->added, 2);
    ASSERT_TRUE(store->commit().has_value());
    auto changed = file->series;
    changed.bars[1].close = 101.5;
    ASSERT_TRUE(store->begin().has_value());
    const auto counts = store->add("x", changed);
    EXPECT_EQ(counts->present, 1);
    EXPECT_EQ(counts->differing, 1);
    // Closed without commit: undone.
    EXPECT_EQ(store->add("y", file->series)->added, 2);
  }
  ASSERT_TRUE(is_store(path));
  const auto back = read_candles({path});
  ASSERT_TRUE(back.has_value()) << back.error().message;
  ASSERT_EQ(back->fine.bars.size(), 2U);
  EXPECT_EQ(back->fine.bars[1].close, 102);
  EXPECT_TRUE(std::isnan(back->fine.bars[0].trades));
  EXPECT_EQ(back->hash, read_candles({(folder_ / "a.csv").string()})->hash);
}

}  // namespace
}  // namespace voltage::io
