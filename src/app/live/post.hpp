#pragma once
// A live process at its post: it beats from the loop that decides, so that a guard sees a loop that hangs, and it
// obeys the kill switch and the guard's silence. The kill switch is obeyed before anything is begun.
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "base/types.hpp"
#include "io/pulse.hpp"

namespace voltage::app::live {

class Post {
 public:
  // control: the folder that trader and guard share. Refused while the kill switch is pulled, and, where guarded,
  // without a guard that beats.
  static Result<Post> take(const std::string& control, bool guarded);

  // Beats, and looks at kill switch and guard ten times a second; why to stop, empty to go on.
  std::string keep(std::uint64_t progress);
  // Nothing rests any more: the silence that follows is no fault.
  void farewell() { pulse_.farewell(); }

 private:
  Post(std::string control, bool guarded, io::Pulse pulse)
      : control_{std::move(control)}, guarded_{guarded}, pulse_{std::move(pulse)} {}

  std::string control_;
  bool guarded_;
  io::Pulse pulse_;
  Duration looked_{};
};

}  // namespace voltage::app::live
