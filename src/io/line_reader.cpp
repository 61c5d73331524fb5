#include "io/line_reader.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <zlib.h>

namespace voltage::io {

void LineReader::Closer::operator()(void* gz) const {
  gzclose(static_cast<gzFile>(gz));
}

LineReader::LineReader(std::string path, void* gz) : path_{std::move(path)}, gz_{gz}, buffer_(std::size_t{1} << 18) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::open(const std::string& path) {
  std::error_code unknown;  // then opening it says why
  if (std::filesystem::is_directory(path, unknown)) return fail(path + ": is a folder; a file is needed");
  errno = 0;
  gzFile gz = gzopen(path.c_str(), "rb");
  if (gz == nullptr) return fail(path + ": cannot be opened: " + std::strerror(errno));
  gzbuffer(gz, 1U << 17);
  return LineReader{path, gz};
}

Status LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  auto* gz = static_cast<gzFile>(gz_.get());
  const int got = gzread(gz, buffer_.data() + end_, static_cast<unsigned>(buffer_.size() - end_));
  int code = Z_OK;
  const char* message = gzerror(gz, &code);
  if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    const std::string what =
        code == Z_BUF_ERROR ? "the gzip stream ends before its end: fetch the file again" : message;
    return fail(path_ + ": damaged after line " + std::to_string(line_number_) + ": " + what);
  }
  at_end_ = got == 0;
  end_ += static_cast<std::size_t>(got);
  return {};
}

Result<std::optional<std::string_view>> LineReader::next() {
  std::size_t searched = begin_;
  for (;;) {
    const void* found = std::memchr(buffer_.data() + searched, '\n', end_ - searched);
    if (found != nullptr) {
      const auto stop = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      std::string_view line{buffer_.data() + begin_, stop - begin_};
      begin_ = stop + 1;
      ++line_number_;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      return line;
    }
    if (at_end_) break;
    const std::size_t pending = end_ - begin_;
    if (const auto ok = fill(); !ok) return tl::unexpected(ok.error());
    searched = begin_ + pending;
  }
  if (begin_ == end_) return std::nullopt;
  const std::string_view line{buffer_.data() + begin_, end_ - begin_};
  begin_ = end_;
  ++line_number_;
  return line;
}

void split_csv(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t from = 0;;) {
    const std::size_t comma = line.find(',', from);
    fields.push_back(line.substr(from, comma - from));
    if (comma == std::string_view::npos) return;
    from = comma + 1;
  }
}

}  // namespace voltage::io
