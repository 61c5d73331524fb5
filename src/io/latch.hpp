#pragma once
// The kill switch as a file: there or not, and everything that trades reads it at its start and again while it
// runs. It is on the disk (file and folder synced) before pull() returns, outlives every restart, and depends
// on no journal and no replay. Only clear() takes it away, and that needs a reason; both are kept in a log
// beside it. A latch that is there but can't be read counts as pulled.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::io {

struct Pulled {
  std::string at;   // ISO 8601 UTC
  std::string by;   // "operator", "guard", "trader"
  std::string why;  // one line
};

class Latch {
 public:
  explicit Latch(std::string folder) : folder_{std::move(folder)} {}

  // The first reason stays: a second pull changes nothing and succeeds.
  [[nodiscard]] Status pull(Time at, std::string_view by, std::string_view why) const;
  std::optional<Pulled> pulled() const;
  // Fails if it is not pulled or the reason is empty.
  [[nodiscard]] Status clear(Time at, std::string_view why) const;
  std::string path() const { return folder_ + "/kill"; }

 private:
  Status note(const std::string& line) const;
  std::string folder_;
};

}  // namespace voltage::io
