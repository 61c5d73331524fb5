#pragma once
// A run's journal when the run is over, sealed: its segments compressed (000001.journal.gz …) and seal.sha256 beside
// them, the checksums of what is inside, in the form of sha256sum. Readers take sealed segments like plain ones.
// Sealing that is cut off anywhere is taken up by the next call; a plain segment goes only when its compressed copy was
// read back and found equal.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace voltage::io {

struct SealedBytes {
  std::int64_t segments{0}, plain{0}, packed{0};
};

bool segment_there(const std::string& folder, std::uint32_t number);  // plain or sealed
Result<std::string> read_segment(const std::string& folder, std::uint32_t number);
// At most so many bytes of its beginning.
Result<std::string> read_segment_head(const std::string& folder, std::uint32_t number, std::size_t bytes);

bool is_sealed(const std::string& folder);
// Refuses a journal that can't be read to its end.
Result<SealedBytes> seal_journal(const std::string& folder);
// Every segment against its checksum; names the one that is wrong or missing.
Status verify_seal(const std::string& folder);

}  // namespace voltage::io
