#include "io/journal_seal.hpp"

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "base/hash.hpp"
#include "io/atomic_file.hpp"
#include "io/gzip.hpp"
#include "io/journal_reader.hpp"

namespace voltage::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSums = "/seal.sha256";

bool there(const std::string& path) {
  std::error_code ec;
  return fs::exists(path, ec);
}

std::string plain_path(const std::string& folder, std::uint32_t number) {
  return folder + "/" + segment_name(number);
}

// By the segment's name.
Result<std::map<std::string, std::string>> read_sums(const std::string& folder) {
  const auto text = read_file(folder + kSums);
  if (!text) return tl::unexpected(text.error());
  std::map<std::string, std::string> out;
  std::istringstream in{*text};
  for (std::string sum, name; in >> sum >> name;) out[name] = sum;
  return out;
}

Status read_to_its_end(const std::string& folder) {
  auto reader = JournalReader::open(folder);
  if (!reader) return tl::unexpected(reader.error());
  for (;;) {
    const auto record = reader->next();
    if (!record) return tl::unexpected(record.error());
    if (!*record) return {};
  }
}

// The compressed copy beside the plain segment, read back before the plain one goes.
Status pack(const std::string& folder, std::uint32_t number, const std::string& sum) {
  const std::string path = plain_path(folder, number);
  const auto plain = read_file(path);
  if (!plain) return tl::unexpected(plain.error());
  if (sha256_hex(*plain) != sum) return fail(path + ": is not what " + folder + kSums + " says");
  const auto packed = gzip(*plain);
  if (!packed) return fail(path + ": " + packed.error().message);
  if (auto ok = write_file(path + ".gz", *packed); !ok) return ok;
  const auto back = read_file(path + ".gz");
  if (!back) return tl::unexpected(back.error());
  const auto again = gunzip(*back);
  if (!again || *again != *plain) return fail(path + ".gz: does not give the segment back");
  if (::unlink(path.c_str()) != 0) return fail(path + ": can't be removed");
  return {};
}

}  // namespace

bool segment_there(const std::string& folder, std::uint32_t number) {
  return there(plain_path(folder, number)) || there(plain_path(folder, number) + ".gz");
}

Result<std::string> read_segment(const std::string& folder, std::uint32_t number) {
  const std::string path = plain_path(folder, number);
  if (there(path)) return read_file(path);
  const auto packed = read_file(path + ".gz");
  if (!packed) return tl::unexpected(packed.error());
  auto plain = gunzip(*packed);
  if (!plain) return fail(path + ".gz: " + plain.error().message);
  return plain;
}

Result<std::string> read_segment_head(const std::string& folder, std::uint32_t number, std::size_t bytes) {
  const std::string plain = plain_path(folder, number), path = there(plain) ? plain : plain + ".gz";
  gzFile file = gzopen(path.c_str(), "rb");  // reads what is not compressed as it is
  if (file == nullptr) return fail(path + ": can't be opened");
  std::string out(bytes, '\0');
  const int got = gzread(file, out.data(), static_cast<unsigned>(out.size()));
  gzclose(file);
  if (got < 0) return fail(path + ": can't be read");
  out.resize(static_cast<std::size_t>(got));
  return out;
}

bool is_sealed(const std::string& folder) {
  return there(folder + kSums) && !there(plain_path(folder, 1)) && there(plain_path(folder, 1) + ".gz");
}

Result<SealedBytes> seal_journal(const std::string& folder) {
  if (auto ok = read_to_its_end(folder); !ok) return tl::unexpected(ok.error());
  std::uint32_t last = 0;
  while (segment_there(folder, last + 1)) ++last;
  if (!there(folder + kSums)) {
    std::string sums;
    for (std::uint32_t n = 1; n <= last; ++n) {
      const auto bytes = read_segment(folder, n);
      if (!bytes) return tl::unexpected(bytes.error());
      sums += sha256_hex(*bytes) + "  " + segment_name(n) + "\n";
    }
    if (auto ok = write_file(folder + kSums, sums); !ok) return tl::unexpected(ok.error());
  }
  const auto sums = read_sums(folder);
  if (!sums) return tl::unexpected(sums.error());
  // From the last: the first segment's going is what makes a run a sealed one.
  for (std::uint32_t n = last; n >= 1; --n) {
    if (!there(plain_path(folder, n))) continue;
    const auto sum = sums->find(segment_name(n));
    if (sum == sums->end()) return fail(folder + kSums + ": has no checksum of " + segment_name(n));
    if (auto ok = pack(folder, n, sum->second); !ok) return tl::unexpected(ok.error());
  }
  SealedBytes out;
  for (std::uint32_t n = 1; n <= last; ++n) {
    const auto bytes = read_segment(folder, n);
    if (!bytes) return tl::unexpected(bytes.error());
    std::error_code ec;
    ++out.segments;
    out.plain += static_cast<std::int64_t>(bytes->size());
    out.packed += static_cast<std::int64_t>(fs::file_size(plain_path(folder, n) + ".gz", ec));
  }
  return out;
}

Status verify_seal(const std::string& folder) {
  const auto sums = read_sums(folder);
  if (!sums) return tl::unexpected(sums.error());
  if (sums->empty()) return fail(folder + kSums + ": holds no checksum");
  std::uint32_t number = 0;
  for (const auto& [name, sum] : *sums) {
    if (name != segment_name(++number))
      return fail(folder + kSums + ": " + name + " where " + segment_name(number) + " belongs");
    const auto bytes = read_segment(folder, number);
    if (!bytes) return tl::unexpected(bytes.error());
    if (sha256_hex(*bytes) != sum) return fail(folder + "/" + name + ": is not what was sealed");
  }
  return {};
}

}  // namespace voltage::io
