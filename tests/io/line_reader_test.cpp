// Lines of plain and gzip files; damage is an error with its place.
#include "io/line_reader.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "io/atomic_file.hpp"
#include "support/temp_folder.hpp"

namespace voltage::io {
namespace {

std::string gzip(const std::string& path, const std::string& text) {
  gzFile gz = gzopen(path.c_str(), "wb");
  gzwrite(gz, text.data(), static_cast<unsigned>(text.size()));
  gzclose(gz);
  return path;
}

std::vector<std::string> all_lines(const std::string& path) {
  auto reader = LineReader::open(path);
  std::vector<std::string> out;
  for (auto line = reader->next(); line && *line; line = reader->next()) out.emplace_back(**line);
  return out;
}

TEST(LineReader, reads_plain_and_gzip_alike) {
  const testing::TempFolder folder;
  const std::vector<std::string> want{"a,b", "", "last without end"};
  EXPECT_EQ(all_lines(folder.write("plain", "a,b\r\n\nlast without end")), want);
  EXPECT_EQ(all_lines(gzip(folder.path("zipped.gz"), "a,b\r\n\nlast without end")), want);
}

TEST(LineReader, a_gzip_that_ends_early_is_an_error_that_names_the_file) {
  const testing::TempFolder folder;
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919) + "\n";
  const std::string whole = *read_file(gzip(folder.path("whole.gz"), text));
  const std::string cut = folder.write("cut.gz", whole.substr(0, whole.size() / 2));
  auto reader = LineReader::open(cut);
  ASSERT_TRUE(reader);
  for (;;) {
    const auto line = reader->next();
    if (!line) {
      EXPECT_NE(line.error().message.find("cut.gz"), std::string::npos);
      EXPECT_NE(line.error().message.find("ends before its end"), std::string::npos) << line.error().message;
      return;
    }
    ASSERT_TRUE(*line) << "half a file passed for a whole one";
  }
}

TEST(LineReader, lines_longer_than_the_buffer_are_whole) {
  const testing::TempFolder folder;
  const std::string longest(3'000'000, 'x');
  EXPECT_EQ(all_lines(folder.write("long", longest + "\ny\n")), (std::vector<std::string>{longest, "y"}));
}

TEST(LineReader, a_missing_file_is_an_error) {
  EXPECT_FALSE(LineReader::open("/nowhere/at/all"));
}

TEST(AtomicFile, is_there_whole_or_not_at_all) {
  const testing::TempFolder folder;
  {
    auto file = AtomicFile::create(folder.path("x"));
    file->write("half");
  }
  EXPECT_FALSE(read_file(folder.path("x")));
  ASSERT_TRUE(write_file(folder.path("x"), "whole"));
  EXPECT_EQ(*read_file(folder.path("x")), "whole");
}

}  // namespace
}  // namespace voltage::io
