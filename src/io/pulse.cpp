#include "io/pulse.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <new>
#include <utility>

#include "base/hash.hpp"

namespace voltage::io {
namespace {

constexpr std::uint64_t kMagic = 0x31'65'73'6c'75'70'76'00;  // names the layout below

}  // namespace

struct Pulse::Page {
  std::uint64_t magic;
  std::int64_t pid;
  std::atomic<std::uint64_t> beats, progress;
  std::atomic<std::int64_t> at_ns;
  std::atomic<std::uint32_t> farewell;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

Duration machine_time() {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return {std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec};
}

Result<Pulse> Pulse::create(const std::string& path) {
  // Made beside its place and moved there: a reader sees the old page or the new one, never half of one.
  const std::string made = path + "." + std::to_string(::getpid());
  ::unlink(made.c_str());
  const int fd = ::open(made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return fail(made + ": the heartbeat can't be made: " + std::strerror(errno));
  void* memory = MAP_FAILED;
  if (::ftruncate(fd, sizeof(Page)) == 0) {
    memory = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  ::close(fd);
  if (memory == MAP_FAILED) {
    ::unlink(made.c_str());
    return fail(made + ": the heartbeat can't be mapped: " + std::strerror(errno));
  }
  Page* page = new (memory) Page{};
  page->magic = kMagic;
  page->pid = ::getpid();
  page->at_ns = machine_time().ns;
  if (::rename(made.c_str(), path.c_str()) != 0) {
    ::munmap(memory, sizeof(Page));
    ::unlink(made.c_str());
    return fail(path + ": the heartbeat can't be put there: " + std::strerror(errno));
  }
  return Pulse{page};
}

Pulse::Pulse(Pulse&& other) noexcept : page_{std::exchange(other.page_, nullptr)} {}

Pulse::~Pulse() {
  if (page_ != nullptr) ::munmap(page_, sizeof(Page));
}

void Pulse::beat(std::uint64_t progress) {
  page_->progress.store(progress, std::memory_order_relaxed);
  page_->beats.fetch_add(1, std::memory_order_relaxed);
  page_->at_ns.store(machine_time().ns, std::memory_order_release);
}

void Pulse::farewell() {
  page_->farewell.store(1, std::memory_order_release);
}

Result<std::optional<PulseSeen>> read_pulse(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::nullopt;
    return fail(path + ": the heartbeat can't be read: " + std::strerror(errno));
  }
  struct stat info{};
  Pulse::Page page{};
  const bool whole = ::fstat(fd, &info) == 0 && ::pread(fd, static_cast<void*>(&page), sizeof page, 0) == sizeof page;
  ::close(fd);
  if (!whole || page.magic != kMagic) return fail(path + ": is no heartbeat");
  if (info.st_uid != ::geteuid()) return fail(path + ": belongs to another user");
  return PulseSeen{page.pid, page.beats, page.progress, {page.at_ns}, page.farewell != 0};
}

std::string pulse_path(const std::string& control_folder, const std::string& who) {
  std::error_code ec;
  const auto whole = std::filesystem::weakly_canonical(control_folder, ec);
  const std::string where = ec ? control_folder : whole.string();
  return "/dev/shm/voltage-" + std::to_string(::geteuid()) + "-" + sha256_hex(where).substr(0, 12) + "-" + who;
}

}  // namespace voltage::io
