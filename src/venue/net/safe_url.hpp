#pragma once
// Whether nobody on the way reads or changes what passes: encrypted, or it never leaves the machine.
#include "venue/net/client.hpp"

namespace voltage::venue::net {

bool on_this_machine(const Url& url);
bool safe(const Url& url);

}  // namespace voltage::venue::net
