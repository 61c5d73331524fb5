#pragma once
// What a journal asks of a disk: files that grow and are synced. The one for tests runs out of space, stalls
// and loses what was not synced; the one for use is a folder.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace voltage::io {

class JournalFile {
 public:
  virtual ~JournalFile() = default;
  // Appends; `written` says how much got in, also when the disk then refused the rest.
  virtual Status append(std::string_view bytes, std::size_t& written) = 0;
  // Returns when what was appended survives a power cut.
  virtual Status sync() = 0;
};

class JournalDisk {
 public:
  virtual ~JournalDisk() = default;
  virtual Result<std::unique_ptr<JournalFile>> create(const std::string& name) = 0;
};

// A folder, made if it is not there. Refuses one that already holds a journal.
Result<std::unique_ptr<JournalDisk>> open_journal_folder(const std::string& folder);

}  // namespace voltage::io
