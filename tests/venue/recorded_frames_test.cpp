// Frames that the real venues sent: every one decodes, re-reads to the same values, and no mutation of one
// crashes a decoder or gives a number outside its range.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/decimal.hpp"
#include "base/rng.hpp"
#include "io/line_reader.hpp"
#include "venue/line_decoder.hpp"

namespace voltage::venue {
namespace {

std::filesystem::path data() {
  const char* path = std::getenv("VOLTAGE_TEST_DATA");
  return path == nullptr ? std::filesystem::path{} : std::filesystem::path{path};
}

struct Sample {
  LineFormat format;
  std::string line;
};

std::vector<Sample> lines_of(const std::filesystem::path& file, LineFormat format, std::size_t most = 100'000) {
  std::vector<Sample> all;
  auto reader = io::LineReader::open(file.string());
  EXPECT_TRUE(reader) << file;
  while (reader && all.size() < most) {
    const auto line = reader->next();
    if (!line || !*line) break;
    if (!(*line)->empty()) all.push_back({format, std::string{**line}});
  }
  return all;
}

std::vector<Sample> recorded() {
  std::vector<Sample> all;
  const auto add = [&](const std::vector<Sample>& more) { all.insert(all.end(), more.begin(), more.end()); };
  const auto fixtures = data() / ".." / "protocol" / "fixtures";
  for (const auto& entry : std::filesystem::directory_iterator{fixtures / "kalshi"}) {
    if (entry.path().extension() == ".jsonl") add(lines_of(entry.path(), LineFormat::kalshi));
  }
  for (const auto& entry : std::filesystem::directory_iterator{fixtures / "kraken"}) {
    add(lines_of(entry.path(), LineFormat::kraken));
  }
  for (const auto& entry : std::filesystem::directory_iterator{data() / "kalshi_frames"}) {
    add(lines_of(entry.path(), LineFormat::kalshi));
  }
  add(lines_of(data() / "kalshi_kxbtc15m" / "tape" / "2026-05-11T0537Z.ndjson.gz", LineFormat::tape, 500));
  return all;
}

// Every price inside one dollar, every size inside its bound: what no frame may get past a decoder.
void expect_in_range(const kalshi::Message& message) {
  const auto price_ok = [](Price p) { return p.pips >= 0 && p.pips <= Price::kOne; };
  if (const auto* d = std::get_if<kalshi::BookDelta>(&message)) {
    ASSERT_TRUE(price_ok(d->price) && abs(d->change) <= kQtyMax);
  } else if (const auto* s = std::get_if<kalshi::BookSnapshot>(&message)) {
    for (const auto* side : {&s->bids, &s->asks}) {
      for (const auto& level : *side)
        ASSERT_TRUE(price_ok(level.price) && level.qty.centis > 0 && level.qty <= kQtyMax);
    }
  } else if (const auto* t = std::get_if<kalshi::Trade>(&message)) {
    ASSERT_TRUE(price_ok(t->price) && t->qty.centis >= 0);
  }
}

std::string mutated(const std::string& line, const std::string& other, Rng& rng) {
  std::string out = line;
  const auto changes = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < changes && !out.empty(); ++i) {
    const auto at = rng.below(out.size());
    switch (rng.below(7)) {
      case 0:
        out[at] = static_cast<char>(rng.below(256));
        break;
      case 1:
        out.erase(at, 1 + rng.below(8));
        break;
      case 2:
        out.insert(at, 1, static_cast<char>(rng.below(256)));
        break;
      case 3:
        out[at] = "0123456789-+.eE\"[]{},:"[rng.below(22)];
        break;
      case 4:
        out.resize(at);
        break;
      case 5:
        out.insert(at, out.substr(rng.below(out.size()), rng.below(40)));
        break;
      default:
        if (!other.empty()) out.insert(at, other.substr(rng.below(other.size()), rng.below(60)));
    }
  }
  return out;
}

class RecordedFrames : public testing::Test {
 protected:
  void SetUp() override {
    if (data().empty()) GTEST_SKIP() << "VOLTAGE_TEST_DATA is not set";
  }
};

TEST_F(RecordedFrames, every_frame_decodes_without_an_unknown_field) {
  LineDecoder kalshi{LineFormat::kalshi, kalshi::NoPrices::no_axis};
  LineDecoder kraken{LineFormat::kraken, kalshi::NoPrices::no_axis};
  LineDecoder tape{LineFormat::tape, kalshi::NoPrices::no_axis};
  const auto samples = recorded();
  ASSERT_GT(samples.size(), 600U);
  for (const auto& sample : samples) {
    auto& decoder = sample.format == LineFormat::kalshi ? kalshi : sample.format == LineFormat::kraken ? kraken : tape;
    const auto line = decoder.decode(sample.line, 1);
    EXPECT_FALSE(line.error) << line.json << "\n" << sample.line;
    EXPECT_EQ(line.json.find("\"kind\":\"unknown\""), std::string::npos) << line.json;
  }
  EXPECT_EQ(kalshi.unknown_fields(), 0);
  EXPECT_EQ(kraken.unknown_fields(), 0);
  EXPECT_EQ(tape.unknown_fields(), 0);
}

// VOLTAGE_FUZZ_FRAMES sets how many mutations go through each decoder.
TEST_F(RecordedFrames, no_mutated_frame_gives_a_crash_or_a_number_out_of_range) {
  const char* wanted = std::getenv("VOLTAGE_FUZZ_FRAMES");
  const std::int64_t frames = wanted == nullptr ? 60'000 : parse_int(wanted).value_or(60'000);
  const auto samples = recorded();
  Rng rng{20'260'418};
  for (const auto format : {LineFormat::kalshi, LineFormat::kraken, LineFormat::tape}) {
    std::vector<const Sample*> mine;
    for (const auto& sample : samples) {
      if (sample.format == format) mine.push_back(&sample);
    }
    LineDecoder decoder{format, kalshi::NoPrices::no_axis};
    kalshi::Decoder frames_decoder{kalshi::NoPrices::no_axis};
    JsonDocument document;
    std::int64_t refused = 0;
    for (std::int64_t i = 0; i < frames; ++i) {
      const auto text = mutated(mine[rng.below(mine.size())]->line, mine[rng.below(mine.size())]->line, rng);
      const auto line = decoder.decode(text, i);
      refused += line.error ? 1 : 0;
      ASSERT_TRUE(document.parse(line.json)) << line.json;
      if (format != LineFormat::kalshi) continue;
      const auto frame = frames_decoder.frame(text);
      if (frame) expect_in_range(frame->message);
    }
    EXPECT_GT(refused, frames / 3);
    EXPECT_LT(refused, frames);
  }
}

}  // namespace
}  // namespace voltage::venue
