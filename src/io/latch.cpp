#include "io/latch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/time.hpp"
#include "io/atomic_file.hpp"

namespace voltage::io {
namespace {

std::string one_line(std::string_view text) {
  std::string out{text.substr(0, 500)};
  std::replace_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 32; }, ' ');
  return out;
}

Status sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool ok = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!ok) return fail(folder + ": can't be synced: " + std::strerror(error));
  return {};
}

}  // namespace

Status Latch::pull(Time at, std::string_view by, std::string_view why) const {
  if (pulled()) return {};
  std::error_code ec;
  std::filesystem::create_directories(folder_, ec);
  if (ec) return fail(folder_ + ": cannot be made: " + ec.message());
  const std::string what = format_iso(at) + "\n" + one_line(by) + "\n" + one_line(why) + "\n";
  if (auto ok = write_file(path(), what); !ok) return ok;
  if (auto ok = sync_folder(folder_); !ok) return ok;
  return note(format_iso(at) + " pulled by " + one_line(by) + ": " + one_line(why) + "\n");
}

std::optional<Pulled> Latch::pulled() const {
  std::error_code ec;
  const auto status = std::filesystem::status(path(), ec);
  if (status.type() == std::filesystem::file_type::not_found) return std::nullopt;
  const auto text = read_file(path());
  if (!text) return Pulled{"", "unknown", text.error().message};
  Pulled out;
  std::size_t from = 0;
  for (std::string* field : {&out.at, &out.by, &out.why}) {
    const std::size_t end = text->find('\n', from);
    if (end == std::string::npos) return Pulled{"", "unknown", path() + " can't be read"};
    *field = text->substr(from, end - from);
    from = end + 1;
  }
  return out;
}

Status Latch::clear(Time at, std::string_view why) const {
  const auto was = pulled();
  if (!was) return fail(path() + ": the kill switch is not pulled");
  if (one_line(why).find_first_not_of(' ') == std::string::npos) return fail("a reason is needed to clear the switch");
  // Written down first: a cleared switch without its reason must not exist.
  if (auto ok = note(format_iso(at) + " cleared: " + one_line(why) + " (was: " + was->why + ")\n"); !ok) return ok;
  std::error_code ec;
  if (!std::filesystem::remove(path(), ec) || ec) return fail(path() + ": can't be removed: " + ec.message());
  return sync_folder(folder_);
}

Status Latch::note(const std::string& line) const {
  const std::string log = folder_ + "/kill.log";
  const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return fail(log + ": " + std::strerror(errno));
  const bool ok = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!ok) return fail(log + ": " + std::strerror(error));
  return {};
}

}  // namespace voltage::io
