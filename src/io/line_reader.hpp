#pragma once
// Lines of a text file, plain or gzip (told by its first two bytes). A gzip that ends early or is
// damaged is an error that names the file and the line reached: half a file never passes for a whole one.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace voltage::io {

class LineReader {
 public:
  static Result<LineReader> open(const std::string& path);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // The next line without its end; valid until the next call. Empty optional at the end of the file.
  Result<std::optional<std::string_view>> next();
  std::int64_t line_number() const { return line_number_; }  // of the line last returned, from 1
  const std::string& path() const { return path_; }
  std::string place() const { return path_ + ":" + std::to_string(line_number_); }

 private:
  struct Closer {
    void operator()(void* gz) const;
  };
  LineReader(std::string path, void* gz);
  Status fill();

  std::string path_;
  std::unique_ptr<void, Closer> gz_;
  std::vector<char> buffer_;
  std::size_t begin_{0}, end_{0};
  bool at_end_{false};
  std::int64_t line_number_{0};
};

// The fields of one CSV line without quoting (none of the formats that we read has any).
void split_csv(std::string_view line, std::vector<std::string_view>& fields);

}  // namespace voltage::io
