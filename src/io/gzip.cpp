#include "io/gzip.hpp"

#include <zlib.h>

#include <algorithm>

namespace voltage::io {
namespace {

constexpr int kGzip = 16;                            // added to zlib's window bits: a gzip frame
constexpr std::size_t kStep = std::size_t{1} << 20;  // grown by at least this
constexpr std::size_t kMax = std::size_t{1} << 31;

}  // namespace

Result<std::string> gzip(std::string_view plain) {
  z_stream z{};
  if (plain.size() > kMax) return fail("too large to compress in memory");
  if (deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return fail("zlib could not start");
  std::string out(deflateBound(&z, static_cast<uLong>(plain.size())), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  if (code != Z_STREAM_END) return fail("zlib could not compress");
  return out;
}

Result<std::string> gunzip(std::string_view packed) {
  z_stream z{};
  if (inflateInit2(&z, MAX_WBITS + kGzip) != Z_OK) return fail("zlib could not start");
  std::string out;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  z.avail_in = static_cast<uInt>(packed.size());
  int code = Z_OK;
  while (code == Z_OK && out.size() <= kMax) {
    const std::size_t before = out.size();
    out.resize(before + std::max(kStep, before / 2));
    z.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    z.avail_out = static_cast<uInt>(out.size() - before);
    code = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    if (code == Z_BUF_ERROR || (code == Z_OK && z.avail_in == 0 && z.avail_out > 0)) break;
  }
  const bool whole = code == Z_STREAM_END && z.avail_in == 0;
  inflateEnd(&z);
  if (!whole) return fail("is a damaged gzip, or one cut short");
  return out;
}

}  // namespace voltage::io
