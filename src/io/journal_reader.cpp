#include "io/journal_reader.hpp"

#include "base/bytes.hpp"
#include "io/atomic_file.hpp"
#include "io/journal_seal.hpp"

namespace voltage::io {

namespace {

constexpr std::size_t kHead = 256U << 10;  // a manifest is far smaller

// The facts of a segment, if they are there and end as a full segment does.
std::optional<std::string> whole_facts(const std::string& folder, std::uint32_t number) {
  auto bytes = read_file(folder + "/" + facts_name(number));
  if (!bytes) return std::nullopt;
  std::string end;
  append_frame(std::string(1, static_cast<char>(RecordType::next_segment)), end);
  if (!bytes->ends_with(end)) return std::nullopt;
  return std::move(*bytes);
}

Result<Manifest> manifest_of(const std::string& folder, std::string_view body) {
  Manifest m;
  ByteReader in{body.substr(1)};
  in(m.run, m.kind, m.program, m.binary_hash, m.config_hash, m.model_hash, m.seed, m.start.ns, m.config);
  in.finish();
  if (!in.ok()) return fail(folder + ": manifest: " + in.wrong());
  return m;
}

}  // namespace

Result<Manifest> read_manifest(const std::string& folder) {
  const auto head = read_segment_head(folder, 1, kHead);
  if (head && head->size() > kSegmentHeader && std::string_view{*head}.starts_with(kJournalMagic)) {
    const auto body = frame_body(std::string_view{*head}.substr(kSegmentHeader));
    if (body && body->front() == static_cast<char>(RecordType::manifest)) return manifest_of(folder, *body);
  }
  auto reader = JournalReader::open(folder);  // which says what is wrong
  if (!reader) return tl::unexpected(reader.error());
  return reader->manifest();
}

Result<JournalReader> JournalReader::open(const std::string& folder, bool facts_alone) {
  JournalReader reader{folder, facts_alone};
  if (!segment_there(folder, 1)) {
    return fail(folder + ": holds no journal (no " + segment_name(1) + ")");
  }
  if (auto ok = reader.load_segment(1); !ok) return tl::unexpected(ok.error());
  const auto body = reader.next_body();
  if (!body) return tl::unexpected(body.error());
  if (!*body || (*body)->empty() || (**body)[0] != static_cast<char>(RecordType::manifest)) {
    return fail(folder + ": has no manifest: the run ended before it began");
  }
  auto manifest = manifest_of(folder, **body);
  if (!manifest) return tl::unexpected(manifest.error());
  reader.manifest_ = std::move(*manifest);
  return reader;
}

std::string JournalReader::place() const {
  return folder_ + "/" + segment_name(segment_) + " byte " + std::to_string(record_at_);
}

Status JournalReader::damaged(const std::string& what) const {
  return fail(folder_ + "/" + segment_name(segment_) + " byte " + std::to_string(at_) + ": " + what);
}

Status JournalReader::load_segment(std::uint32_t number) {
  segment_ = number;
  at_ = 0;
  if (auto facts = facts_alone_ ? whole_facts(folder_, number) : std::nullopt) {
    bytes_ = std::move(*facts);
  } else {
    auto bytes = read_segment(folder_, number);
    if (!bytes) return tl::unexpected(bytes.error());
    bytes_ = std::move(*bytes);
  }
  if (bytes_.size() < kSegmentHeader) return {};  // torn: next_body() sees it
  if (std::string_view{bytes_}.substr(0, kJournalMagic.size()) != kJournalMagic) {
    return damaged("is no journal of voltage");
  }
  ByteReader head{std::string_view{bytes_}.substr(kJournalMagic.size(), 8)};
  std::uint32_t version = 0, told = 0;
  head(version, told);
  if (version != kJournalVersion) {
    return damaged("journal version " + std::to_string(version) + ", this program reads " +
                   std::to_string(kJournalVersion));
  }
  if (told != number) return damaged("says that it is segment " + std::to_string(told));
  at_ = kSegmentHeader;
  return {};
}

Result<std::optional<std::string_view>> JournalReader::next_body() {
  for (;;) {
    if (finished_) return std::nullopt;
    const std::string_view segment{bytes_};
    const auto body = at_ >= kSegmentHeader ? frame_body(segment.substr(at_)) : std::nullopt;
    if (body) {
      record_at_ = at_;
      at_ += kFrameHead + body->size();
      if (body->front() != static_cast<char>(RecordType::next_segment)) return body;
      if (segment_there(folder_, segment_ + 1)) {
        if (auto ok = load_segment(segment_ + 1); !ok) return tl::unexpected(ok.error());
        continue;
      }
      finished_ = true;  // ended between two segments
      return std::nullopt;
    }
    // No whole frame here: a torn tail, unless something good comes after it.
    for (std::size_t later = at_ + 1; later + kFrameHead < bytes_.size(); ++later) {
      if (frame_body(segment.substr(later)))
        return tl::unexpected(damaged("is damaged, and the journal goes on after it").error());
    }
    if (segment_there(folder_, segment_ + 1)) {
      return tl::unexpected(damaged("is damaged, and the journal goes on in the next segment").error());
    }
    finished_ = true;
    torn_ = bytes_.size() - at_;
  }
}

Result<std::optional<JournalRecord>> JournalReader::next() {
  const auto body = next_body();
  if (!body) return tl::unexpected(body.error());
  if (!*body) return std::nullopt;
  const auto type = static_cast<RecordType>((**body)[0]);
  ByteReader in{(*body)->substr(1, 16)};
  JournalRecord record{type, 0, {}, 0, {}};
  if (type == RecordType::event) {
    in(record.seq, record.at.ns);
    if (in.ok()) record.what = (*body)->substr(17);
  } else if (type == RecordType::effect) {
    in = ByteReader{(*body)->substr(1, 12)};
    in(record.seq, record.place);
    if (in.ok()) record.what = (*body)->substr(13);
  } else if (type == RecordType::end_of_run) {
    ended_ = true;
    finished_ = true;
    return std::nullopt;
  } else {
    return fail(place() + ": record type " + std::to_string(static_cast<int>(type)) + " is unknown here");
  }
  if (!in.ok()) return fail(place() + ": " + in.wrong());
  return record;
}

}  // namespace voltage::io
