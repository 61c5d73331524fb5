#pragma once
// Reads a run's journal back, record by record. A journal may end anywhere: the process was killed, the power
// went. What is whole is read, and torn() says how much of the tail was not. Damage before the tail (a bad
// frame with good ones after it, a missing segment) is an error that names file and byte: half a run never
// passes for a whole one.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/journal_format.hpp"

namespace voltage::io {

struct JournalRecord {
  RecordType type{};        // event or effect
  std::uint64_t seq{};      // of the event, or of the effect's cause
  Time at{};                // events only
  std::uint32_t place{};    // effects only
  std::string_view what{};  // as event/codec.hpp has it; valid until the next call
};

class JournalReader {
 public:
  // The folder of a run. facts_alone: full segments are read as their facts, where these are there and whole.
  static Result<JournalReader> open(const std::string& folder, bool facts_alone = false);

  const Manifest& manifest() const { return manifest_; }
  // Empty at the end.
  Result<std::optional<JournalRecord>> next();
  // After the end: whether the run said that it ended in order, and bytes at the end that are no record.
  bool ended_in_order() const { return ended_; }
  std::size_t torn_bytes() const { return torn_; }
  // Segment and byte of the record last returned.
  std::string place() const;

 private:
  JournalReader(std::string folder, bool facts_alone) : folder_{std::move(folder)}, facts_alone_{facts_alone} {}
  Status load_segment(std::uint32_t number);
  // The next whole body; empty at the end of the journal.
  Result<std::optional<std::string_view>> next_body();
  Status damaged(const std::string& what) const;

  std::string folder_;
  bool facts_alone_;
  Manifest manifest_;
  std::uint32_t segment_{0};
  std::string bytes_;
  std::size_t at_{0}, record_at_{0};
  bool ended_{false}, finished_{false};
  std::size_t torn_{0};
};

// What the run is, without reading more of it than that.
Result<Manifest> read_manifest(const std::string& folder);

}  // namespace voltage::io
