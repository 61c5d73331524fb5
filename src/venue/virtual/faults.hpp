#pragma once
// Faults by a script, so that a client's behaviour under each can be shown. One fault a line:
//
//   <kind> [every=N] [after=N] [times=N] [of=TEXT] [for=DURATION] [field=NAME]
//
// counted over what the kind looks at: REST requests or WebSocket frames that contain TEXT. `after` skips
// the first N, then every N-th is hit, `times` times in all (default: always). Kinds:
//   rest: cut_before, cut_after (accepted, then the connection is cut), delay, error_401, error_409,
//         error_410, error_429, error_500, error_503
//   ws:   drop, duplicate, reorder (with the next frame), hold (delayed), silence (the connection stays open
//         and says nothing more), cut, rename (TEXT's first letter changes), retype (TEXT becomes a number)
//   both: field_rename, field_retype, field_drop (the field NAME of frames and answers that hold TEXT;
//         src/venue/virtual/reshape.hpp)
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::venue::virtual_kalshi {

enum class FaultKind : std::uint8_t {
  cut_before,
  cut_after,
  delay,
  error_401,
  error_409,
  error_410,
  error_429,
  error_500,
  error_503,
  drop,
  duplicate,
  reorder,
  hold,
  silence,
  cut,
  rename,
  retype,
  field_rename,
  field_retype,
  field_drop,
};
const char* name(FaultKind kind);
bool is_rest(FaultKind kind);

struct Fault {
  FaultKind kind{};
  std::int64_t every{1}, after{0}, times{-1};
  std::string of, field;
  Duration length{};
};

class FaultScript {
 public:
  static Result<FaultScript> parse(std::string_view text);

  // The fault that hits this request ("POST /trade-api/…"), if any. Counts.
  std::optional<Fault> on_request(std::string_view line);
  std::optional<Fault> on_frame(std::string_view text);
  // Changes the fields of a frame or an answer that the script says. Counts what has the field.
  void reshape(std::string& text);
  bool empty() const { return faults_.empty(); }

 private:
  std::optional<Fault> hit(bool rest, std::string_view text);
  struct Counted {
    Fault fault;
    std::int64_t seen{0}, done{0};
  };
  std::vector<Counted> faults_;
};

// The answer of an error fault.
int status_of(FaultKind kind);

}  // namespace voltage::venue::virtual_kalshi
