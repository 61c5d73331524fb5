#include "io/journal_format.hpp"

#include <cstdio>

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
