#pragma once
// The pulse of a process as another one sees it: a page of shared memory that holds who beats, when it last
// did and how far it has come. Beat from the loop that decides, never from a thread of its own: a loop that
// hangs, is stopped or is dead must be seen to be so. Times are CLOCK_BOOTTIME: no clock set by anybody, the
// same for all processes, going on while the machine sleeps. One writer a path; a new one replaces the old.
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::io {

// Nanoseconds since the machine started.
Duration machine_time();

class Pulse {
 public:
  // Fails if the file cannot be made or belongs to somebody else.
  static Result<Pulse> create(const std::string& path);
  Pulse(Pulse&& other) noexcept;
  Pulse& operator=(Pulse&&) = delete;
  ~Pulse();  // leaves the last beat where it is: an end without farewell() looks like a death, because it is one

  // `progress`: anything that grows with the work done, for whoever looks.
  void beat(std::uint64_t progress);
  // The process ends of its own will, with nothing left behind.
  void farewell();

  struct Page;

 private:
  explicit Pulse(Page* page) : page_{page} {}
  Page* page_;
};

struct PulseSeen {
  std::int64_t pid{};
  std::uint64_t beats{}, progress{};
  Duration at{};  // machine_time() of the last beat; later than now: of another boot
  bool farewell{false};
};

// Empty if nobody has ever beaten there. Fails on a file that is none of ours.
Result<std::optional<PulseSeen>> read_pulse(const std::string& path);

// In memory, never on a disk that can stall; one for each control folder and user.
std::string pulse_path(const std::string& control_folder, const std::string& who);

}  // namespace voltage::io
