#pragma once
// One writer for a folder on this machine: held until the object or the process goes, however it goes. A second
// program that asks is refused, and told who holds it.
#include <string>

#include "base/result.hpp"

namespace voltage::io {

class FolderLock {
 public:
  // Makes the folder if it is not there.
  static Result<FolderLock> take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_{fd} {}
  int fd_;
};

}  // namespace voltage::io
