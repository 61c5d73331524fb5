// What we write opens elsewhere: the trees of a bundle in Python's lightgbm, tables in pyarrow and pandas. The packages
// are fetched into the build folder once; where they can't be had the tests say so and are skipped.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "app/lifecycle_fixture.hpp"
#include "features/schema.hpp"
#include "io/table_file.hpp"
#include "model/bundle_files.hpp"
#include "support/temp_folder.hpp"

namespace voltage {
namespace {

namespace fs = std::filesystem;
using namespace literals;

int run(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A Python with these packages in a folder of their own; empty if they can't be had.
std::string python_with(const std::string& name, const std::string& packages) {
  if (std::getenv("VOLTAGE_OFFLINE") != nullptr) return {};
  const fs::path folder = fs::path{VOLTAGE_BINARY}.parent_path() / "interop-clients" / name;
  const std::string with = "PYTHONPATH=" + folder.string() + " python3 ";
  if (fs::exists(folder / ".done")) return with;
  fs::create_directories(folder);
  const std::string fetch =
      "timeout 300 python3 -m pip install -q --disable-pip-version-check --retries 1 --timeout 10 --target " +
      folder.string() + " " + packages + " >/dev/null 2>&1 && touch " + folder.string() + "/.done";
  return run(fetch) == 0 ? with : std::string{};
}

const std::string kScripts = std::string{VOLTAGE_SOURCE_DIR} + "/tests/interop/";

TEST(Interop, the_trees_of_a_bundle_open_in_pythons_lightgbm_and_predict_the_same) {
  const auto python = python_with("lightgbm", "lightgbm==4.7.0");
  if (python.empty()) GTEST_SKIP() << "Python's lightgbm can't be fetched (or VOLTAGE_OFFLINE is set)";
  const auto market = app::lifecycle::train_market(3, 100, 2);
  const testing::TempFolder folder;
  ASSERT_TRUE(model::save_bundle(market.bundle, folder.path("m"), ""));
  const auto f = app::Forecasting::make(market.bundle, market.candles);
  ASSERT_TRUE(f);
  std::vector<double> ours;
  std::string text;
  Rng rng{5};
  for (int k = 0; k < 2'000; ++k) {
    const auto slot = 20'000 + rng.below((*f)->past().history.size() - 20'000);
    features::Blank blank;
    blank.volume = rng.chance(0.2);
    blank.taker = rng.chance(0.2);
    blank.fine = rng.chance(0.1);
    const auto ask = (*f)->ask();
    auto row = ask.ahead(ask.look((*f)->past(), slot, blank), 1 + static_cast<double>(rng.below(1440))).row;
    row.back() = static_cast<float>(rng.uniform(-3, 3));
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += (i > 0 ? "," : "") + (std::isnan(row[i]) ? std::string{} : fmt::format("{:.9g}", row[i]));
    }
    text += "\n";
    ours.push_back(market.bundle.trees.raw(row));
  }
  const auto rows = folder.write("rows.csv", text);
  ASSERT_EQ(run(python + kScripts + "lightgbm_check.py " + folder.path("m/lightgbm.txt") + " " + rows + " > " +
                folder.path("scores")),
            0);
  std::ifstream scores{folder.path("scores")};
  double worst = 0, theirs = 0;
  for (const double score : ours) {
    ASSERT_TRUE(scores >> theirs);
    worst = std::max(worst, std::abs(score - theirs));
  }
  EXPECT_LE(worst, 1e-9);
  std::printf("%zu rows, largest difference %.3g\n", ours.size(), worst);
}

TEST(Interop, a_parquet_table_opens_in_pyarrow_and_pandas_with_the_cells_of_its_csv) {
  const auto python = python_with("pyarrow", "pyarrow==21.0.0 pandas==2.3.3");
  if (python.empty()) GTEST_SKIP() << "pyarrow can't be fetched (or VOLTAGE_OFFLINE is set)";
  const testing::TempFolder folder;
  const std::vector<io::Column> columns{{"ts_ms", io::ColumnType::integer},
                                        {"p", io::ColumnType::number},
                                        {"market", io::ColumnType::text},
                                        {"at", io::ColumnType::time}};
  for (const int rows : {0, 1, 9, 70'000}) {  // none, few, not a multiple of eight, more than one row group
    auto csv = io::TableFile::create(folder.path("t.csv"), columns);
    auto parquet = io::TableFile::create(folder.path("t.parquet"), columns);
    ASSERT_TRUE(csv && parquet);
    Rng rng{static_cast<std::uint64_t>(rows)};
    std::string text;
    for (int i = 0; i < rows; ++i) {
      text += rng.chance(0.05) ? "," : fmt::format("{},", static_cast<std::int64_t>(rng.next()));
      text += rng.chance(0.2) ? "," : fmt::format("{:.17g},", rng.normal() * 1e-3);
      text += rng.chance(0.1) ? "," : fmt::format("KXBTC15M-{}é,", rng.below(1000));
      text += fmt::format("2026-05-11T05:45:{:02}.{:09}Z\n", rng.below(60), rng.below(1'000'000'000));
    }
    csv->write(text);
    parquet->write(text);
    ASSERT_TRUE(csv->commit());
    const auto written = parquet->commit();
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(run(python + kScripts + "parquet_check.py " + folder.path("t.parquet") + " " + folder.path("t.csv")), 0)
        << rows << " rows";
  }
}

TEST(Interop, a_table_with_a_cell_of_the_wrong_type_is_not_written) {
  const testing::TempFolder folder;
  auto table = io::TableFile::create(folder.path("t.parquet"), {{"n", io::ColumnType::integer}});
  ASSERT_TRUE(table);
  table->write("1\n2.5\n3\n");
  const auto written = table->commit();
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("line 3"), std::string::npos) << written.error().message;
  EXPECT_FALSE(fs::exists(folder.path("t.parquet")));
}

}  // namespace
}  // namespace voltage
