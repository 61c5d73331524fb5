// A sealed run is the same run, smaller; damage in it is found; sealing that is cut off is taken up again.
#include "io/journal_seal.hpp"

#include <filesystem>

#include "app/journal/replay.hpp"
#include "app/journal/run_report.hpp"
#include "app/journal/tables.hpp"
#include "app/journal_fixture.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app::journal {
namespace {

namespace fs = std::filesystem;
using app::testing::journaled_demo;
using app::testing::TempFolder;

TEST(Seal, a_sealed_run_replays_as_before_and_is_smaller) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  const auto before = replay(folder);
  ASSERT_TRUE(before);
  EXPECT_FALSE(io::is_sealed(folder));
  const auto sealed = io::seal_journal(folder);
  ASSERT_TRUE(sealed) << sealed.error().message;
  EXPECT_LT(sealed->packed * 2, sealed->plain);
  EXPECT_TRUE(io::is_sealed(folder));
  EXPECT_FALSE(fs::exists(folder + "/000001.journal"));
  EXPECT_TRUE(io::verify_seal(folder));
  const auto after = replay(folder);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_FALSE(after->difference);
  EXPECT_EQ(after->events, before->events);
  EXPECT_EQ(after->effects, before->effects);
  EXPECT_TRUE(io::seal_journal(folder)) << "once more changes nothing";
}

TEST(Seal, damage_inside_a_sealed_segment_is_named) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  ASSERT_TRUE(io::seal_journal(folder));
  const std::string path = folder + "/000001.journal.gz";
  auto bytes = io::read_file(path);
  ASSERT_TRUE(bytes);
  const std::string whole = *bytes;
  bytes->at(bytes->size() / 2) ^= 1;
  ASSERT_TRUE(io::write_file(path, *bytes));
  const auto flipped = io::verify_seal(folder);
  ASSERT_FALSE(flipped);
  EXPECT_NE(flipped.error().message.find("000001.journal"), std::string::npos) << flipped.error().message;
  ASSERT_TRUE(io::write_file(path, whole.substr(0, whole.size() - 100)));
  EXPECT_FALSE(io::verify_seal(folder));
  EXPECT_FALSE(replay(folder));
  ASSERT_TRUE(io::write_file(path, whole));
  EXPECT_TRUE(io::verify_seal(folder));
}

TEST(Seal, sealing_that_was_cut_off_is_taken_up_again) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  const auto plain = io::read_file(folder + "/000001.journal");
  ASSERT_TRUE(plain);
  ASSERT_TRUE(io::seal_journal(folder));
  // As it was before the plain copy went, and with half a compressed one.
  ASSERT_TRUE(io::write_file(folder + "/000001.journal", *plain));
  ASSERT_TRUE(io::write_file(folder + "/000001.journal.gz", "half"));
  EXPECT_FALSE(io::is_sealed(folder));
  EXPECT_FALSE(replay(folder)->difference) << "the plain one counts";
  ASSERT_TRUE(io::seal_journal(folder));
  EXPECT_TRUE(io::is_sealed(folder));
  EXPECT_TRUE(io::verify_seal(folder));
}

TEST(Seal, a_damaged_journal_is_not_sealed) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  auto bytes = io::read_file(folder + "/000001.journal");
  ASSERT_TRUE(bytes);
  bytes->at(bytes->size() / 2) ^= 1;
  ASSERT_TRUE(io::write_file(folder + "/000001.journal", *bytes));
  EXPECT_FALSE(io::seal_journal(folder));
  EXPECT_TRUE(fs::exists(folder + "/000001.journal"));
}

TEST(Tables, hold_every_order_fill_and_change_of_cash_of_a_run_sealed_or_not) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  const auto plain = export_tables(folder, temp.path("plain"));
  ASSERT_TRUE(plain) << plain.error().message;
  const auto run = report_runs({folder});
  ASSERT_TRUE(run);
  EXPECT_EQ(plain->orders, run->orders);
  EXPECT_EQ(plain->fills, run->fills);
  EXPECT_EQ(plain->decisions, run->decisions);
  ASSERT_TRUE(io::seal_journal(folder));
  ASSERT_TRUE(export_tables(folder, temp.path("sealed")));
  for (const char* name : {"orders", "fills", "cash", "decisions", "quotes"}) {
    const auto a = io::read_file(temp.path("plain") + "/" + name + ".parquet");
    const auto b = io::read_file(temp.path("sealed") + "/" + name + ".parquet");
    ASSERT_TRUE(a && b) << name;
    EXPECT_EQ(*a, *b) << name;
    EXPECT_TRUE(a->starts_with("PAR1") && a->ends_with("PAR1")) << name;
  }
}

}  // namespace
}  // namespace voltage::app::journal
