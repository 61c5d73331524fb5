#pragma once
// Frames that the real venues sent, from the folder that VOLTAGE_TEST_DATA names; none without it.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/line_reader.hpp"
#include "venue/line_decoder.hpp"

namespace voltage::venue {

inline std::filesystem::path data() {
  const char* path = std::getenv("VOLTAGE_TEST_DATA");
  return path == nullptr ? std::filesystem::path{} : std::filesystem::path{path};
}

struct Sample {
  LineFormat format;
  std::string line;
};

inline std::vector<Sample> lines_of(const std::filesystem::path& file, LineFormat format, std::size_t most = 100'000) {
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

inline std::vector<Sample> recorded() {
  std::vector<Sample> all;
  if (data().empty()) return all;
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

}  // namespace voltage::venue
