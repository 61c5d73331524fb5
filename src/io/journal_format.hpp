#pragma once
// The bytes of a journal; docs/JOURNAL.md is this in words. A run is a folder of segments 000001.journal,
// 000002.journal, …: a header, then records. Every record is framed by its length and the CRC-32C of its
// body, so that a torn or damaged one is seen. The last record of a segment says whether another follows.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace voltage::io {

inline constexpr std::string_view kJournalMagic{"voltage\n"};
inline constexpr std::uint32_t kJournalVersion = 1;
inline constexpr std::size_t kSegmentHeader = 16;  // magic, version, number of the segment
inline constexpr std::size_t kFrameHead = 8;       // length of the body, its CRC
inline constexpr std::uint32_t kBodyMax = 64U << 20;

// The first byte of a body.
enum class RecordType : std::uint8_t {
  manifest = 1,      // of the run; the first record of the first segment, and there alone
  event = 2,         // seq, at, then event/codec.hpp
  effect = 3,        // seq of its cause, its place among the effects of that cause, then event/codec.hpp
  next_segment = 4,  // the run goes on in the next file
  end_of_run = 5,    // ended in order; counts of events and effects
};

// What a run is: enough to run it again. `config` is what the core was made from, opaque here.
struct Manifest {
  std::string run;   // the name of its folder
  std::string kind;  // demo, backtest, paper, live
  std::string program;
  std::string binary_hash, config_hash, model_hash;
  std::uint64_t seed{};
  Time start{};
  std::string config;
};

std::string segment_name(std::uint32_t number);
// Beside a segment that is full: its facts alone (the manifest, the first event, fills, settlements, what a person
// said), as a segment of the same form. A restart reads megabytes less; whoever wants all reads the segments.
std::string facts_name(std::uint32_t number);
// One body in its frame.
void append_frame(std::string_view body, std::string& out);
// The body of the frame that `bytes` begin with; empty: no whole and undamaged one is there.
std::optional<std::string_view> frame_body(std::string_view bytes);
std::string segment_header(std::uint32_t number);
std::string manifest_body(const Manifest& manifest);
// For people: everything but `config`.
std::string manifest_json(const Manifest& manifest);

}  // namespace voltage::io
