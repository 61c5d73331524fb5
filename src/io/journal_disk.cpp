#include "io/journal_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "io/journal_format.hpp"

namespace voltage::io {
namespace {

class OpenFile final : public JournalFile {
 public:
  OpenFile(std::string path, int fd) : path_{std::move(path)}, fd_{fd} {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override { ::close(fd_); }

  Status append(std::string_view bytes, std::size_t& written) override {
    written = 0;
    while (written < bytes.size()) {
      const ssize_t n = ::write(fd_, bytes.data() + written, bytes.size() - written);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(path_ + ": " + std::strerror(errno));
      written += static_cast<std::size_t>(n);
    }
    return {};
  }
  Status sync() override {
    if (::fdatasync(fd_) != 0) return fail(path_ + ": " + std::strerror(errno));
    return {};
  }

 private:
  std::string path_;
  int fd_;
};

class Folder final : public JournalDisk {
 public:
  explicit Folder(std::string path) : path_{std::move(path)} {}

  Result<std::unique_ptr<JournalFile>> create(const std::string& name) override {
    const std::string path = path_ + "/" + name;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return fail(path + ": " + std::strerror(errno));
    // The name itself must survive, not only what is in the file.
    const int folder = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
      ::fsync(folder);
      ::close(folder);
    }
    return std::make_unique<OpenFile>(path, fd);
  }

 private:
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<JournalDisk>> open_journal_folder(const std::string& folder) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec) return fail(folder + ": cannot be made: " + ec.message());
  if (std::filesystem::exists(folder + "/" + segment_name(1), ec)) {
    return fail(folder + ": holds a journal already; name another folder");
  }
  return std::make_unique<Folder>(folder);
}

}  // namespace voltage::io
