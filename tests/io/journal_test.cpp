// Goal: whatever happens to the disk, what the journal gives back is a true beginning of the run, and no order
// leaves that it does not hold.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "event/codec.hpp"
#include "event/fields.hpp"
#include "io/atomic_file.hpp"
#include "io/crc32c.hpp"
#include "io/journal_reader.hpp"
#include "io/journal_writer.hpp"
#include "support/temp_folder.hpp"

namespace voltage::io {
namespace {

using namespace literals;
using event::Event;

Manifest some_manifest() {
  return {"r1", "demo", "voltage test", "b", "c", "m", 7, Time{5}, "config"};
}

Event delta(std::uint64_t seq) {
  return {seq, Time{static_cast<std::int64_t>(seq) * 1000}, event::BookDelta{{0}, Side::bid, Price{4'000}, Qty{100}}};
}

// Only the executor and the codec make orders.
event::Effect some_order(std::uint64_t id) {
  event::OrderTerms terms;
  terms.order = {id};
  std::string bytes{static_cast<char>(event::kCodecVersion), '\0'};
  ByteWriter writer{bytes};
  writer(terms);
  return *event::EffectCodec::decode(bytes);
}

struct Read {
  std::vector<std::uint64_t> events, effects;
  std::size_t torn{0};
  bool ended{false};
  std::string error;
};

Read read_all(const std::string& folder) {
  Read out;
  auto reader = JournalReader::open(folder);
  if (!reader) {
    out.error = reader.error().message;
    return out;
  }
  for (;;) {
    const auto record = reader->next();
    if (!record) {
      out.error = record.error().message;
      return out;
    }
    if (!*record) break;
    ((*record)->type == RecordType::event ? out.events : out.effects).push_back((*record)->seq);
  }
  out.torn = reader->torn_bytes();
  out.ended = reader->ended_in_order();
  return out;
}

// A disk of this test: files in memory that fill up, stall, fail to sync.
struct Sick {
  std::mutex mutex;
  std::map<std::string, std::string> files;
  std::atomic<std::size_t> room{std::size_t{1} << 40};
  std::atomic<bool> stall{false}, sync_fails{false};

  void dump(const std::string& folder) {
    const std::scoped_lock lock{mutex};
    std::filesystem::create_directories(folder);
    for (const auto& [name, bytes] : files) ASSERT_TRUE(write_file(folder + "/" + name, bytes));
  }
};

class SickFile final : public JournalFile {
 public:
  SickFile(Sick& sick, std::string name) : sick_{sick}, name_{std::move(name)} {}
  Status append(std::string_view bytes, std::size_t& written) override {
    wait();
    const std::scoped_lock lock{sick_.mutex};
    written = std::min<std::size_t>(bytes.size(), sick_.room);
    sick_.room -= written;
    sick_.files[name_] += bytes.substr(0, written);
    if (written < bytes.size()) return fail("No space left on device");
    return {};
  }
  Status sync() override {
    wait();
    if (sick_.sync_fails) return fail("Input/output error");
    return {};
  }

 private:
  void wait() const {
    while (sick_.stall) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  Sick& sick_;
  std::string name_;
};

class SickDisk final : public JournalDisk {
 public:
  explicit SickDisk(Sick& sick) : sick_{sick} {}
  Result<std::unique_ptr<JournalFile>> create(const std::string& name) override {
    return std::make_unique<SickFile>(sick_, name);
  }

 private:
  Sick& sick_;
};

JournalOptions quick() {
  JournalOptions o;
  o.stall_max = 30_ms;
  o.retry = 2_ms;
  return o;
}

template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return false;
}

TEST(Journal, crc_is_the_castagnoli_one) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Journal, gives_back_what_was_written_over_many_segments) {
  const testing::TempFolder temp;
  const std::string folder = temp.path() + "/run";
  JournalOptions options;
  options.segment_bytes = 200'000;
  auto writer = JournalWriter::create(*open_journal_folder(folder), some_manifest(), options);
  ASSERT_TRUE(writer);
  for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
    (*writer)->append(delta(seq));
    if (seq % 1000 != 0) continue;
    EXPECT_TRUE((*writer)->append(delta(seq), 0, some_order(seq)));
  }
  ASSERT_TRUE((*writer)->close());
  EXPECT_GE(std::distance(std::filesystem::directory_iterator{folder}, {}), 4);
  const Read back = read_all(folder);
  EXPECT_EQ(back.error, "");
  EXPECT_TRUE(back.ended);
  ASSERT_EQ(back.events.size(), 20'000U);
  EXPECT_EQ(back.events.back(), 20'000U);
  EXPECT_EQ(back.effects.size(), 20U);
  EXPECT_FALSE(open_journal_folder(folder)) << "a journal is never written over";
}

TEST(Journal, a_restart_reads_the_facts_of_full_segments_and_the_last_segment_whole) {
  const testing::TempFolder temp;
  const std::string folder = temp.path() + "/run";
  JournalOptions options;
  options.segment_bytes = 100'000;
  auto writer = JournalWriter::create(*open_journal_folder(folder), some_manifest(), options);
  ASSERT_TRUE(writer);
  std::vector<std::uint64_t> facts{1};
  for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
    // An order waits for the disk: however slow that is, segments fill one after the other.
    if (seq % 777 != 0) {
      (*writer)->append(delta(seq));
      if (seq % 500 == 0) {
        EXPECT_TRUE((*writer)->append(delta(seq), 0, some_order(seq)));
      }
      continue;
    }
    facts.push_back(seq);
    (*writer)->append({seq, Time{static_cast<std::int64_t>(seq) * 1000}, event::Settled{{1}, event::Outcome::yes, {}}});
  }
  ASSERT_TRUE((*writer)->close());
  const auto read = [&](bool facts_alone) {
    auto reader = JournalReader::open(folder, facts_alone);
    EXPECT_TRUE(reader);
    EXPECT_EQ(reader->manifest().run, "r1");
    std::vector<std::uint64_t> out;
    while (const auto record = reader->next().value()) {
      if (record->type == RecordType::event) out.push_back(record->seq);
    }
    EXPECT_TRUE(reader->ended_in_order());
    return out;
  };
  EXPECT_EQ(read(false).size(), 20'000U);
  const auto few = read(true);
  EXPECT_LT(few.size(), 5'000U);
  const std::set<std::uint64_t> there{few.begin(), few.end()};
  EXPECT_EQ(there.size(), few.size());
  for (const auto seq : facts) EXPECT_TRUE(there.contains(seq)) << seq;
  EXPECT_EQ(read_manifest(folder)->start, Time{5});
  // Facts that are torn or gone are not missed: their segments are read.
  const auto torn = read_file(folder + "/" + facts_name(2));
  ASSERT_TRUE(torn);
  ASSERT_TRUE(write_file(folder + "/" + facts_name(2), torn->substr(0, torn->size() - 1)));
  std::filesystem::remove(folder + "/" + facts_name(1));
  const auto more = read(true);
  EXPECT_GT(more.size(), few.size() + 2'000);
  const std::set<std::uint64_t> all{more.begin(), more.end()};
  for (const auto seq : facts) EXPECT_TRUE(all.contains(seq)) << seq;
}

TEST(Journal, recovers_from_a_tail_torn_at_every_byte) {
  const testing::TempFolder temp;
  const std::string folder = temp.path() + "/run";
  auto writer = JournalWriter::create(*open_journal_folder(folder), some_manifest());
  ASSERT_TRUE(writer);
  std::vector<std::size_t> sizes;
  for (std::uint64_t seq = 1; seq <= 40; ++seq) {
    (*writer)->append(delta(seq));
    static_cast<void>((*writer)->append(delta(seq), 0, event::CancelOrder{{seq}}));
  }
  ASSERT_TRUE((*writer)->close());
  const std::string file = folder + "/" + segment_name(1), whole = *read_file(file);
  std::size_t last = 0, manifests = 0;
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    temp.write("run/" + segment_name(1), whole.substr(0, n));
    const Read back = read_all(folder);
    if (!back.error.empty()) {
      EXPECT_EQ(last, 0U) << back.error;
      ++manifests;
      continue;
    }
    EXPECT_GE(back.events.size(), last);
    last = back.events.size();
    for (std::size_t i = 0; i < back.events.size(); ++i) ASSERT_EQ(back.events[i], i + 1);
    EXPECT_EQ(back.ended, n == whole.size());
  }
  EXPECT_EQ(last, 40U);
  EXPECT_GT(manifests, 16U);
}

TEST(Journal, names_damage_that_is_not_at_the_end) {
  const testing::TempFolder temp;
  const std::string folder = temp.path() + "/run";
  auto writer = JournalWriter::create(*open_journal_folder(folder), some_manifest());
  ASSERT_TRUE(writer);
  for (std::uint64_t seq = 1; seq <= 10; ++seq) (*writer)->append(delta(seq));
  ASSERT_TRUE((*writer)->close());
  const std::string file = folder + "/" + segment_name(1), whole = *read_file(file);
  for (std::size_t at = kSegmentHeader; at + 60 < whole.size(); at += 7) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    temp.write("run/" + segment_name(1), bytes);
    const Read back = read_all(folder);
    EXPECT_NE(back.error.find("000001.journal byte"), std::string::npos) << at;
  }
}

TEST(Journal, a_full_disk_stops_orders_but_not_cancels_and_loses_nothing) {
  Sick sick;
  const testing::TempFolder temp;
  auto writer = *JournalWriter::create(std::make_unique<SickDisk>(sick), some_manifest(), quick());
  writer->append(delta(1));
  EXPECT_TRUE(writer->append(delta(1), 0, some_order(1)));
  EXPECT_TRUE(writer->healthy());
  sick.room = 10;  // bytes: the next record gets in only in part
  writer->append(delta(2));
  EXPECT_FALSE(writer->append(delta(2), 0, some_order(2)));
  EXPECT_FALSE(writer->healthy());
  EXPECT_NE(writer->why().find("No space left"), std::string::npos);
  writer->append(delta(3));
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(writer->append(delta(3), 0, event::CancelOrder{{1}}));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{20});
  sick.room = 1U << 30;  // someone made room
  EXPECT_TRUE(soon([&] { return writer->healthy(); }));
  writer->append(delta(4));
  EXPECT_TRUE(writer->append(delta(4), 0, some_order(4)));
  ASSERT_TRUE(writer->close());
  sick.dump(temp.path() + "/run");
  const Read back = read_all(temp.path() + "/run");
  EXPECT_EQ(back.error, "");
  EXPECT_TRUE(back.ended);
  EXPECT_EQ(back.events, (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(back.effects, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST(Journal, a_disk_that_stalls_stops_orders_and_lets_cancels_go_at_once) {
  Sick sick;
  auto writer = *JournalWriter::create(std::make_unique<SickDisk>(sick), some_manifest(), quick());
  sick.stall = true;
  writer->append(delta(1));
  EXPECT_FALSE(writer->append(delta(1), 0, some_order(1)));
  EXPECT_TRUE(soon([&] { return !writer->healthy(); }));
  for (std::uint64_t seq = 2; seq < 200; ++seq) {
    writer->append(delta(seq));
    const auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(writer->append(delta(seq), 0, event::CancelOrder{{seq}}));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{20});
  }
  sick.stall = false;
  EXPECT_TRUE(soon([&] { return writer->healthy(); }));
  EXPECT_TRUE(writer->append(delta(199), 1, some_order(1)));
  EXPECT_TRUE(writer->close());
}

TEST(Journal, beyond_its_buffer_it_ends_for_good_as_a_true_beginning) {
  Sick sick;
  const testing::TempFolder temp;
  JournalOptions options = quick();
  options.buffer_bytes = 100'000;
  auto writer = *JournalWriter::create(std::make_unique<SickDisk>(sick), some_manifest(), options);
  sick.stall = true;
  for (std::uint64_t seq = 1; seq <= 20'000; ++seq) writer->append(delta(seq));
  sick.stall = false;
  for (std::uint64_t seq = 20'001; seq <= 30'000; ++seq) writer->append(delta(seq));
  EXPECT_FALSE(writer->append(delta(30'000), 0, some_order(1)));
  EXPECT_FALSE(writer->close());
  sick.dump(temp.path() + "/run");
  const Read back = read_all(temp.path() + "/run");
  EXPECT_EQ(back.error, "");
  EXPECT_FALSE(back.ended);
  ASSERT_FALSE(back.events.empty());
  for (std::size_t i = 0; i < back.events.size(); ++i) ASSERT_EQ(back.events[i], i + 1);
}

TEST(Journal, a_failed_sync_is_never_believed_again) {
  Sick sick;
  auto writer = *JournalWriter::create(std::make_unique<SickDisk>(sick), some_manifest(), quick());
  sick.sync_fails = true;
  writer->append(delta(1));
  EXPECT_FALSE(writer->append(delta(1), 0, some_order(1)));
  sick.sync_fails = false;
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  EXPECT_FALSE(writer->append(delta(1), 1, some_order(2)));
  EXPECT_FALSE(writer->healthy());
}

}  // namespace
}  // namespace voltage::io
