#include "io/program_hash.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/hash.hpp"

namespace voltage::io {
namespace {

template <class T>
bool read_at(std::string_view file, std::uint64_t at, T& into) {
  if (at > file.size() || file.size() - at < sizeof(T)) return false;
  std::memcpy(&into, file.data() + at, sizeof(T));
  return true;
}

// False: this is no program that can be taken apart.
bool add_loaded(std::string_view file, Sha256& hash) {
  Elf64_Ehdr head{};
  if (!read_at(file, 0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
      head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_phentsize != sizeof(Elf64_Phdr))
    return false;
  bool any = false;
  for (std::uint64_t i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr part{};
    if (!read_at(file, head.e_phoff + i * sizeof(Elf64_Phdr), part)) return false;
    if (part.p_type != PT_LOAD) continue;
    if (part.p_offset > file.size() || file.size() - part.p_offset < part.p_filesz) return false;
    hash.update(file.substr(part.p_offset, part.p_filesz));
    any = true;
  }
  return any;
}

}  // namespace

std::string loaded_hash(std::string_view file) {
  Sha256 parts;
  return add_loaded(file, parts) ? parts.hex() : sha256_hex(file);
}

Result<std::string> program_hash() {
  static constexpr const char* kSelf = "/proc/self/exe";
  const int fd = ::open(kSelf, O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (fd < 0 || ::fstat(fd, &about) != 0) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    return fail(std::string{kSelf} + ": " + why);
  }
  const auto size = static_cast<std::size_t>(about.st_size);
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  ::close(fd);
  if (bytes == MAP_FAILED) return fail(std::string{kSelf} + ": " + std::strerror(errno));
  auto hash = loaded_hash({static_cast<const char*>(bytes), size});
  ::munmap(bytes, size);
  return hash;
}

}  // namespace voltage::io
