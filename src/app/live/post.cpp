#include "app/live/post.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "io/latch.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;

constexpr Duration kLook = 100_ms;
constexpr Duration kGuardSilence = 10_s;

bool guard_beats(const std::string& control) {
  const auto seen = io::read_pulse(io::pulse_path(control, "guard"));
  return seen && *seen && !(*seen)->farewell && (*seen)->at <= io::machine_time() &&
         io::machine_time() - (*seen)->at < kGuardSilence;
}

}  // namespace

Result<Post> Post::take(const std::string& control, bool guarded) {
  std::error_code ec;
  std::filesystem::create_directories(control, ec);
  if (ec) return fail(control + ": cannot be made: " + ec.message());
  if (const auto pulled = io::Latch{control}.pulled()) {
    return fail(fmt::format("the kill switch was pulled by {} ({}): {}; voltage kill --clear --reason … takes it back",
                            pulled->by, pulled->at, pulled->why));
  }
  if (guarded && !guard_beats(control))
    return fail("the configuration has a [guard], and none is running: start voltage guard first");
  auto pulse = io::Pulse::create(io::pulse_path(control, "trader"));
  if (!pulse) return fail(pulse.error().message);
  return Post{control, guarded, std::move(*pulse)};
}

std::string Post::keep(std::uint64_t progress) {
  pulse_.beat(progress);
  if (io::machine_time() - looked_ < kLook) return {};
  looked_ = io::machine_time();
  if (const auto pulled = io::Latch{control_}.pulled()) return "kill switch: " + pulled->why;
  if (guarded_ && !guard_beats(control_)) return "the guard fell silent";
  return {};
}

}  // namespace voltage::app::live
