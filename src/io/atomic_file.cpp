#include "io/atomic_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace voltage::io {

Result<AtomicFile> AtomicFile::create(const std::string& path) {
  std::string temporary = path + ".part." + std::to_string(::getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return fail(path + ": cannot be written: " + std::strerror(errno));
  return AtomicFile{path, std::move(temporary), file};
}

AtomicFile::AtomicFile(std::string path, std::string temporary, std::FILE* file)
    : path_{std::move(path)}, temporary_{std::move(temporary)}, file_{file} {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::move(other.temporary_)},
      file_{std::exchange(other.file_, nullptr)} {}

AtomicFile::~AtomicFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), file_);
}

Status AtomicFile::commit() {
  std::FILE* file = std::exchange(file_, nullptr);
  const bool written = std::ferror(file) == 0 && std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
  const int error = errno;
  const bool closed = std::fclose(file) == 0;
  if (written && closed && std::rename(temporary_.c_str(), path_.c_str()) == 0) return {};
  const int why = written && closed ? errno : error;
  std::remove(temporary_.c_str());
  return fail(path_ + ": cannot be written: " + std::strerror(why) + "; nothing was left behind");
}

Status write_file(const std::string& path, std::string_view bytes) {
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected(file.error());
  file->write(bytes);
  return file->commit();
}

Result<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return fail(path + ": cannot be opened: " + std::strerror(errno));
  std::string bytes;
  char chunk[65536];
  for (std::size_t got = 0; (got = std::fread(chunk, 1, sizeof chunk, file)) > 0;) bytes.append(chunk, got);
  const bool ok = std::ferror(file) == 0;
  std::fclose(file);
  if (!ok) return fail(path + ": cannot be read");
  return bytes;
}

}  // namespace voltage::io
