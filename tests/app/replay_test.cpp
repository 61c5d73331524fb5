// Goal: a journaled run, run again from the journal alone, gives the same effects to the last byte, and any
// other effect is found and its seq named.
#include "app/journal/replay.hpp"

#include <gtest/gtest.h>

#include "app/journal_fixture.hpp"
#include "event/codec.hpp"
#include "io/journal_writer.hpp"

namespace voltage::app {
namespace {

using namespace literals;

TEST(Replay, of_a_demo_is_equal_to_the_last_byte) {
  const testing::TempFolder temp;
  // Long enough for a thousand effects on a machine with other things to do.
  const auto report = journal::replay(testing::journaled_demo(temp, 5, Duration{6'000'000'000}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->difference) << report->difference->what;
  EXPECT_TRUE(report->ended_in_order);
  EXPECT_GT(report->effects, 1000U);
}

// Copies the run, with one decision's edge moved by the least that a double can move.
TEST(Replay, names_the_first_effect_that_differs_by_one_bit) {
  const testing::TempFolder temp;
  auto reader = io::JournalReader::open(testing::journaled_demo(temp, 6));
  ASSERT_TRUE(reader);
  auto writer = io::JournalWriter::create(*io::open_journal_folder(temp.path("altered")), reader->manifest());
  ASSERT_TRUE(writer);
  event::Event cause;
  std::uint64_t altered = 0;
  for (;;) {
    const auto record = reader->next();
    ASSERT_TRUE(record);
    if (!*record) break;
    if ((*record)->type == io::RecordType::event) {
      cause = {(*record)->seq, (*record)->at, *event::decode_payload((*record)->what)};
      (*writer)->append(cause);
      continue;
    }
    auto fx = *event::EffectCodec::decode((*record)->what);
    auto* decision = std::get_if<event::Decision>(&fx);
    if (decision != nullptr && altered == 0 && cause.seq > 500) {
      decision->seconds_left = std::nextafter(decision->seconds_left, 1e9);
      altered = cause.seq;
    }
    static_cast<void>((*writer)->append(cause, (*record)->place, fx));
  }
  ASSERT_TRUE((*writer)->close());
  ASSERT_GT(altered, 0U);
  const auto report = journal::replay(temp.path("altered"));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->difference);
  EXPECT_EQ(report->difference->seq, altered);
}

TEST(Replay, of_a_run_that_was_cut_off_compares_what_is_there) {
  const testing::TempFolder temp;
  const std::string folder = testing::journaled_demo(temp, 7);
  const std::string file = folder + "/" + io::segment_name(1);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const auto report = journal::replay(folder);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->difference);
  EXPECT_FALSE(report->ended_in_order);
  EXPECT_GT(report->events, 100U);
}

TEST(Replay, refuses_a_configuration_it_does_not_know) {
  EXPECT_FALSE(core_config("\x09\0\0\0"));
  const CoreConfig config;
  const auto back = core_config(to_bytes(config));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_bytes(*back), to_bytes(config));
}

}  // namespace
}  // namespace voltage::app
