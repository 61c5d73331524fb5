#pragma once
// Where bundles live for those who trade with them:
//
//   DIR/bundles/<hash>/   bundles, never changed; the name is the hash of what they are
//   DIR/current           a link to the one in use, swapped atomically
//   DIR/history.jsonl     what was promoted, refused and rolled back, when and why; only ever appended to
//
// A reader (load_bundle on DIR) resolves the link once, so a swap can't mix two bundles. Writers take a lock; a crash
// at any moment leaves the old bundle or the new one in use, never none.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::model {

enum class StoreAction : std::uint8_t { promoted, refused, rolled_back };
const char* name(StoreAction action);

struct StoreEntry {
  Time at{};
  StoreAction action{};
  std::string hash;    // of the bundle that the entry is about; rolled_back: the one that is in use again
  std::string before;  // what was in use before; empty: none
  std::string why;
};

class BundleStore {
 public:
  // Makes the folders that are missing. Refuses a folder that holds something else.
  static Result<BundleStore> open(const std::string& directory);

  // Copies the bundle at `bundle` in, whole and checked; the value is its hash. One that is there stays as it is.
  Result<std::string> add(const std::string& bundle);
  // Hashes of all bundles, sorted.
  std::vector<std::string> list() const;
  // Empty: none is in use.
  std::string current() const;
  std::string path_of(const std::string& hash) const { return directory_ + "/bundles/" + hash; }
  // The bundle whose hash begins with `prefix`; fails if there is none or more than one.
  Result<std::string> find(const std::string& prefix) const;

  Status promote(const std::string& hash, Time at, const std::string& why);
  Status refuse(const std::string& hash, Time at, const std::string& why);
  // Back to the bundle that was in use before the current one was promoted; again: one further back.
  Result<std::string> roll_back(Time at, const std::string& why);
  Result<std::vector<StoreEntry>> history() const;

 private:
  explicit BundleStore(std::string directory) : directory_{std::move(directory)} {}
  Status point_at(const std::string& hash);
  Status write_entry(const StoreEntry& entry);

  std::string directory_;
};

}  // namespace voltage::model
