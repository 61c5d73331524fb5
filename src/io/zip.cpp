#include "io/zip.hpp"

#include <zlib.h>

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "io/atomic_file.hpp"

namespace voltage::io {
namespace {

constexpr std::size_t kDirectoryEnd = 22;  // bytes of the end-of-central-directory record without comment
constexpr std::size_t kEntry = 46;         // of a central directory entry without names
constexpr std::size_t kLocal = 30;         // of a local header without names
constexpr std::size_t kSizeMax = std::size_t{1} << 31;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint32_t v = 0;
  for (std::size_t i = width; i-- > 0;) v = (v << 8U) | static_cast<unsigned char>(bytes[at + i]);
  return v;
}

Result<std::string> inflate_raw(std::string_view packed, std::size_t size, const std::string& path) {
  std::string out(size, '\0');
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return fail("zlib could not start");
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  z.avail_in = static_cast<uInt>(packed.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(size);
  const int code = inflate(&z, Z_FINISH);
  const bool whole = code == Z_STREAM_END && z.total_out == size;
  inflateEnd(&z);
  if (!whole) return fail(fmt::format("{}: the archive's file is damaged or cut short", path));
  return out;
}

}  // namespace

Result<std::string> read_zip(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) return fail(bytes.error().message);
  const std::string_view all = *bytes;
  const std::size_t end = all.rfind(std::string_view{"PK\5\6", 4});
  if (end == std::string_view::npos || end + kDirectoryEnd > all.size()) {
    return fail(fmt::format("{}: no directory at its end: the archive is cut short", path));
  }
  const std::uint32_t entries = number(all, end + 10, 2);
  if (entries != 1) return fail(fmt::format("{}: {} files inside, one is expected", path, entries));
  const std::size_t entry = number(all, end + 16, 4);
  if (entry + kEntry > all.size() || all.substr(entry, 4) != std::string_view{"PK\1\2", 4}) {
    return fail(fmt::format("{}: its directory is damaged", path));
  }
  const std::uint32_t flags = number(all, entry + 8, 2);
  const std::uint32_t method = number(all, entry + 10, 2);
  const std::uint32_t crc = number(all, entry + 16, 4);
  const std::size_t packed = number(all, entry + 20, 4);
  const std::size_t size = number(all, entry + 24, 4);
  const std::size_t local = number(all, entry + 42, 4);
  if ((flags & 1U) != 0 || (method != 0 && method != 8) || size > kSizeMax) {
    return fail(fmt::format("{}: encrypted or of a kind that is not read", path));
  }
  if (local + kLocal > all.size()) return fail(fmt::format("{}: cut short", path));
  const std::size_t data = local + kLocal + number(all, local + 26, 2) + number(all, local + 28, 2);
  if (data + packed > all.size()) return fail(fmt::format("{}: cut short", path));
  Result<std::string> out = method == 0 ? Result<std::string>{std::string{all.substr(data, packed)}}
                                        : inflate_raw(all.substr(data, packed), size, path);
  if (!out) return out;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(out->data()), static_cast<uInt>(out->size()));
  if (out->size() != size || sum != crc) return fail(fmt::format("{}: its checksum does not match", path));
  return out;
}

}  // namespace voltage::io
