#pragma once
// Tells systemd how we are (sd_notify's protocol: a datagram to $NOTIFY_SOCKET). Without one nothing happens.
#include <string_view>

namespace voltage::app::watch {

void tell_systemd(std::string_view state);  // "READY=1", "WATCHDOG=1", "STOPPING=1"

}  // namespace voltage::app::watch
