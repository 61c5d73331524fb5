#pragma once
// A file that is there whole or not at all: written beside its place, synced, then renamed into it.
#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace voltage::io {

class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::string& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();  // removes the temporary file if commit() was not reached

  void write(std::string_view bytes);  // errors are kept and reported by commit()
  [[nodiscard]] Status commit();

 private:
  AtomicFile(std::string path, std::string temporary, std::FILE* file);

  std::string path_, temporary_;
  std::FILE* file_;
};

[[nodiscard]] Status write_file(const std::string& path, std::string_view bytes);
Result<std::string> read_file(const std::string& path);

}  // namespace voltage::io
