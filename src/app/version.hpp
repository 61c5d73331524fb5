#pragma once
// What this program is: for manifests, for --version and for the one line that repeats a failure.

namespace voltage::app {

inline constexpr const char* kVersion = "0.1.0";
const char* commit();  // of the source it was built from, "-dirty" if changed since; or "unknown"

}  // namespace voltage::app
