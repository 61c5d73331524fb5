#include "io/journal_format.hpp"

#include <cstdio>
#include <cstring>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "io/crc32c.hpp"
#include "io/json_writer.hpp"

namespace voltage::io {

std::string segment_name(std::uint32_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%06u.journal", number);
  return name;
}

std::string facts_name(std::uint32_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%06u.facts", number);
  return name;
}

void append_frame(std::string_view body, std::string& out) {
  CHECK(body.size() <= kBodyMax);
  ByteWriter head{out};
  head(static_cast<std::uint32_t>(body.size()), crc32c(body));
  out += body;
}

std::optional<std::string_view> frame_body(std::string_view bytes) {
  if (bytes.size() < kFrameHead) return std::nullopt;
  std::uint32_t length = 0, crc = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  std::memcpy(&crc, bytes.data() + sizeof length, sizeof crc);
  bytes.remove_prefix(kFrameHead);
  if (length == 0 || length > kBodyMax || bytes.size() < length) return std::nullopt;
  const auto body = bytes.substr(0, length);
  return crc32c(body) == crc ? std::optional{body} : std::nullopt;
}

std::string segment_header(std::uint32_t number) {
  std::string out{kJournalMagic};
  ByteWriter writer{out};
  writer(kJournalVersion, number);
  CHECK(out.size() == kSegmentHeader);
  return out;
}

std::string manifest_body(const Manifest& m) {
  std::string body{static_cast<char>(RecordType::manifest)};
  ByteWriter writer{body};
  writer(m.run, m.kind, m.program, m.binary_hash, m.config_hash, m.model_hash, m.seed, m.start.ns, m.config);
  return body;
}

std::string manifest_json(const Manifest& m) {
  JsonWriter json;
  json.begin_object()
      .string("run", m.run)
      .string("kind", m.kind)
      .string("program", m.program)
      .string("binary_hash", m.binary_hash)
      .string("config_hash", m.config_hash)
      .string("model_hash", m.model_hash)
      .raw("seed", std::to_string(m.seed))
      .string("start", format_iso(m.start))
      .end_object();
  return json.take() + "\n";
}

}  // namespace voltage::io
